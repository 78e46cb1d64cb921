/** What the made-up cluster says of itself. See fixture-data.ts. */
import type { Says, Verdict } from '../../src/api/schemas.ts';

/** Speakers believe in what they should do; worker-3 announces less than it says, worker-6 has no status objects. */
export function saysOf({ node, bgpPeer, expected, received }: Verdict): Says | null {
  if (node === null || node === 'worker-6') return null;
  const believes = expected !== null && received === null && node === 'worker-3';
  const announced = expected !== null && node !== 'worker-5';
  return {
    announced,
    text: announced
      ? `A ServiceBGPStatus of ${node} names ${bgpPeer} among the peers that it is announced to.`
      : `No ServiceBGPStatus of ${node} names ${bgpPeer}.`,
    configuration: node === 'worker-4' ? 'invalid' : 'valid',
    configurationText: node === 'worker-4' ? 'community “no-such-alias” is not defined' : null,
    session: node === 'worker-5' ? 'Active' : 'Established',
    objects: [{ kind: 'ServiceBGPStatus', namespace: 'metallb-system', name: `bgp-${node}` }],
    reasonCode: believes ? 'believed-announced' : null,
    reasonText: believes ? 'The cluster believes that it announces this, and nothing arrives.' : null,
  };
}

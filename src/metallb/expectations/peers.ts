/** Which peers: one session for each BGPPeer on each node that it selects. */
import { canonicalAddress, type Family } from '../../ip.ts';
import type { BGPPeer, Node } from '../objects/resources.ts';
import { selects } from '../relations/selectors.ts';
import type { ExpectedSession, ExpectOptions } from '../types.ts';
import { rulesOf } from '../versions.ts';

/** The sessions of one node, in the order of the BGPPeers. */
export function sessionsOf(node: Node, peers: readonly BGPPeer[], options: ExpectOptions): ExpectedSession[] {
  if (options.mode === 'frr-k8s' && hostnameMismatch(node)) return [];
  return peers
    .filter((peer) => selects(peer.spec.nodeSelectors, node.labels))
    .map((peer) => sessionOf(node.ref.name, peer, options));
}

/**
 * In frr-k8s mode the speaker's FRRConfiguration selects `kubernetes.io/hostname: <node name>`, so where the label is
 * something else no FRR takes it. (A Node written without the label stands for a real one that has it.)
 */
export function hostnameMismatch(node: Node): boolean {
  const label = node.labels['kubernetes.io/hostname'];
  return label !== undefined && label !== node.ref.name;
}

function sessionOf(node: string, { ref, spec }: BGPPeer, options: ExpectOptions): ExpectedSession {
  const { mode } = options;
  // frr-k8s does not pass localASN and sourceAddress on
  const myASN = (mode === 'frr' ? spec.localASN : undefined) ?? spec.myASN;
  const peerASN = spec.dynamicASN ?? spec.peerASN;
  const session: ExpectedSession = {
    node,
    bgpPeer: ref.name,
    myASN,
    peerASN,
    peerPort: spec.peerPort,
    families: familiesOf(spec, options),
    ibgp: peerASN === 'internal' || peerASN === myASN,
  };
  const peerAddress = canonicalAddress(spec.peerAddress);
  if (peerAddress !== undefined) session.peerAddress = peerAddress;
  if (spec.interface !== '') session.interface = spec.interface;
  if (spec.vrf !== '') session.vrf = spec.vrf;
  if (mode !== 'frr-k8s' && spec.sourceAddress)
    session.sourceAddress = canonicalAddress(spec.sourceAddress) ?? spec.sourceAddress;
  return session;
}

/** The family of the session's own addresses; both on unnumbered and dual-stack peers, and up to 0.14; IPv4 alone in native mode. */
export function familiesOf(spec: BGPPeer['spec'], { mode, version }: ExpectOptions): Family[] {
  if (mode === 'native') return [4];
  if (!rulesOf(version).familyOfAddresses && !spec.disableMP) return [4, 6];
  if (spec.interface !== '' || spec.dualStackAddressFamily) return [4, 6];
  return [spec.peerAddress.includes(':') ? 6 : 4];
}

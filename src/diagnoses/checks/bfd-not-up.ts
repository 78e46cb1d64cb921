/** BFD of a BGPPeer that is not in force (MetalLB issue 2904). */
import type { Check, Facts, Finds } from '../types.ts';

/** BFD that a BGPPeer asks for and that frr-k8s reports not to be up, on sessions that are. */
export const bfdNotUp: Check = {
  code: 'bfd-not-up',
  severity: 'warning',
  title: 'BFD is not up',
  looksFor: 'BGPSessionState objects without BFD where the BGPPeer has a bfdProfile.',
  ofObjects: true,
  find,
};

function* find({ cluster, own }: Facts): Finds {
  if (!cluster) return;
  for (const { ref, spec } of cluster.resources.BGPSessionState.values()) {
    yield;
    const { node, peer: address, bgpStatus, bfdStatus } = spec;
    if (bgpStatus.toLowerCase() !== 'established' || bfdStatus === '' || bfdStatus.toLowerCase() === 'up') continue;
    const session = (cluster.sessionsByNode.get(node) ?? []).find(({ peerAddress }) => peerAddress === address);
    const peer = session && cluster.peer(session.bgpPeer);
    if (!peer?.spec.bfdProfile) continue;
    const isOurs = own.interfaces.some((one) => one.address === address);
    yield {
      ...(isOurs && { severity: 'info' as const }),
      node,
      bgpPeer: peer.ref.name,
      text:
        `BGPPeer ${peer.ref.name} has the bfdProfile ${peer.spec.bfdProfile}, and BGPSessionState ` +
        `${ref.name} says that BFD between ${node} and ${address} is ${bfdStatus}: ` +
        'only the hold timer detects a failure of the path.',
      hint: isOurs
        ? 'Peerglass does not support BFD; a BFD session that never came up does no harm. To clear this ' +
          'diagnosis, remove the bfdProfile from this BGPPeer.'
        : 'Check that the router has BFD for this neighbor, and that UDP port 3784 (4784 ' +
          'with ebgpMultiHop) is open.',
      objects: [ref, peer.ref],
    };
  }
}

/** eBGP sessions from another subnet that never come up (MetalLB issue 1980). */
import { contains, parsePrefix } from '../../ip.ts';
import { count, names } from '../../metallb/problems/words.ts';
import type { Check, Facts, Finds } from '../types.ts';

/** FRR sends with TTL 1 to an external peer unless told otherwise; native speakers leave the TTL alone. */
export const multihopNeeded: Check = {
  code: 'multihop-needed',
  severity: 'critical',
  title: 'ebgpMultiHop is missing',
  looksFor: 'external peers without ebgpMultiHop at an address of ours in another subnet than the node.',
  find,
};

function* find({ cluster, rib, own, options }: Facts): Finds {
  if (!cluster || options.mode === 'native') return;
  const seen = new Set<string>();
  for (const { node, bgpPeer, state, establishedAt } of rib.neighbors.values())
    if (node !== null && (state === 'established' || establishedAt !== null)) seen.add(`${node}\n${bgpPeer}`);
  for (const [bgpPeer, sessions] of cluster.sessionsByPeer) {
    yield;
    const peer = cluster.peer(bgpPeer);
    const address = sessions[0]?.peerAddress;
    if (!peer || peer.spec.ebgpMultiHop || address === undefined || sessions[0]!.ibgp) continue;
    const subnets = own.interfaces.filter((one) => one.address === address).map(({ subnet }) => parsePrefix(subnet)!);
    // not our address as far as can be seen: translated, or another router's
    if (subnets.length === 0) continue;
    const far = sessions
      .map(({ node }) => node)
      .filter(
        (node) => !seen.has(`${node}\n${bgpPeer}`) && isFar(cluster.table.nodes.get(node)?.addresses ?? [], subnets),
      );
    if (far.length === 0) continue;
    yield {
      bgpPeer,
      text:
        `BGPPeer ${bgpPeer} is an external peer at ${address} without ebgpMultiHop, and ` +
        `${count(far.length, 'node')} (${names(far)}) ` +
        `${far.length === 1 ? 'is' : 'are'} in another subnet than that address: FRR sends with TTL 1, so no ` +
        'session was ever seen from there.',
      hint: `Set spec.ebgpMultiHop: true in BGPPeer ${bgpPeer}.`,
      objects: [peer.ref],
    };
  }
}

/** Has the node addresses of the family, and none of them in one of the subnets? */
function isFar(
  addresses: readonly string[],
  subnets: readonly { family: 4 | 6; bytes: Uint8Array; length: number }[],
): boolean {
  const family = subnets[0]!.family;
  const hosts = addresses.flatMap((text) => parsePrefix(text) ?? []).filter((host) => host.family === family);
  return hosts.length > 0 && !hosts.some((host) => subnets.some((subnet) => contains(subnet, host)));
}

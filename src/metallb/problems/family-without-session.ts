/** Addresses of a family that no session carries (MetalLB issues 2858, 1736 and 1402). */

import { familiesWithoutSession } from '../lint/families-without-session.ts';
import type { BGPAdvertisement } from '../objects/resources.ts';
import { takesPeer } from '../relations/relations.ts';
import type { Cluster } from './cluster.ts';
import { problemsOf } from './from-lint.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { count, names } from './words.ts';

/** Pools whose addresses of one family are in use, but do not get through to any peer, or not from every node. */
export const familyWithoutSession: ObjectRule = {
  code: 'family-without-session',
  severity: 'warning',
  title: 'No session carries the address family',
  looksFor: 'pools in use whose IPv4 or IPv6 addresses no session of their advertisements carries.',
  find: (cluster) =>
    cluster.nodes.size > 0 && cluster.resources.Service.size > 0
      ? detailed(cluster)
      : problemsOf(cluster, familiesWithoutSession, 'Add a BGPPeer of that family.'),
};

/** With nodes (and Services) it is known what is affected. */
function* detailed(cluster: Cluster): ObjectProblems {
  const { options } = cluster.table;
  const users = yield* cluster.usersOfPools();
  const reached = new Map<BGPAdvertisement, Reach>();
  for (const pool of cluster.accepted.pools)
    for (const family of pool.families) {
      if (family === 6 && options.mode === 'native') continue; // what ipv6-in-native-mode is about
      yield;
      const using = users.get(pool)?.[family] ?? [];
      const by = cluster.accepted.advertisementsOf(pool);
      if (using.length === 0 || by.length === 0) continue;
      // one advertisement may be for the IPv4 peers and another for the IPv6 peers: what counts is all of them together
      const families = new Map<string, Set<number>>();
      for (const advertisement of by) {
        yield;
        let reach = reached.get(advertisement);
        if (!reach) reached.set(advertisement, (reach = reachOf(cluster, advertisement)));
        for (const [node, own] of reach) families.set(node, new Set([...(families.get(node) ?? []), ...own]));
      }
      const without = [...families].filter(([, own]) => !own.has(family)).map(([node]) => node);
      if (without.length === 0) continue;
      const isMute = without.length === families.size;
      const peers = without.flatMap((node) => cluster.sessionsByNode.get(node)!.map(({ bgpPeer }) => bgpPeer));
      yield {
        ...(isMute && { severity: 'critical' as const }),
        text:
          `${count(using.length, 'service')} (${names(using, 3)}) ${using.length === 1 ? 'has' : 'have'} ` +
          `IPv${family} of IPAddressPool ${pool.object.ref.name}, ` +
          `but ${isMute ? 'no session' : `on ${names(without)} no session`} of its BGPAdvertisements ` +
          `(${names(by.map(({ ref }) => ref.name))}) carries IPv${family} routes ` +
          `(BGPPeer ${names(peers)}), so they are not announced${isMute ? '' : ' from there'}.`,
        hint:
          'Set spec.dualStackAddressFamily: true in the BGPPeer (FRR modes, from 0.15 on), or add a BGPPeer ' +
          `with an IPv${family} peerAddress.`,
        objects: [pool.object.ref, ...by.slice(0, 5).map(({ ref }) => ref)],
        about: `IPv${family}`,
      };
    }
}

/** Node → families that its sessions carry. */
type Reach = ReadonlyMap<string, ReadonlySet<number>>;

/** Nodes of the advertisement that have sessions with its peers. */
function reachOf(cluster: Cluster, advertisement: BGPAdvertisement): Reach {
  const own = cluster.selectedBy(advertisement);
  const reach = new Map<string, Set<number>>();
  for (const session of cluster.table.sessions) {
    if (!own.has(session.node) || cluster.nodes.isHeldBack(session.node)) continue;
    if (!takesPeer(advertisement, session.bgpPeer)) continue;
    const known = reach.get(session.node) ?? new Set();
    for (const family of session.families) known.add(family);
    reach.set(session.node, known);
  }
  return reach;
}

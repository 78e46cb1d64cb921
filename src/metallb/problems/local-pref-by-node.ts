/** Advertisements that give one prefix another localPref on other nodes (MetalLB issues 2345 and 1739). */
import type { BGPAdvertisement } from '../objects/resources.ts';
import { rulesOf } from '../versions.ts';
import { isPerService, pairsOf } from './advertisement-pairs.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { names } from './words.ts';

/** Each node is right by itself, but routers of the same AS use the highest value only. */
export const localPrefByNode: ObjectRule = {
  code: 'local-pref-by-node',
  severity: 'info',
  title: 'LOCAL_PREF differs by node',
  looksFor: 'BGPAdvertisements with different localPref for the same prefixes on different nodes, over iBGP.',
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  const { options } = cluster.table;
  const internal = new Set(cluster.table.sessions.filter(({ ibgp }) => ibgp).map(({ node }) => node));
  if (internal.size === 0) return;
  // native speakers send what is set, 0 included; FRR sends 100 where nothing is set
  const onTheWire = ({ spec }: BGPAdvertisement): number =>
    spec.localPref === 0 && options.mode !== 'native' ? 100 : spec.localPref;
  for (const pair of pairsOf(cluster.accepted, rulesOf(cluster.table.options.version))) {
    yield;
    if (!pair || isPerService(pair)) continue;
    const { earlier, later, pool } = pair;
    if (onTheWire(earlier) === onTheWire(later) || cluster.sharedBy(earlier, later).length > 0) continue;
    const of = (one: BGPAdvertisement): string[] => [...cluster.selectedBy(one)].filter((name) => internal.has(name));
    const [low, high] = onTheWire(earlier) < onTheWire(later) ? [earlier, later] : [later, earlier];
    if (of(low).length === 0 || of(high).length === 0) continue;
    yield {
      text:
        `Prefixes of IPAddressPool ${pool.object.ref.name} come with LOCAL_PREF ${onTheWire(low)} from ` +
        `${names(of(low))} ` +
        `(BGPAdvertisement ${low.ref.name}) and with ${onTheWire(high)} from ${names(of(high))} (${high.ref.name}): ` +
        `routers of the same AS send all traffic to the latter while they are up.`,
      hint:
        'This is right for a primary and a backup. To spread the traffic over all nodes, give both the same ' +
        'spec.localPref.',
      objects: [earlier.ref, later.ref, pool.object.ref],
    };
  }
}

/** What frr-k8s refuses to merge: a speaker's FRRConfiguration, and those of others for the same node. */
import { problem } from '../codes.ts';
import { localPrefsOf } from '../expectations/service-index.ts';
import type { Standing } from '../expectations/state.ts';
import type { BGPPeer, FRRConfiguration } from '../objects/resources.ts';
import { refusal } from '../refusals.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import type { ExpectedSession, Refusal } from '../types.ts';
import { type Conflicts, maxNamed, stuck } from './conflicts.ts';
import { type ForeignConfigurations, isNeighborOf, neighborName } from './foreign.ts';
import { claimOfNeighbor, claimOfPeer, neighborClash, routerClaim, routerClash } from './merge-rules.ts';

interface Clash {
  readonly object: FRRConfiguration;
  readonly error: string;
}

/** One router or neighbor of which two want different things, or two localPref of one prefix towards one neighbor; nodes that share a conflict share its refusal. */
export function foreignConflicts(
  foreign: ForeignConfigurations,
  standing: ReadonlyMap<string, Standing>,
  sessions: ReadonlyMap<string, readonly ExpectedSession[]>,
  nodes: ClusterNodes,
): Conflicts {
  const found = new Map<string, { clash: Clash; nodes: string[] }>();
  const refused = new Map<string, string>();
  for (const [node, own] of standing) {
    if (foreign.on(node).length === 0) continue;
    for (const session of sessions.get(node) ?? [])
      for (const clash of clashesOf(session, own, foreign, nodes.numberOf(node))) {
        const key = `${clash.object.key} ${clash.error}`;
        const known = found.get(key);
        if (!known) found.set(key, { clash, nodes: [node] });
        else if (known.nodes.at(-1) !== node) known.nodes.push(node);
        if (!refused.has(node)) refused.set(node, clash.error);
      }
  }
  const refusals = [...found.values()]
    .slice(0, maxNamed)
    .map(
      ({ clash: { object, error }, nodes: names }): Refusal =>
        refusal('runtime', object.ref, problem('frr-configuration-conflict', error), stuck, names),
    );
  return { refusals, nodes: refused };
}

function* clashesOf(
  session: ExpectedSession,
  { inForce, index, gates }: Standing,
  foreign: ForeignConfigurations,
  number: number,
): Generator<Clash> {
  const peer = inForce.plan.relations.configuration.peers.get(session.bgpPeer);
  if (peer) yield* mergeClashes(session, peer, foreign.on(session.node));
  for (const prefix of foreign.prefixesWithLocalPref) {
    const additions = foreign.additionsTo(session, prefix);
    const set = additions.filter(({ localPrefs }) => localPrefs.length > 0);
    if (set.length === 0) continue;
    const passing = (index.prefixes.get(prefix)?.all ?? []).filter((one) => gates.passes(one, number, session));
    const values = new Set([...localPrefsOf(passing), ...set.flatMap(({ localPrefs }) => localPrefs)]);
    if (values.size > 1)
      yield {
        object: set.at(-1)!.object,
        error: `prefix ${prefix} is configured with both local preference ${[...values].sort((a, b) => a - b).join(' and ')}`,
      };
  }
}

/** The speaker's configuration comes first; the object that does not go with those before it is to blame. */
function* mergeClashes(session: ExpectedSession, peer: BGPPeer, others: readonly FRRConfiguration[]): Generator<Clash> {
  const own = session.vrf ?? '';
  const routers = [routerClaim(session.myASN, peer.spec.routerID)];
  const neighbors = [claimOfPeer(peer)];
  for (const object of others)
    for (const { asn, id, vrf, neighbors: theirs } of object.spec.bgp.routers) {
      if (vrf !== own) continue;
      const router = routerClaim(asn, id);
      const error = firstOf(routers, (one) => routerClash(one, router, vrf));
      if (error) yield { object, error };
      routers.push(router);
      for (const neighbor of theirs) {
        const name = neighborName(neighbor);
        if (!isNeighborOf(session, name, vrf)) continue;
        const claim = claimOfNeighbor(neighbor);
        const error = firstOf(neighbors, (one) => neighborClash(one, claim, name));
        if (error) yield { object, error };
        neighbors.push(claim);
      }
    }
}

function firstOf<T>(items: readonly T[], of: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

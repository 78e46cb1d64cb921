/** What speakers object to. A speaker takes a configuration whole or not at all, and goes on with its last one then. */

import { problem } from '../codes.ts';
import { aliasesOf } from '../objects/communities.ts';
import type { BGPAdvertisement, ConfigMap } from '../objects/resources.ts';
import { clip, keepsLast, maxErrorLength, refusal } from '../refusals.ts';
import { type Bits, intersection, isEmpty } from '../relations/bits.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import { findOverlap } from '../relations/pools.ts';
import type { Relations } from '../relations/relations.ts';
import { advertisementProblem, l2AdvertisementProblem, poolObjections } from '../rules/advertisement.ts';
import { communityProblem } from '../rules/community.ts';
import { extrasProblem, failsAtApplying } from '../rules/extras.ts';
import type { Objection } from '../rules/objection.ts';
import { bfdProblem, peerProblem, peersProblem } from '../rules/peer.ts';
import { nodeAddressProblem, poolProblem } from '../rules/pool.ts';
import { type Secrets, secretProblem } from '../rules/secret.ts';
import type { ExpectOptions, Refusal } from '../types.ts';
import { rulesOf } from '../versions.ts';
import type { Plan } from './plan.ts';

/** Advertisements that only fail when their routes are handed to a session. */
export function runtimeRefusals(plan: Plan, nodes: ClusterNodes): Refusal[] {
  return plan.advertisements.flatMap(({ object, unpublishable }) => {
    if (unpublishable === undefined) return [];
    const effect =
      'the routes are not published, and on the sessions concerned nothing else is either until this is fixed';
    return [
      refusal(
        'runtime',
        object.ref,
        problem('too-many-communities', unpublishable),
        effect,
        nodes.namesOf(nodes.selectedBy(object)),
      ),
    ];
  });
}

/** What speakers read beside MetalLB's own objects. */
export interface Beside {
  readonly secrets: Secrets;
  /** ConfigMap bgpextras, if there is anything in it. */
  readonly extras: ConfigMap | undefined;
}

/** What the speakers object to, each with the nodes that come across it. */
export function speakerRefusals(
  relations: Relations,
  beside: Beside,
  nodes: ClusterNodes,
  options: ExpectOptions,
): { refusals: Refusal[]; stale: { nodes: Bits; error: string }[] } {
  const refusals: Refusal[] = [];
  const stale: { nodes: Bits; error: string }[] = [];
  const { parsesOwnNodeOnly } = rulesOf(options.version);
  for (const { object, problem: raised, involved, effect } of objections(relations, beside, nodes, options)) {
    const parsedBy = parsesOwnNodeOnly ? involved : [];
    const concerned = parsedBy.reduce((bits, part) => intersection(bits, nodes.selectedBy(part)), nodes.all);
    if (nodes.size > 0 && isEmpty(concerned)) continue;
    refusals.push(refusal('config', object.ref, raised, effect ?? keepsLast, nodes.namesOf(concerned)));
    stale.push({
      nodes: concerned,
      error: clip(`${object.ref.kind}/${object.ref.name}: ${raised.error}`, maxErrorLength),
    });
  }
  return { refusals, stale };
}

function* objections(
  relations: Relations,
  { secrets, extras }: Beside,
  nodes: ClusterNodes,
  options: ExpectOptions,
): Generator<Objection> {
  const { mode } = options;
  const { configuration, peers } = relations;
  const passwordsPassThrough = mode === 'frr-k8s' && options.frrk8sSecretPassthrough === true;
  const { bfdProfiles } = configuration;
  for (const profile of bfdProfiles.values())
    if (mode === 'native')
      yield {
        object: profile,
        problem: problem('not-in-native-mode', 'native BGP mode does not support BFD profiles'),
        involved: [],
      };

  for (const [i, peer] of peers.entries()) {
    const own =
      peerProblem(peer, mode, 'config') ??
      bfdProblem(peer, bfdProfiles) ??
      (passwordsPassThrough ? undefined : secretProblem(peer, secrets));
    if (own) yield { object: peer, problem: own, involved: [peer] };
    for (const other of peers.slice(0, i)) {
      const clash = peersProblem(other, peer, nodes, options);
      if (clash) yield { object: peer, problem: clash, involved: [other, peer] };
    }
  }

  const { pools, advertisements } = relations;
  for (const pool of configuration.pools.values()) {
    const own = poolProblem(pool);
    if (own) yield { object: pool, problem: own, involved: [] };
  }
  const overlap = findOverlap(pools);
  if (overlap) yield { object: overlap.pool, problem: problem('overlapping-pools', overlap.error), involved: [] };
  if (rulesOf(options.version).poolsSpareNodes)
    for (const pool of pools) {
      const own = nodeAddressProblem(pool, nodes.objects.values());
      if (own) yield { object: pool.object, problem: own, involved: [] };
    }

  const communities = [...configuration.communities.values()];
  const owners = new Map<string, string>();
  for (const object of communities) {
    const own = communityProblem(object, owners, mode);
    if (own) yield { object, problem: own, involved: [] };
    for (const { name } of object.spec.communities) owners.set(name, object.ref.name);
  }
  for (const object of configuration.l2Advertisements.values()) {
    const own = l2AdvertisementProblem(object);
    if (own) yield { object, problem: own, involved: [] };
  }

  const aliases = aliasesOf(communities);
  for (const [i, object] of advertisements.entries()) {
    const own = advertisementProblem(object, mode, 'config', aliases);
    if (own) yield { object, problem: own, involved: [object] };
    for (const objection of poolObjections(
      object,
      advertisements.slice(0, i),
      pools,
      nodes,
      mode,
      rulesOf(options.version),
    ))
      yield { object, problem: objection.problem, involved: objection.with ? [objection.with, object] : [object] };
    yield* echoObjections(object, relations);
  }

  const unusable = extras && extrasProblem(mode);
  if (unusable) yield { object: extras, problem: unusable, involved: [], effect: failsAtApplying };
}

/** IPv6 routes to a peer whose BFD profile has echo mode: FRR cannot do that. */
function* echoObjections(object: BGPAdvertisement, relations: Relations): Generator<Objection> {
  const { bfdProfiles } = relations.configuration;
  const pool = relations.poolsOf(object).find(({ families }) => families.has(6));
  if (!pool) return;
  for (const peer of relations.peersOf(object)) {
    if (!bfdProfiles.get(peer.spec.bfdProfile ?? '')?.spec.echoMode) continue;
    const error = `pool "${pool.object.ref.name}" has IPv6 addresses and bgpadvertisement "${object.ref.name}" sends them to peer "${peer.ref.name}" which has bfd echo enabled, which is not possible`;
    yield { object, problem: problem('bfd-echo-with-ipv6', error), involved: [object, peer] };
  }
}

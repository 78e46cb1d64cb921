/**
 * What the API server accepts. Objects, and all versions of one, are applied in the order in which they were given. The
 * webhook of a kind checks each against the objects accepted before it (only that slice of the cluster: see rules/ for
 * the blind spots). A rejected version leaves the accepted one in effect.
 */

import { type Problem, problem } from '../codes.ts';
import { type AnyObject, type BGPAdvertisement, type BGPPeer, keyOf, type Resources } from '../objects/resources.ts';
import { notCreated, refusal } from '../refusals.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import { type Configuration, configurationOf } from '../relations/relations.ts';
import { schemaProblem } from '../rules/advertisement.ts';
import { changeProblem } from '../rules/peer.ts';
import type { ExpectOptions, ObjectRef, Refusal } from '../types.ts';
import { rulesOf } from '../versions.ts';
import { Webhooks } from './webhooks.ts';

export interface Admitted {
  configuration: Configuration;
  /** Stages `schema` (unknown fields, and what goes by them) and `webhook`. */
  refusals: Refusal[];
}

/** Times that everything is applied again, since what was rejected may be let in after others. */
const maxRounds = 16;

export class Admission {
  readonly #options: ExpectOptions;
  /** `Kind/namespace/name` → the version in force. */
  #admitted: ReadonlyMap<string, AnyObject> = new Map();

  constructor(options: ExpectOptions) {
    this.#options = options;
  }

  admit(resources: Resources, nodes: ClusterNodes): Admitted {
    const present = new Set(resources.refusals.map(({ object }) => idOf(object)));
    for (const object of resources.configuration) present.add(idOf(object.ref));
    const admitted = new Map([...this.#admitted].filter(([id]) => present.has(id)));

    for (const object of resources.configuration) if (object.admitted) admitted.set(idOf(object.ref), object);
    const webhooks = this.#webhooks(admitted, nodes);
    const rounds = this.#options.appliesOnce ? 1 : maxRounds;
    let refused = new Map<string, Refusal[]>();
    for (let round = 0, left = -1; round < rounds && refused.size !== left; round++) {
      left = round === 0 ? -1 : refused.size;
      refused = this.#apply(unapplied(resources.configuration, admitted), admitted, webhooks);
    }
    this.#admitted = admitted;
    return {
      configuration: configurationOf(admitted.values(), this.#options.namespace),
      refusals: [...refused.values()].flat(),
    };
  }

  /** Applies the objects in their order to `admitted`. Returns the refusals of those whose last version was rejected. */
  #apply(
    objects: readonly AnyObject[],
    admitted: Map<string, AnyObject>,
    webhooks: Webhooks | undefined,
  ): Map<string, Refusal[]> {
    const refused = new Map<string, Refusal[]>();
    for (const object of objects) {
      const id = idOf(object.ref);
      const refusals = this.#judge(object, admitted, webhooks);
      refused.delete(id);
      if (refusals.length > 0) refused.set(id, refusals);
      else {
        admitted.set(id, object);
        if (object.ref.namespace === this.#options.namespace) webhooks?.letIn(object);
      }
    }
    return refused;
  }

  #judge(object: AnyObject, admitted: ReadonlyMap<string, AnyObject>, webhooks: Webhooks | undefined): Refusal[] {
    const unknown = this.#options.fieldValidation === 'strict' ? unknownFieldRefusals(object) : [];
    if (unknown.length > 0) return unknown;
    const wrong = ruleProblem(object, admitted.get(idOf(object.ref)));
    if (wrong) return [refusal('schema', object.ref, wrong)];
    const rejected = webhooks && this.#refusedBy(webhooks, object, admitted);
    return rejected ? [refusal('webhook', object.ref, rejected, effectOf(rejected))] : [];
  }

  /** undefined where there are none. */
  #webhooks(admitted: ReadonlyMap<string, AnyObject>, nodes: ClusterNodes): Webhooks | undefined {
    const mode = this.#options.webhookMode ?? this.#options.mode;
    if (mode === 'disabled') return undefined;
    return new Webhooks(this.#options, mode, nodes, configurationOf(admitted.values(), this.#options.namespace));
  }

  #refusedBy(webhooks: Webhooks, object: AnyObject, admitted: ReadonlyMap<string, AnyObject>): Problem | undefined {
    const { namespace } = this.#options;
    const { ref } = object;
    // MetalLB skips all of a peer's validation, the namespace included, when it is created with disableMP
    const isUnchecked = ref.kind === 'BGPPeer' && (object as BGPPeer).spec.disableMP && !admitted.has(idOf(ref));
    if (isUnchecked && rulesOf(this.#options.version).disableMPSkipsWebhook) return undefined;
    if (ref.namespace !== namespace)
      return problem('wrong-namespace', `resource must be created in ${namespace} namespace`);
    return webhooks.problemOf(object);
  }
}

/** All versions of objects behind the one in effect; where none is, all. */
function unapplied(objects: readonly AnyObject[], admitted: ReadonlyMap<string, AnyObject>): readonly AnyObject[] {
  const last = new Map(objects.map((object, i) => [object, i]));
  return objects.filter((object, i) => {
    const inEffect = admitted.get(idOf(object.ref));
    return i > ((inEffect && last.get(inEffect)) ?? -1);
  });
}

/** What the API server refuses by a rule (CEL) of the kind's schema. */
function ruleProblem(object: AnyObject, before: AnyObject | undefined): Problem | undefined {
  if (object.ref.kind === 'BGPAdvertisement') return schemaProblem(object as BGPAdvertisement);
  if (object.ref.kind === 'BGPPeer') return changeProblem(object as BGPPeer, before as BGPPeer | undefined);
  return undefined;
}

const idOf = (ref: ObjectRef): string => `${ref.kind}/${keyOf(ref)}`;

function unknownFieldRefusals({ ref, unknownFields }: AnyObject): Refusal[] {
  if (unknownFields.length === 0) return [];
  const line = unknownFields[0]!.line;
  const error = unknownFields.map(({ message, hint }) => (hint ? `${message} (${hint})` : message)).join('; ');
  return [refusal('schema', line === undefined ? ref : { ...ref, line }, problem('unknown-field', error))];
}

function effectOf({ code }: Problem): string {
  if (code !== 'ipv6-in-native-mode') return notCreated;
  return `${notCreated}; had the advertisement been created before the pool, the pool webhook would let it pass and all speakers would refuse the config`;
}

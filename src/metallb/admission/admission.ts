/**
 * What the API server would have let in. Objects are applied in the order in which they were given, each judged by
 * the webhook of its kind against those admitted before it (only that slice of the cluster: see rules/ for the blind
 * spots). What is refused leaves the object's admitted version, if there is one, in force.
 */

import { type Problem, problem } from '../codes.ts';
import { type AnyObject, type BGPAdvertisement, type BGPPeer, keyOf, type Resources } from '../objects/resources.ts';
import { notCreated, refusal } from '../refusals.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import { type Configuration, configurationOf } from '../relations/relations.ts';
import { schemaProblem } from '../rules/advertisement.ts';
import { changeProblem } from '../rules/peer.ts';
import type { ExpectOptions, ObjectRef, Refusal } from '../types.ts';
import { Webhooks } from './webhooks.ts';

export interface Admitted {
  configuration: Configuration;
  /** Stages `schema` (unknown fields, and what goes by them) and `webhook`. */
  refusals: Refusal[];
}

/** Times that what was refused is tried again, after others got in. */
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

    const refusals: Refusal[] = [];
    for (const object of resources.configuration) if (object.admitted) admitted.set(idOf(object.ref), object);
    let pending = resources.configuration.filter((object) => admitted.get(idOf(object.ref)) !== object);
    if (this.#options.fieldValidation === 'strict') {
      refusals.push(...pending.flatMap(unknownFieldRefusals));
      pending = pending.filter((object) => object.unknownFields.length === 0);
    }
    pending = pending.filter((object) => {
      const wrong = ruleProblem(object, admitted.get(idOf(object.ref)));
      if (wrong) refusals.push(refusal('schema', object.ref, wrong));
      return wrong === undefined;
    });
    const webhooks = this.#webhooks(admitted, nodes);
    let refused = new Map<AnyObject, Problem>();
    // an object that another one's old version keeps out gets in when that has changed: as with a second `apply`
    for (let round = 0, left = -1; round < maxRounds && pending.length !== left; round++) {
      left = pending.length;
      refused = new Map();
      for (const object of pending) {
        const wrong = webhooks && this.#refusedBy(webhooks, object, admitted);
        if (wrong) refused.set(object, wrong);
        else {
          admitted.set(idOf(object.ref), object);
          if (object.ref.namespace === this.#options.namespace) webhooks?.letIn(object);
        }
      }
      pending = [...refused.keys()];
    }
    for (const [object, wrong] of refused) refusals.push(refusal('webhook', object.ref, wrong, effectOf(wrong)));
    this.#admitted = admitted;
    return { configuration: configurationOf(admitted.values(), this.#options.namespace), refusals };
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
    if (ref.kind === 'BGPPeer' && (object as BGPPeer).spec.disableMP && !admitted.has(idOf(ref))) return undefined;
    if (ref.namespace !== namespace)
      return problem('wrong-namespace', `resource must be created in ${namespace} namespace`);
    return webhooks.problemOf(object);
  }
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

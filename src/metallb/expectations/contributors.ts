/** All that goes into one prefix, and what it merges into. */

import type { ExpectedSession, ExpectOptions } from '../types.ts';
import { type Merged, merge, mergedProblem } from './attributes.ts';
import type { Gates } from './gates.ts';
import type { Contribution } from './prefixes.ts';

/** Merged results kept for one prefix; with externalTrafficPolicy Local there may be one per node. */
const maxKept = 64;
/** Bundles of which those that pass fit into one number. */
const bitsInKey = 31;

/** Immutable; lives as long as nothing is added to the prefix or taken from it, so mostly over many tables. */
export class Contributors {
  readonly all: readonly Contribution[];
  /** Contributions that pass the gates of any session together, or fail together. */
  #bundles: readonly (readonly Contribution[])[] | undefined;
  #signature: string | undefined;
  /** Where all of them pass. */
  #whole: Merged | undefined;
  /** By the bundles that pass: bits where there are few, else their numbers as text. */
  readonly #merged = new Map<number | string, Merged>();

  constructor(all: readonly Contribution[]) {
    this.all = all;
  }

  /** The bundles; an aggregate over thousands of services has a few. */
  get bundles(): readonly (readonly Contribution[])[] {
    this.#bundles ??= this.all.length === 1 ? [this.all] : bundle(this.all);
    return this.#bundles;
  }

  /** All of the contributions that decides about routes, in their order: it counts where MetalLB goes by chance. */
  get signature(): string {
    this.#signature ??= [...new Set(this.bundles.map(([first]) => bundleKey(first!)))].join(';');
    return this.#signature;
  }

  /** Do these make the same routes under the same gates, for the same services? */
  isLike(other: Contributors): boolean {
    return (
      this.signature === other.signature &&
      this.bundles.every((own, i) => sameMembers(serviceNames(own), serviceNames(other.bundles[i]!)))
    );
  }

  /** What the session gets of this prefix; undefined = nothing. `node`: the session's number. */
  mergedFor(session: ExpectedSession, node: number, gates: Gates, options: ExpectOptions): Merged | undefined {
    const merged = this.handedTo(session, node, gates, options);
    return merged && mergedProblem(merged, options.mode) === undefined ? merged : undefined;
  }

  /** What the session is handed, merged, whether or not it takes that; undefined = nothing. */
  handedTo(session: ExpectedSession, node: number, gates: Gates, options: ExpectOptions): Merged | undefined {
    // asked for every row there is: the ordinary answers make no garbage
    const { bundles } = this;
    let passing = 0;
    let bits = 0;
    for (let i = 0; i < bundles.length; i++) {
      if (!gates.passes(bundles[i]![0]!, node, session)) continue;
      passing++;
      bits |= 1 << i;
    }
    if (passing === 0) return undefined;
    if (passing === bundles.length) return (this.#whole ??= merge(bundles.flat(), options));
    if (bundles.length <= bitsInKey) return this.#merged.get(bits) ?? this.#merge(bits, session, node, gates, options);
    const some = bundles.flatMap(([first], i) => (gates.passes(first!, node, session) ? [i] : []));
    return this.#merged.get(some.join()) ?? this.#merge(some.join(), session, node, gates, options);
  }

  #merge(key: number | string, session: ExpectedSession, node: number, gates: Gates, options: ExpectOptions): Merged {
    const merged = merge(
      this.bundles.flatMap((bundle) => (gates.passes(bundle[0]!, node, session) ? bundle : [])),
      options,
    );
    if (this.#merged.size < maxKept) this.#merged.set(key, merged);
    return merged;
  }
}

/** Same advertisement, same gates of the node and, where they matter, the same local endpoints. */
function bundle(all: readonly Contribution[]): (readonly Contribution[])[] {
  const groups = new Map<object, number>();
  const bundles = Map.groupBy(all, ({ service, advertisement }) => {
    const group = service.group!;
    let number = groups.get(group);
    if (number === undefined) groups.set(group, (number = groups.size));
    const local = service.object.spec.externalTrafficPolicy === 'Local' ? service.name : '';
    return `${number}/${advertisement.index}/${local}`;
  });
  return [...bundles.values()];
}

const serviceNames = (bundle: readonly Contribution[]): Set<string> =>
  new Set(bundle.map(({ service }) => service.name));

const sameMembers = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((member) => b.has(member));

function bundleKey({ service, advertisement }: Contribution): string {
  // the nodes of its own endpoints: such a service is alike to itself only
  const local = service.object.spec.externalTrafficPolicy === 'Local' ? `/${idOf(service.endpoints)}` : '';
  return `${idOf(service.group!)}/${idOf(advertisement)}${local}`;
}

const ids = new WeakMap<object, number>();
let lastId = 0;

function idOf(object: object): number {
  let id = ids.get(object);
  if (id === undefined) ids.set(object, (id = ++lastId));
  return id;
}

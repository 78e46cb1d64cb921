/** From the speakers to the BGP daemons: what each of these has, also when it refuses what its speaker hands it. */
import { frrConfigurationConflicts } from './conflicts.ts';
import type { Standing } from './expected.ts';
import type { ClusterNodes } from './nodes.ts';
import type { BGPMode, ExpectedSession, NodeView, Refusal } from './types.ts';

export interface Publication {
  /** Node → what its daemon has. */
  readonly published: ReadonlyMap<string, Standing>;
  /** The nodes, with a word on those whose daemon refuses. */
  readonly views: ReadonlyMap<string, NodeView>;
  readonly refusals: readonly Refusal[];
  /** Other nodes refuse than before. */
  readonly changed: boolean;
}

/** Remembers what each daemon took last. */
export class Publisher {
  readonly #mode: BGPMode;
  #published: ReadonlyMap<string, Standing> = new Map();
  #stuck: ReadonlySet<string> = new Set();

  constructor(mode: BGPMode) {
    this.#mode = mode;
  }

  publish(
    standing: ReadonlyMap<string, Standing>,
    sessions: ReadonlyMap<string, readonly ExpectedSession[]>,
    views: ReadonlyMap<string, NodeView>,
    nodes: ClusterNodes,
  ): Publication {
    const refusals: Refusal[] = [];
    const published = new Map(standing);
    const marked = new Map(views);
    const stuck = new Set<string>();
    for (const [own, names] of this.#mayRefuse(standing)) {
      const theirs = new Map(names.map((name) => [name, sessions.get(name) ?? []]));
      const conflicts = frrConfigurationConflicts(own.index, own.gates, theirs, nodes);
      refusals.push(...conflicts.refusals);
      for (const [name, error] of conflicts.nodes) {
        const last = this.#published.get(name);
        if (last) published.set(name, last);
        else published.delete(name);
        marked.set(name, { ...views.get(name)!, staleConfig: error, ...(!last && { configurationUnknown: true }) });
        stuck.add(name);
      }
    }
    const changed = stuck.size !== this.#stuck.size || [...stuck].some((name) => !this.#stuck.has(name));
    this.#published = published;
    this.#stuck = stuck;
    return { published, views: marked, refusals, changed };
  }

  /** Standings in which localPref values meet, with their nodes. Only frr-k8s looks at that. */
  #mayRefuse(standing: ReadonlyMap<string, Standing>): [Standing, string[]][] {
    if (this.#mode !== 'frr-k8s') return [];
    const nodes = Map.groupBy(standing.keys(), (name) => standing.get(name)!);
    return [...nodes].filter(([{ index }]) => index.mixed.size > 0);
  }
}

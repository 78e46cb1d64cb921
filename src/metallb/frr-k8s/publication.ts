/** From the speakers to the BGP daemons: what each of these has, also when it refuses what its speaker hands it. */

import type { Standing } from '../expectations/state.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import type { BGPMode, ExpectedSession, NodeView, Refusal } from '../types.ts';
import { type Conflicts, frrConfigurationConflicts } from './conflicts.ts';
import type { ForeignConfigurations } from './foreign.ts';
import { foreignConflicts } from './foreign-conflicts.ts';

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
  /** Node → why its daemon refuses. */
  #stuck: ReadonlyMap<string, string> = new Map();

  constructor(mode: BGPMode) {
    this.#mode = mode;
  }

  publish(
    standing: ReadonlyMap<string, Standing>,
    sessions: ReadonlyMap<string, readonly ExpectedSession[]>,
    views: ReadonlyMap<string, NodeView>,
    nodes: ClusterNodes,
    foreign: ForeignConfigurations,
  ): Publication {
    const refusals: Refusal[] = [];
    const stuck = new Map<string, string>();
    const add = (conflicts: Conflicts): void => {
      refusals.push(...conflicts.refusals);
      for (const [name, error] of conflicts.nodes) stuck.set(name, error);
    };
    for (const [own, names] of this.#mayRefuse(standing)) {
      const theirs = new Map(names.map((name) => [name, sessions.get(name) ?? []]));
      add(frrConfigurationConflicts(own.index, own.gates, theirs, nodes));
    }
    if (this.#mode === 'frr-k8s') add(foreignConflicts(foreign, standing, sessions, nodes));
    const changed = stuck.size !== this.#stuck.size || [...stuck.keys()].some((name) => !this.#stuck.has(name));
    this.#stuck = stuck;
    if (stuck.size === 0) {
      this.#published = standing;
      return { published: standing, views, refusals, changed };
    }

    const published = new Map(standing);
    const marked = new Map(views);
    for (const [name, error] of stuck) {
      const last = this.#published.get(name);
      if (last) published.set(name, last);
      else published.delete(name);
      marked.set(name, { ...views.get(name)!, staleConfig: error, ...(!last && { configurationUnknown: true }) });
    }
    this.#published = published;
    return { published, views: marked, refusals, changed };
  }

  /** Standings in which localPref values meet, with their nodes. Only frr-k8s looks at that. */
  #mayRefuse(standing: ReadonlyMap<string, Standing>): [Standing, string[]][] {
    if (this.#mode !== 'frr-k8s') return [];
    const nodes = Map.groupBy(standing.keys(), (name) => standing.get(name)!);
    return [...nodes].filter(([{ index }]) => index.mixed.size > 0);
  }
}

/**
 * The expectation table: everything above put together, and asked for row by row. Nothing here is computed before
 * somebody wants to know it.
 */
import { routeOn } from './attributes.ts';
import { members } from './bits.ts';
import { Gates, type InForce } from './gates.ts';
import { electL2 } from './l2.ts';
import type { ClusterNodes } from './nodes.ts';
import type { Plan } from './plan.ts';
import type { Contribution } from './prefixes.ts';
import { refusal } from './refusals.ts';
import { localPrefsOf, type ServiceIndex } from './service-index.ts';
import type { ServiceView } from './services.ts';
import type {
  ExpectationTable,
  ExpectedRoute,
  ExpectedSession,
  ExpectOptions,
  L2Announcer,
  Lint,
  NodeView,
  NotAnnounced,
  ObjectRef,
  Refusal,
} from './types.ts';
import { noConfig, whyNot } from './why.ts';

/** What the calculator hands over; all of it immutable. */
export interface TableState {
  readonly options: ExpectOptions;
  readonly nodes: ClusterNodes;
  readonly views: ReadonlyMap<string, NodeView>;
  /** Node → its sessions. */
  readonly sessions: ReadonlyMap<string, readonly ExpectedSession[]>;
  /** Node → what its speaker has in force; nodes whose speaker has nothing are missing. */
  readonly inForce: ReadonlyMap<string, InForce>;
  readonly indexes: ReadonlyMap<Plan, ServiceIndex>;
  /** Of the newest plan, whether or not any speaker could take it. */
  readonly services: ReadonlyMap<string, ServiceView>;
  readonly refusals: readonly Refusal[];
  readonly lint: readonly Lint[];
}

/** Prefixes with a localPref conflict that are named. */
const maxConflicts = 20;
const stuck =
  'frr-k8s refuses the FRRConfiguration of these nodes: their routes stay as they were until this is resolved';

const sortedPrefixes = new WeakMap<ServiceIndex['prefixes'], readonly string[]>();

export class Table implements ExpectationTable {
  readonly options: ExpectOptions;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly lint: readonly Lint[];
  readonly #state: TableState;
  readonly #gates = new Map<InForce, Gates>();
  #refusals: readonly Refusal[] | undefined;
  #sessions: readonly ExpectedSession[] | undefined;
  #notAnnounced: readonly NotAnnounced[] | undefined;
  #l2: readonly L2Announcer[] | undefined;
  #prefixes: readonly string[] | undefined;

  constructor(state: TableState) {
    this.#state = state;
    this.options = state.options;
    this.nodes = state.views;
    this.lint = state.lint;
  }

  get refusals(): readonly Refusal[] {
    this.#refusals ??= [...this.#state.refusals, ...this.#frrConfigurationRefusals()];
    return this.#refusals;
  }

  get sessions(): readonly ExpectedSession[] {
    return (this.#sessions ??= [...this.#state.sessions.values()].flat());
  }

  session(node: string, bgpPeer: string): ExpectedSession | undefined {
    return this.#state.sessions.get(node)?.find((session) => session.bgpPeer === bgpPeer);
  }

  route(node: string, bgpPeer: string, prefix: string): ExpectedRoute | undefined {
    const session = this.session(node, bgpPeer);
    return session && this.#route(session, prefix);
  }

  *routes(node: string, bgpPeer: string): Generator<ExpectedRoute> {
    const session = this.session(node, bgpPeer);
    const index = session && this.#indexOf(node);
    if (!index) return;
    for (const prefix of sorted(index.prefixes)) {
      const route = this.#route(session, prefix);
      if (route) yield route;
    }
  }

  prefixes(): readonly string[] {
    if (!this.#prefixes) {
      const all = new Set<string>();
      for (const [inForce, sessions] of this.#sessionsByInForce())
        for (const [prefix, { all: contributions }] of this.#state.indexes.get(inForce.plan)!.prefixes)
          if (!all.has(prefix) && this.#isAnnounced(contributions, inForce, sessions)) all.add(prefix);
      this.#prefixes = [...all].sort();
    }
    return this.#prefixes;
  }

  get notAnnounced(): readonly NotAnnounced[] {
    this.#notAnnounced ??= [...this.#state.services.keys()].flatMap((service) => this.notAnnouncedOf(service));
    return this.#notAnnounced;
  }

  notAnnouncedOf(service: string): NotAnnounced[] {
    const view = this.#state.services.get(service);
    if (!view || view.refused?.reason === 'notLoadBalancer') return [];
    return [...this.#state.views.keys()].flatMap((node) => {
      const reason = this.#serviceReason(service, node);
      return reason ? [{ service, node, ...reason }] : [];
    });
  }

  get l2(): readonly L2Announcer[] {
    this.#l2 ??= [...new Set(this.#state.inForce.values())].flatMap((inForce) =>
      [...this.#state.indexes.get(inForce.plan)!.services.values()].flatMap((service) => {
        const announcer = electL2(service, inForce.plan, this.#state.nodes);
        // each speaker elects by what it has in force itself
        return announcer && this.#state.inForce.get(announcer.node) === inForce ? [announcer] : [];
      }),
    );
    return this.#l2;
  }

  whyNot(
    node: string,
    bgpPeer: string,
    prefix: string,
  ): { reason: string; text: string; objects: ObjectRef[] } | undefined {
    const inForce = this.#state.inForce.get(node);
    const index = this.#indexOf(node);
    const session = this.session(node, bgpPeer);
    if (session && this.#route(session, prefix)) return undefined;
    return whyNot({
      node,
      bgpPeer,
      prefix,
      session,
      inForce,
      index,
      gates: inForce && this.#gatesOf(inForce),
      state: this.#state,
    });
  }

  #route(session: ExpectedSession, prefix: string): ExpectedRoute | undefined {
    const inForce = this.#state.inForce.get(session.node);
    const contributors = inForce && this.#state.indexes.get(inForce.plan)!.prefixes.get(prefix);
    if (!contributors) return undefined;
    const { mode } = this.options;
    const merged = contributors.mergedFor(
      session,
      this.#state.nodes.numberOf(session.node),
      this.#gatesOf(inForce),
      mode,
    );
    return merged && routeOn(session, prefix, merged, mode);
  }

  #isAnnounced(
    contributions: readonly Contribution[],
    inForce: InForce,
    sessions: ReadonlyMap<string, readonly ExpectedSession[]>,
  ): boolean {
    const gates = this.#gatesOf(inForce);
    for (const contribution of contributions)
      for (const number of members(gates.announcers(contribution)))
        if (
          sessions
            .get(this.#state.nodes.numbers.nameOf(number))
            ?.some((session) => gates.passes(contribution, number, session))
        )
          return true;
    return false;
  }

  #serviceReason(service: string, node: string): { reason: string; text: string } | undefined {
    const inForce = this.#state.inForce.get(node);
    if (!inForce) return noConfig(node);
    const view = this.#state.indexes.get(inForce.plan)!.services.get(service);
    return view && this.#gatesOf(inForce).whyNot(view, node);
  }

  #sessionsByInForce(): Map<InForce, Map<string, readonly ExpectedSession[]>> {
    const result = new Map<InForce, Map<string, readonly ExpectedSession[]>>();
    for (const [node, inForce] of this.#state.inForce) {
      let sessions = result.get(inForce);
      if (!sessions) result.set(inForce, (sessions = new Map()));
      sessions.set(node, this.#state.sessions.get(node) ?? []);
    }
    return result;
  }

  #indexOf(node: string): ServiceIndex | undefined {
    const inForce = this.#state.inForce.get(node);
    return inForce && this.#state.indexes.get(inForce.plan);
  }

  #gatesOf(inForce: InForce): Gates {
    let gates = this.#gates.get(inForce);
    if (!gates) this.#gates.set(inForce, (gates = new Gates(inForce, this.#state.nodes)));
    return gates;
  }

  /** frr-k8s refuses an FRRConfiguration with two localPref for one prefix of a neighbor; that node then takes no update at all. */
  *#frrConfigurationRefusals(): Generator<Refusal> {
    if (this.options.mode !== 'frr-k8s') return;
    let found = 0;
    for (const [inForce, sessions] of this.#sessionsByInForce()) {
      const { prefixes, mixed } = this.#state.indexes.get(inForce.plan)!;
      const gates = this.#gatesOf(inForce);
      for (const prefix of mixed) {
        const { all: contributions } = prefixes.get(prefix)!;
        const nodes = [...sessions].filter(([node, own]) => {
          const number = this.#state.nodes.numberOf(node);
          return own.some(
            (session) => localPrefsOf(contributions.filter((one) => gates.passes(one, number, session))).size > 1,
          );
        });
        if (nodes.length === 0) continue;
        if (++found > maxConflicts) return;
        const values = [...localPrefsOf(contributions)].sort((a, b) => a - b);
        const error = `prefix ${prefix} is configured with both local preference ${values.join(' and ')}`;
        const { ref } = contributions.at(-1)!.advertisement.object;
        yield refusal(
          'runtime',
          ref,
          error,
          stuck,
          nodes.map(([node]) => node),
        );
      }
    }
  }
}

function sorted(prefixes: ServiceIndex['prefixes']): readonly string[] {
  let list = sortedPrefixes.get(prefixes);
  if (!list) sortedPrefixes.set(prefixes, (list = [...prefixes.keys()].sort()));
  return list;
}

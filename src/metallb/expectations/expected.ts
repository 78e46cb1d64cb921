/**
 * The expectation table: everything above put together, and asked for row by row. Nothing here is computed before
 * somebody wants to know it.
 */

import { Layer2Expectations } from '../layer2/layer2.ts';
import { lintOf } from '../problems/index.ts';
import { members } from '../relations/bits.ts';
import type { ClusterRelations } from '../relations/relations.ts';
import type {
  ExpectedRoute,
  ExpectedSession,
  ExpectOptions,
  L2Announcer,
  Lint,
  NodeView,
  NotAnnounced,
  ObjectRef,
  Refusal,
} from '../types.ts';
import { type Alike, type GroupsNodes, NodeClasses } from './alike.ts';
import { routeOn, withAdditions } from './attributes.ts';
import type { Gates } from './gates.ts';
import type { Contribution } from './prefixes.ts';
import type { ServiceIndex } from './service-index.ts';
import type { TableState } from './state.ts';
import type { ExpectationTable } from './table.ts';
import { noConfig, orByRawConfiguration, whyNot } from './why.ts';

const sortedPrefixes = new WeakMap<ServiceIndex['prefixes'], readonly string[]>();

export class Table implements ExpectationTable, GroupsNodes {
  readonly cluster: ClusterRelations;
  readonly options: ExpectOptions;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly refusals: readonly Refusal[];
  readonly layer2: Layer2Expectations;
  readonly #state: TableState;
  #sessions: readonly ExpectedSession[] | undefined;
  #notAnnounced: readonly NotAnnounced[] | undefined;
  #prefixes: readonly string[] | undefined;
  #lint: readonly Lint[] | undefined;
  #classes: NodeClasses | undefined;

  constructor(state: TableState) {
    this.#state = state;
    this.cluster = state.cluster;
    this.options = state.cluster.options;
    this.nodes = state.views;
    this.refusals = state.refusals;
    this.layer2 = new Layer2Expectations({ ...state, ...state.cluster });
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
    const published = session && this.#state.published.get(node);
    if (!published) return;
    for (const prefix of sorted(published.index.prefixes)) {
      const route = this.#route(session, prefix);
      if (route) yield route;
    }
  }

  prefixes(): readonly string[] {
    if (!this.#prefixes) {
      const all = new Set<string>();
      const { published, sessions } = this.#state;
      for (const [standing, nodes] of Map.groupBy(published.keys(), (node) => published.get(node)!)) {
        const own = new Map(nodes.map((node) => [node, sessions.get(node) ?? []]));
        for (const [prefix, contributors] of standing.index.prefixes)
          if (!all.has(prefix) && this.#isAnnounced(contributors.all, standing.gates, own)) all.add(prefix);
      }
      this.#prefixes = [...all].sort();
    }
    return this.#prefixes;
  }

  alike(prefix: string): Alike {
    this.#classes ??= new NodeClasses(this.#state);
    return this.#classes.alike(prefix);
  }

  candidates(): Set<string> {
    this.#classes ??= new NodeClasses(this.#state);
    return this.#classes.candidates();
  }

  services(): Iterable<string> {
    return this.#state.services.keys();
  }

  get notAnnounced(): readonly NotAnnounced[] {
    this.#notAnnounced ??= [...this.services()].flatMap((service) => this.notAnnouncedOf(service));
    return this.#notAnnounced;
  }

  notAnnouncedOf(service: string, node?: string): NotAnnounced[] {
    const { services, views } = this.#state;
    const view = services.get(service);
    if (!view || view.refused?.reason === 'notLoadBalancer') return [];
    const nodes = node === undefined ? [...views.keys()] : views.has(node) ? [node] : [];
    return nodes.flatMap((name) => {
      const reason = this.#serviceReason(service, name);
      return reason ? [{ service, node: name, ...reason }] : [];
    });
  }

  get l2(): readonly L2Announcer[] {
    return this.layer2.all;
  }

  get lint(): readonly Lint[] {
    return (this.#lint ??= [...this.#state.lint, ...lintOf(this, false)]);
  }

  whyNot(
    node: string,
    bgpPeer: string,
    prefix: string,
  ): { reason: string; text: string; objects: ObjectRef[] } | undefined {
    const session = this.session(node, bgpPeer);
    if (session && this.#route(session, prefix)) return undefined;
    const { published, raw } = this.#state;
    const why = whyNot({ node, bgpPeer, prefix, session, published: published.get(node), state: this.#state });
    return raw && this.nodes.has(node) ? orByRawConfiguration(why, raw, prefix) : why;
  }

  foreign(node: string, bgpPeer: string | null, prefix: string): ObjectRef | undefined {
    if (this.options.mode !== 'frr-k8s') return undefined;
    const session = bgpPeer === null ? undefined : this.session(node, bgpPeer);
    const published = (): boolean =>
      (this.#state.sessions.get(node) ?? []).some((own) => this.#route(own, prefix) !== undefined);
    return this.#state.foreign.of(node, session, prefix, published)?.ref;
  }

  #route(session: ExpectedSession, prefix: string): ExpectedRoute | undefined {
    const { foreign } = this.#state;
    const published = this.#state.published.get(session.node);
    const contributors = published?.index.prefixes.get(prefix);
    if (!contributors) return undefined;
    const number = this.#state.cluster.nodes.numberOf(session.node);
    const merged = contributors.mergedFor(session, number, published!.gates, this.options);
    if (!merged) return undefined;
    const { mode } = this.options;
    const additions = mode === 'frr-k8s' && foreign.addsTo(prefix) ? foreign.additionsTo(session, prefix) : [];
    return routeOn(session, prefix, additions.length > 0 ? withAdditions(merged, additions) : merged, mode);
  }

  #isAnnounced(
    contributions: readonly Contribution[],
    gates: Gates,
    sessions: ReadonlyMap<string, readonly ExpectedSession[]>,
  ): boolean {
    for (const contribution of contributions)
      for (const number of members(gates.announcers(contribution)))
        if (
          sessions
            .get(this.#state.cluster.nodes.numbers.nameOf(number))
            ?.some((session) => gates.passes(contribution, number, session))
        )
          return true;
    return false;
  }

  #serviceReason(service: string, node: string): { reason: string; text: string } | undefined {
    const standing = this.#state.standing.get(node);
    if (!standing) return noConfig(node);
    const view = standing.index.services.get(service);
    return view && standing.gates.whyNot(view, node);
  }
}

function sorted(prefixes: ServiceIndex['prefixes']): readonly string[] {
  let list = sortedPrefixes.get(prefixes);
  if (!list) sortedPrefixes.set(prefixes, (list = [...prefixes.keys()].sort()));
  return list;
}

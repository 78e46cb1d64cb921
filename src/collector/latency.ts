/**
 * How long speakers take: from the moment at which a change of an object was seen until the UPDATE that it asks for
 * comes, per node. Only what one edit made (or stopped being) expected counts, and only where the route was not there
 * before (or was):
 *
 * * The newest change of an expectation decides. What was withdrawn and wanted again in a hurry is not measured twice.
 * * The first thing that happens to a route afterwards decides. If that is not what the change asks for, the route was
 *   not in the state from which the time could be measured.
 * * Nothing counts across a session: one that came up after the change sends its whole table anyway.
 */
import type { Difference } from '../metallb/answers/differences.ts';
import { ActionCode, ChangeReader } from '../rib/change-log.ts';
import type { Applied } from '../rib/rib.ts';
import type { Neighbor } from '../rib/types.ts';

export type LatencyKind = 'advertise' | 'withdraw';

/** What was measured of one node; seconds. The quantiles are of its latest measurements. */
export interface LatencyFigures {
  count: number;
  p50: number;
  p99: number;
  last: number;
  /** epoch ms of the last UPDATE that was measured. */
  lastAt: number;
}

/** How long speakers take from a change of an object to the UPDATE that it asks for. */
export interface LatencyView {
  /** null: nothing was measured. */
  figures(node: string, kind: LatencyKind): LatencyFigures | null;
  /** Calls `observer` for every measurement from now on. */
  subscribe(observer: (kind: LatencyKind, node: string, seconds: number) => void): void;
}

/** How long a change is waited for, ms: the last bucket of the histograms. */
export const maxLatencyMs = 300_000;
/** Prefixes of changes that are waited for; beyond it the oldest changes are not measured any more. */
export const maxAwaitedPrefixes = 200_000;
/** Changes of routes in one turn that are looked at; more are a whole table, which says nothing of one edit. */
export const maxChangesPerTurn = 20_000;
/** Changes of routes that wait for expectations that are being compared. */
export const maxHeldChanges = 100_000;
/** Nodes with figures; the node measured longest ago makes room. */
export const maxMeasuredNodes = 5_000;
/** Measurements of a node from which its quantiles are taken: the latest ones. */
export const samplesPerNode = 500;

export interface LatencyOptions {
  neighbor: (id: number) => Pick<Neighbor, 'node' | 'bgpPeer' | 'state' | 'establishedAt'> | undefined;
  prefixText: (nlri: number) => string;
  /** Expectations are being compared: what they changed is not known yet. */
  isBehind: () => boolean;
}

/** A change of expectations for which UPDATEs are awaited. */
interface Awaited {
  kind: LatencyKind;
  /** epoch ms at which its cause was seen. */
  at: number;
  prefixes: readonly string[];
  /** BGPPeer → nodes. */
  sessions: ReadonlyMap<string, ReadonlySet<string>>;
  /** Routes that something happened to since. */
  done: Set<string>;
}

interface RouteChange {
  neighbor: number;
  prefix: string;
  kind: LatencyKind;
  at: number;
}

interface Samples {
  count: number;
  /** Seconds, the latest `samplesPerNode` of them in a ring. */
  ring: number[];
  lastAt: number;
}

export class Latency implements LatencyView {
  readonly #o: LatencyOptions;
  /** Oldest first. */
  readonly #awaited: Awaited[] = [];
  #awaitedPrefixes = 0;
  /** Newest last. */
  readonly #byPrefix = new Map<string, Awaited[]>();
  #held: RouteChange[] = [];
  /** Measured longest ago first. */
  readonly #samples = new Map<string, Samples>();
  readonly #observers: ((kind: LatencyKind, node: string, seconds: number) => void)[] = [];

  constructor(options: LatencyOptions) {
    this.#o = options;
  }

  subscribe(observer: (kind: LatencyKind, node: string, seconds: number) => void): void {
    this.#observers.push(observer);
  }

  /** Routes that came to be expected, or are no longer; `at`: epoch ms at which the cause was seen. */
  await({ action, sessions }: Difference, prefixes: readonly string[], at: number): void {
    this.#expire(at);
    if (action === 'changed') return;
    const awaited: Awaited = {
      kind: action === 'expected' ? 'advertise' : 'withdraw',
      at,
      prefixes,
      sessions: nodesByPeer(sessions),
      done: new Set(),
    };
    this.#awaited.push(awaited);
    this.#awaitedPrefixes += prefixes.length;
    for (const prefix of prefixes) {
      const own = this.#byPrefix.get(prefix);
      if (own) own.push(awaited);
      else this.#byPrefix.set(prefix, [awaited]);
    }
    while (this.#awaitedPrefixes > maxAwaitedPrefixes) this.#forgetOldest();
  }

  /** What a turn did to routes. */
  routesChanged({ changes }: Pick<Applied, 'changes'>): void {
    const isBehind = this.#o.isBehind();
    if (!isBehind) this.settle();
    if (!isBehind && this.#awaited.length === 0) return;
    if (changes.count > maxChangesPerTurn || this.#held.length > maxHeldChanges) {
      this.#forgetAll();
      return;
    }
    const reader = new ChangeReader(changes);
    for (let i = 0; i < reader.count; i++) {
      const action = reader.action(i);
      if (action !== ActionCode.announced && action !== ActionCode.withdrawn) continue;
      const change: RouteChange = {
        neighbor: reader.neighbor(i),
        prefix: this.#o.prefixText(reader.nlri(i)),
        kind: action === ActionCode.announced ? 'advertise' : 'withdraw',
        at: reader.at(i),
      };
      if (isBehind) this.#held.push(change);
      else this.#measure(change);
    }
  }

  /** Measures what came while expectations were being compared. */
  settle(): void {
    if (this.#held.length === 0 || this.#o.isBehind()) return;
    const held = this.#held;
    this.#held = [];
    for (const change of held) this.#measure(change);
  }

  figures(node: string, kind: LatencyKind): LatencyFigures | null {
    const samples = this.#samples.get(`${kind} ${node}`);
    if (!samples) return null;
    const { count, ring, lastAt } = samples;
    const sorted = ring.toSorted((a, b) => a - b);
    const quantile = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1]!;
    return { count, p50: quantile(0.5), p99: quantile(0.99), last: ring[(count - 1) % samplesPerNode]!, lastAt };
  }

  #measure({ neighbor: id, prefix, kind, at }: RouteChange): void {
    const candidates = this.#byPrefix.get(prefix);
    const neighbor = candidates && this.#o.neighbor(id);
    if (!neighbor || neighbor.node === null || neighbor.bgpPeer === null) return;
    const { node, bgpPeer, state, establishedAt } = neighbor;
    const awaited = candidates.findLast(({ sessions }) => sessions.get(bgpPeer)?.has(node));
    const route = `${node}\n${bgpPeer}\n${prefix}`;
    if (!awaited || at < awaited.at || awaited.done.has(route)) return;
    awaited.done.add(route);
    const isOneSession = state === 'established' && establishedAt !== null && establishedAt <= awaited.at;
    const waited = at - awaited.at;
    if (kind === awaited.kind && isOneSession && waited <= maxLatencyMs) this.#observe(kind, node, waited / 1000, at);
  }

  #observe(kind: LatencyKind, node: string, seconds: number, at: number): void {
    const key = `${kind} ${node}`;
    const samples = this.#samples.get(key) ?? { count: 0, ring: [], lastAt: at };
    this.#samples.delete(key);
    this.#samples.set(key, samples);
    if (this.#samples.size > 2 * maxMeasuredNodes) this.#samples.delete(this.#samples.keys().next().value!);
    samples.ring[samples.count++ % samplesPerNode] = seconds;
    samples.lastAt = at;
    for (const observer of this.#observers) observer(kind, node, seconds);
  }

  #expire(now: number): void {
    while (this.#awaited.length > 0 && this.#awaited[0]!.at < now - maxLatencyMs) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#awaited.shift()!;
    this.#awaitedPrefixes -= oldest.prefixes.length;
    for (const prefix of oldest.prefixes) {
      const own = this.#byPrefix.get(prefix)!.filter((awaited) => awaited !== oldest);
      if (own.length > 0) this.#byPrefix.set(prefix, own);
      else this.#byPrefix.delete(prefix);
    }
  }

  /** What happened meanwhile was not looked at: nothing that was awaited can be measured any more. */
  #forgetAll(): void {
    this.#awaited.length = 0;
    this.#awaitedPrefixes = 0;
    this.#byPrefix.clear();
    this.#held = [];
  }
}

function nodesByPeer({ blocks }: Difference['sessions']): Map<string, Set<string>> {
  const nodes = new Map<string, Set<string>>();
  for (const block of blocks)
    for (const bgpPeer of block.bgpPeers) nodes.set(bgpPeer, new Set([...(nodes.get(bgpPeer) ?? []), ...block.nodes]));
  return nodes;
}

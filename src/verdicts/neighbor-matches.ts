/**
 * What the cluster's objects ask for (a BGPPeer on a node) beside who is really there (a neighbor). Either side may
 * be absent; every neighbor, and every expected session that should come here, is in exactly one match.
 */

import { canonicalAddress } from '../ip.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { Neighbor, RibView } from '../rib/types.ts';
import { ownAddresses, sameMembers } from './compare.ts';
import type { MatchRole, SessionCondition, SessionStatus } from './evaluate.ts';
import { Rows } from './rows.ts';

/** What rows belong to: a match, or a hand-written rule that is kept or not. */
export interface RowOwner {
  readonly node: string | null;
  readonly bgpPeer: string | null;
  /** Neighbor id; null = nobody stands for the session. */
  readonly neighbor: number | null;
  /** Id of the rule whose own row it is; null for a match. */
  readonly rule: string | null;
  readonly rows: Rows;
  /** epoch ms */
  readonly createdAt: number;
  /** Every row was looked at once. */
  settled: boolean;
  retired: boolean;
  /** epoch ms of the earliest deadline of its pending rows; Infinity = none. */
  deadline: number;
}

export interface NeighborMatch extends RowOwner {
  readonly rule: null;
  facts: SessionCondition;
  /** The neighbor may have routes that were never noted one by one. */
  hasUnseen: boolean;
  /** Where the neighbor's session comes from, canonical. */
  address(): string | null;
}

/** What of the expectations decides about matches. */
export type AskedSessions = Pick<ExpectationTable, 'sessions' | 'nodes'>;

export interface NeighborMatchOptions {
  rib: RibView;
  /** epoch ms at which this process began to listen. */
  startedAt: number;
  /** How long after `startedAt` a neighbor of an earlier run may stay away before it counts as down. */
  restoreMs: number;
  /** Do sessions of this BGPPeer come to this collector? One that came is expected in any case. */
  standsFor: (bgpPeer: string) => boolean;
  /** Facts that decide about its rows changed, or it is new. */
  onChanged: (match: NeighborMatch) => void;
  /** It is no more: its rows have to be closed. */
  onRetired: (match: NeighborMatch) => void;
}

/** What is remembered of a neighbor over its sessions and mappings. */
interface NeighborRecord {
  group: string;
  node: string | null;
  bgpPeer: string | null;
  ready: boolean;
  /** epoch ms of the last time that its table was complete, or that it was established. */
  readyAt: number;
  resentAt: number;
}

/** A group is what competes for one expected session; a neighbor without one is a group of its own. */
const groupKey = (node: string | null, bgpPeer: string | null, neighbor: number): string =>
  node === null || bgpPeer === null ? `#${neighbor}` : `${node}\n${bgpPeer}`;

export class NeighborMatches {
  readonly #options: NeighborMatchOptions;
  #table: AskedSessions | null = null;
  readonly #groups = new Map<string, NeighborMatch[]>();
  readonly #byNeighbor = new Map<number, NeighborMatch>();
  readonly #lives = new Map<number, NeighborRecord>();
  readonly #members = new Map<string, Set<number>>();
  /** Since when a session is asked for as it is. */
  readonly #asked = new Map<string, { as: string; at: number }>();
  /** Neighbors by node of which the session cannot be told. */
  readonly #ambiguous = new Map<string, Set<number>>();
  readonly #peersByNode = new Map<string, string[]>();
  #ordered: NeighborMatch[] | undefined;

  constructor(options: NeighborMatchOptions) {
    this.#options = options;
  }

  /** All matches, ordered by node, BGPPeer and neighbor. Not to be changed. */
  get all(): readonly NeighborMatch[] {
    this.#ordered ??= [...this.#groups.values()].flat().sort(compareOwners);
    return this.#ordered;
  }

  of(neighbor: number): NeighborMatch | undefined {
    return this.#byNeighbor.get(neighbor);
  }

  /** epoch ms of the first deadline, the end of restoring among them; Infinity = none. */
  get deadline(): number {
    const { startedAt, restoreMs } = this.#options;
    let first = Number.POSITIVE_INFINITY;
    for (const { deadline, facts } of this.all) {
      if (facts.status === 'restoring') first = Math.min(first, startedAt + restoreMs);
      first = Math.min(first, deadline);
    }
    return first;
  }

  /** Those whose deadline is over; it is taken off them. */
  *takeDue(now: number): Generator<NeighborMatch> {
    for (const match of this.all) {
      if (match.deadline > now) continue;
      match.deadline = Number.POSITIVE_INFINITY;
      yield match;
    }
  }

  /** Pairs anew for a table whose sessions or nodes may differ from the last one's; null ends all matches. */
  adopt(table: AskedSessions | null, now: number): void {
    this.#table = table;
    this.#peersByNode.clear();
    if (table === null) {
      for (const key of [...this.#groups.keys()]) this.#set(key, [], now);
      this.#asked.clear();
      return;
    }
    for (const id of this.#options.rib.neighbors.keys()) this.#remember(id, now); // they may be matched anew
    const asked = new Set<string>();
    for (const session of table.sessions) asked.add(this.#ask(session, now));
    for (const key of this.#asked.keys()) if (!asked.has(key)) this.#asked.delete(key);
    for (const key of new Set([...this.#groups.keys(), ...this.#members.keys(), ...asked])) this.#settle(key, now);
  }

  /** Pairs anew on these nodes, for a table that differs from the last one in no other sessions. */
  adoptNodes(table: AskedSessions, nodes: ReadonlySet<string>, now: number): void {
    this.#table = table;
    if (nodes.size === 0) return;
    const touched = new Set<string>();
    for (const node of nodes) {
      for (const bgpPeer of this.#peersByNode.get(node) ?? []) touched.add(groupKey(node, bgpPeer, 0));
      for (const neighbor of this.#ambiguous.get(node) ?? []) touched.add(groupKey(node, null, neighbor));
      this.#peersByNode.delete(node);
    }
    const asked = new Set<string>();
    for (const session of table.sessions) if (nodes.has(session.node)) asked.add(this.#ask(session, now));
    for (const key of touched) if (!asked.has(key)) this.#asked.delete(key);
    for (const key of new Set([...touched, ...asked])) this.#settle(key, now);
  }

  /** Notes that a session is asked for; the key of its group. */
  #ask(session: AskedSessions['sessions'][number], now: number): string {
    const { node, bgpPeer } = session;
    const key = groupKey(node, bgpPeer, 0);
    const peers = this.#peersByNode.get(node);
    if (peers) peers.push(bgpPeer);
    else this.#peersByNode.set(node, [bgpPeer]);
    const as = JSON.stringify([session, this.#table?.nodes.get(node)?.addresses]);
    if (this.#asked.get(key)?.as !== as) this.#asked.set(key, { as, at: now });
    return key;
  }

  /** State, mapping or sync of a neighbor may have changed. */
  neighborChanged(id: number, now: number): void {
    const before = this.#lives.get(id);
    const after = this.#remember(id, now);
    if (this.#table === null) return;
    const keys = new Set([before?.group, after?.group].filter((key) => key !== undefined));
    for (const life of [before, after]) {
      if (life === undefined || life.node === null || life.bgpPeer !== null) continue;
      for (const peer of this.#peersByNode.get(life.node) ?? []) keys.add(groupKey(life.node, peer, 0));
    }
    for (const key of keys) this.#settle(key, now);
  }

  /** The neighbor sent its whole table again. */
  resent(id: number, now: number): NeighborMatch | undefined {
    const life = this.#lives.get(id);
    if (life) life.resentAt = now;
    const match = this.#byNeighbor.get(id);
    if (match) match.facts = { ...match.facts, resentAt: now };
    return match;
  }

  /** Neighbors of an earlier run that did not come back count as down from now on. */
  restoreOver(now: number): void {
    for (const match of this.all) {
      if (match.facts.status !== 'restoring') continue;
      this.#settle(groupKey(match.node, match.bgpPeer, match.neighbor!), now);
    }
  }

  #remember(id: number, now: number): NeighborRecord | undefined {
    const neighbor = this.#options.rib.neighbors.get(id);
    const old = this.#lives.get(id);
    if (old) {
      this.#members.get(old.group)?.delete(id);
      if (this.#members.get(old.group)?.size === 0) this.#members.delete(old.group);
      if (old.node !== null) this.#ambiguous.get(old.node)?.delete(id);
    }
    if (neighbor === undefined) {
      this.#lives.delete(id);
      return undefined;
    }
    const { node, bgpPeer } = neighbor;
    const ready = neighbor.state === 'established' && neighbor.synced;
    const life: NeighborRecord = {
      group: groupKey(node, bgpPeer, id),
      node,
      bgpPeer,
      ready,
      readyAt: old === undefined ? (neighbor.establishedAt ?? 0) : ready && !old.ready ? now : old.readyAt,
      resentAt: old?.resentAt ?? Number.NEGATIVE_INFINITY,
    };
    this.#lives.set(id, life);
    addTo(this.#members, life.group, id);
    if (node !== null && bgpPeer === null) addTo(this.#ambiguous, node, id);
    return life;
  }

  /** Gives every member of a group, and the session that it is about, its match. */
  #settle(key: string, now: number): void {
    const members = [...(this.#members.get(key) ?? [])];
    if (!key.includes('\n')) {
      const [id] = members;
      this.#set(key, id === undefined ? [] : [this.#lonely(id)], now);
      return;
    }
    const [node, bgpPeer] = key.split('\n') as [string, string];
    const asked = this.#asked.has(key);
    if (!asked) {
      this.#set(
        key,
        members.map((neighbor) => ({ node, bgpPeer, neighbor, role: 'not-expected' })),
        now,
      );
      return;
    }
    const first = members.map((id) => this.#options.rib.neighbors.get(id)!).sort(byClaim)[0];
    if (first === undefined) {
      const isOurs = this.#options.standsFor(bgpPeer);
      this.#set(key, isOurs ? [{ node, bgpPeer, neighbor: null, role: 'expected' }] : [], now);
      return;
    }
    const roleOf = (id: number): MatchRole => (id === first.id ? 'expected' : 'duplicate');
    this.#set(
      key,
      members.map((neighbor) => ({ node, bgpPeer, neighbor, role: roleOf(neighbor) })),
      now,
    );
  }

  /** A neighbor of which node or BGPPeer is not known. */
  #lonely(neighbor: number): MatchKey {
    const { node, bgpPeer } = this.#lives.get(neighbor)!;
    if (node === null) return { node, bgpPeer, neighbor, role: 'unmapped' };
    return { node, bgpPeer, neighbor, role: this.#peersByNode.has(node) ? 'ambiguous' : 'not-expected' };
  }

  /** Makes a group's matches what `claims` say, keeping those that are the same. */
  #set(key: string, claims: MatchKey[], now: number): void {
    const before = this.#groups.get(key) ?? [];
    const after: NeighborMatch[] = [];
    for (const match of before) {
      if (claims.some((claim) => isSame(match, claim))) continue;
      match.retired = true;
      if (this.#byNeighbor.get(match.neighbor!) === match) this.#byNeighbor.delete(match.neighbor!);
      this.#options.onRetired(match);
    }
    for (const claim of claims) {
      const known = before.find((match) => isSame(match, claim));
      const facts = this.#facts(claim, key, known?.createdAt ?? now, now);
      if (known) {
        after.push(known);
        if (sameFacts(known.facts, facts)) continue;
        known.facts = facts;
        this.#options.onChanged(known);
        continue;
      }
      const { node, bgpPeer, neighbor } = claim;
      const match: NeighborMatch = {
        node,
        bgpPeer,
        neighbor,
        rule: null,
        rows: new Rows(),
        createdAt: now,
        facts,
        settled: false,
        hasUnseen: true,
        retired: false,
        deadline: Number.POSITIVE_INFINITY,
        address: () => this.#addressOf(neighbor),
      };
      after.push(match);
      if (neighbor !== null) this.#byNeighbor.set(neighbor, match);
      this.#options.onChanged(match);
    }
    if (after.length === 0) this.#groups.delete(key);
    else this.#groups.set(key, after);
    if (after.length !== before.length || after.some((match, i) => match !== before[i])) this.#ordered = undefined;
  }

  #addressOf(neighbor: number | null): string | null {
    const text = neighbor === null ? undefined : this.#options.rib.neighbors.get(neighbor)?.remoteAddress;
    return text === undefined ? null : (canonicalAddress(text) ?? text);
  }

  #facts({ node, neighbor: id, role }: MatchKey, key: string, createdAt: number, now: number): SessionCondition {
    const neighbor = id === null ? undefined : this.#options.rib.neighbors.get(id);
    const life = id === null ? undefined : this.#lives.get(id);
    const view = node === null ? undefined : this.#table?.nodes.get(node);
    return {
      role,
      status: neighbor ? this.#status(neighbor, now) : this.#isMaybeThere(node) ? 'maybe' : 'never-seen',
      own: ownAddresses(view?.addresses ?? [], neighbor?.remoteAddress ?? null, neighbor?.routerId ?? null),
      // a session that nobody stands for is waited for since it is known that it should come here
      changedAt: Math.max(this.#asked.get(key)?.at ?? createdAt, life?.readyAt ?? createdAt),
      resentAt: life?.resentAt ?? Number.NEGATIVE_INFINITY,
      restored: neighbor?.restored ?? false,
      configurationUnknown: view?.configurationUnknown ?? false,
    };
  }

  #status(neighbor: Neighbor, now: number): SessionStatus {
    if (neighbor.state === 'established') return neighbor.synced ? 'up' : 'syncing';
    if (neighbor.establishedAt === null && !neighbor.restored) return 'never-seen';
    const { startedAt, restoreMs } = this.#options;
    const seen = Math.max(neighbor.establishedAt ?? 0, neighbor.lastDown?.at ?? 0);
    return seen < startedAt && now < startedAt + restoreMs ? 'restoring' : 'down';
  }

  #isMaybeThere(node: string | null): boolean {
    for (const id of (node !== null && this.#ambiguous.get(node)) || [])
      if (this.#options.rib.neighbors.get(id)?.state === 'established') return true;
    return false;
  }
}

interface MatchKey {
  node: string | null;
  bgpPeer: string | null;
  neighbor: number | null;
  role: MatchRole;
}

function isSame(match: NeighborMatch, claim: MatchKey): boolean {
  return match.node === claim.node && match.bgpPeer === claim.bgpPeer && match.neighbor === claim.neighbor;
}

/** Who stands for a session that several neighbors are mapped to: an established one, then the latest. */
function byClaim(a: Neighbor, b: Neighbor): number {
  return Number(b.state === 'established') - Number(a.state === 'established') || b.session - a.session || a.id - b.id;
}

function sameFacts(a: SessionCondition, b: SessionCondition): boolean {
  return (
    a.role === b.role &&
    a.status === b.status &&
    a.changedAt === b.changedAt &&
    a.resentAt === b.resentAt &&
    a.restored === b.restored &&
    a.configurationUnknown === b.configurationUnknown &&
    a.own.routerId === b.own.routerId &&
    a.own.linkLocal === b.own.linkLocal &&
    sameMembers(a.own.addresses, b.own.addresses)
  );
}

type Place = Pick<RowOwner, 'node' | 'bgpPeer' | 'neighbor'> & { rule?: string | null | undefined };

/** Order of lists: by node, BGPPeer, neighbor, rule; null first. */
export function compareOwners(a: Place, b: Place): number {
  return (
    compareText(a.node, b.node) ||
    compareText(a.bgpPeer, b.bgpPeer) ||
    (a.neighbor ?? -1) - (b.neighbor ?? -1) ||
    compareText(a.rule ?? null, b.rule ?? null)
  );
}

function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0;
  return a === null || (b !== null && a < b) ? -1 : 1;
}

function addTo(sets: Map<string, Set<number>>, key: string, id: number): void {
  const set = sets.get(key);
  if (set) set.add(id);
  else sets.set(key, new Set([id]));
}

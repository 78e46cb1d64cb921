/**
 * The RIB: a fold over records. The same records in the same order give the same routes, ids and changes, which is
 * what makes the journal enough to come back from. Nothing here has a clock; `at` comes with the record.
 *
 * IPv4 and IPv6 unicast, RFC 4271 §3.2 Adj-RIB-In per neighbor, RFC 7911 path identifiers as part of the key, stale
 * routes of RFC 4724 (helper) and of RFC 7313 (enhanced route refresh).
 */
import {
  type Batch,
  type BatchRecord,
  RecordKind,
  records,
  type SessionEvent,
  sessionEvent,
  type TableUse,
  treatedUpdate,
} from '../events.ts';
import type { Family } from '../ip.ts';
import { type RouteSink, walkUpdate } from '../wire/walk.ts';
import { AdjRibIn } from './adj-rib-in.ts';
import { AttributeTable } from './attribute-table.ts';
import { ActionCode, type ChangeList, ChangeLog } from './change-log.ts';
import { type NewKey, randomKey } from './keyed-hash.ts';
import { maxAsnsPerRemote, Neighbors } from './neighbors.ts';
import { NlriTable } from './nlri-table.ts';
import type { Neighbor, NeighborEvent } from './types.ts';
import { maxId } from './unused.ts';

/** What a batch did. */
export interface Applied {
  firstSeq: number;
  lastSeq: number;
  changes: ChangeList;
  /** Neighbors that something came from. */
  touched: Set<Neighbor>;
  /** Neighbors whose session changed (a session event came). */
  sessions: Set<Neighbor>;
  /** Neighbors that announced something again as it was: FRR sends its whole table after a change of a route map. */
  resent: Set<Neighbor>;
  events: NeighborEvent[];
  /** Neighbors that made room for others (neighbors.ts). */
  forgotten: number[];
}

/** Ids that were given up. */
export interface Freed {
  nlris: number[];
  sets: number[];
  /** No change with a higher seq speaks of them. */
  seq: number;
  /** Everything that stopped being used up to this seq was given up by now. */
  through: number;
}

/** Malformed UPDATEs of one batch that get an event row of their own; the rest are counted. */
export const maxMalformedEventsPerBatch = 100;

const nothing = new Uint8Array(0);
const headerLength = 19;
const MessageType = { update: 2, notification: 3, routeRefresh: 5 } as const;
/** RFC 7313 §4 subtypes. */
const Refresh = { begin: 1, end: 2 } as const;

export class Rib {
  readonly nlris: NlriTable;
  readonly attributeSets: AttributeTable;
  readonly neighbors: Neighbors;
  /** Highest seq applied. */
  seq = 0;
  routeCount = 0;
  prefixCount = 0;
  /** Adj-RIB-In by neighbor id. */
  readonly tables = new Map<number, AdjRibIn>();
  #log = new ChangeLog();

  // The record in hand.
  #at = 0;
  #neighbor: Neighbor | undefined;
  #table: AdjRibIn | undefined;
  /** The block of the announcements in hand, and its id + 1; 0 = none yet. */
  #block: { bytes: Uint8Array; start: number; end: number } = { bytes: nothing, start: 0, end: 0 };
  #attributes = 0;
  #touched = new Set<Neighbor>();
  #sessions = new Set<Neighbor>();
  #resent = new Set<Neighbor>();
  #events: NeighborEvent[] = [];
  #malformed = 0;
  readonly #sink: RouteSink = {
    attributes: (bytes, start, end) => {
      this.#block.bytes = bytes;
      this.#block.start = start;
      this.#block.end = end;
      this.#attributes = 0;
    },
    announce4: (address, length, pathId) => this.#announce(this.nlris.ipv4(address, length, pathId, true)),
    announce6: (bytes, offset, length, pathId) => this.#announce(this.nlris.ipv6(bytes, offset, length, pathId, true)),
    withdraw4: (address, length, pathId) => this.#withdraw(this.nlris.ipv4(address, length, pathId, false)),
    withdraw6: (bytes, offset, length, pathId) => this.#withdraw(this.nlris.ipv6(bytes, offset, length, pathId, false)),
    endOfRib: (family) => this.#endOfRib(family),
  };

  /** `newKey`: where the keys of the hash tables come from. */
  constructor(newKey: NewKey = randomKey, neighbors = new Neighbors()) {
    this.nlris = new NlriTable(newKey);
    this.attributeSets = new AttributeTable(newKey);
    this.neighbors = neighbors;
  }

  /** Forgets neighbors that are long gone (neighbors.ts). Returns their ids. */
  forgetLongGone(before: number, now: number): number[] {
    const forgotten = this.neighbors.forgetLongGone(before, now);
    for (const id of forgotten) this.tables.delete(id);
    return forgotten;
  }

  /** Applies a batch; its first record gets `seq + 1`. */
  apply(batch: Batch): Applied {
    const firstSeq = this.seq + 1;
    this.#touched = new Set();
    this.#sessions = new Set();
    this.#resent = new Set();
    this.#events = [];
    this.#malformed = 0;
    for (const record of records(batch)) {
      this.seq++;
      this.#at = record.at;
      if (record.kind === RecordKind.session) this.#session(record);
      else if (this.#enter(record.session)) this.#message(record);
    }
    const forgotten = this.neighbors.takeForgotten();
    for (const id of forgotten) this.tables.delete(id);
    this.#block.bytes = nothing;
    return {
      firstSeq,
      lastSeq: this.seq,
      changes: this.#log.take(),
      touched: this.#touched,
      sessions: this.#sessions,
      resent: this.#resent,
      events: this.#events,
      forgotten,
    };
  }

  /** Adj-RIB-In of a neighbor, made on first use. */
  table(neighbor: number): AdjRibIn {
    let table = this.tables.get(neighbor);
    if (table === undefined) this.tables.set(neighbor, (table = new AdjRibIn()));
    return table;
  }

  /** How many neighbors have this NLRI. */
  holders(nlri: number): number {
    return this.nlris.holders(nlri);
  }

  /** Ids given. Routes that find none left are not recorded. */
  get idTables(): TableUse[] {
    const use = (name: string, { next, refused }: NlriTable | AttributeTable): TableUse => ({
      name,
      used: next,
      max: maxId + 1,
      overflows: refused,
    });
    return [use('prefix-ids', this.nlris), use('attribute-set-ids', this.attributeSets)];
  }

  /**
   * Frees at most `limit` NLRIs, and as many attribute sets, that nothing used after `seq`.
   * @param isJudged no verdict waits that would look at an NLRI.
   */
  free(seq: number, isJudged: boolean, limit: number): Freed {
    const { nlris, attributeSets } = this;
    const freed = { nlris: isJudged ? nlris.unused.take(seq, limit) : [], sets: attributeSets.takeUnused(seq, limit) };
    for (const id of freed.nlris) nlris.free(id);
    for (const id of freed.sets) attributeSets.free(id);
    return { ...freed, seq, through: Math.min(seq, nlris.unused.oldest - 1, attributeSets.unused.oldest - 1) };
  }

  /** Puts a stored route back (no change, no event). `attributes` is an id + 1. */
  restoreRoute(
    neighbor: Neighbor,
    nlri: number,
    attributes: number,
    firstSeenAt: number,
    changedAt: number,
    seq: number,
    isStale: boolean,
  ): void {
    const table = this.table(neighbor.id);
    table.restore(nlri, attributes, firstSeenAt, changedAt, seq);
    this.attributeSets.hold(attributes - 1);
    if (isStale && table.markStale(nlri)) this.#countStale(neighbor, nlri, 1);
    this.#count(neighbor, nlri, 1);
  }

  /** Frees what was put back and no route holds: routes of a neighbor that is not known any more. */
  freeUnheld(): void {
    for (const id of this.nlris.ids()) if (this.nlris.holders(id) === 0) this.nlris.free(id);
    for (const id of this.attributeSets.ids()) if (this.attributeSets.uses(id) === 0) this.attributeSets.free(id);
  }

  /** Sets the current record's neighbor; false when the session is unknown (a stranger beyond the bound). */
  #enter(session: number): boolean {
    const context = this.neighbors.session(session);
    this.#neighbor = context?.neighbor;
    this.#table = context && this.table(context.neighbor.id);
    if (context) this.#touched.add(context.neighbor);
    return context !== undefined;
  }

  #message(record: BatchRecord): void {
    const neighbor = this.#neighbor!;
    if (record.kind === RecordKind.treated) {
      const { effective, problems } = treatedUpdate(record);
      if (problems.length > 0) {
        neighbor.counters.malformed++;
        if (this.#malformed++ < maxMalformedEventsPerBatch)
          this.#event('malformed', {
            code: problems[0]!.action,
            text: problems.map((p) => `${p.text} (${p.clause})`).join('; '),
            detail: problems,
          });
      }
      this.#update(record.session, effective, 0, effective.length);
      return;
    }
    const type = record.bytes[record.start + headerLength - 1];
    if (type === MessageType.update) this.#update(record.session, record.bytes, record.start, record.end);
    else if (type === MessageType.routeRefresh) this.#routeRefresh(record);
    else if (type === MessageType.notification) neighbor.counters.notifications++;
  }

  #update(session: number, bytes: Uint8Array, start: number, end: number): void {
    const { addPath4, addPath6 } = this.neighbors.session(session)!;
    const neighbor = this.#neighbor!;
    neighbor.counters.updates++;
    neighbor.lastUpdateAt = this.#at;
    walkUpdate(bytes, start, end, addPath4, addPath6, this.#sink);
  }

  /** RFC 7313 §4: what was not announced between BoRR and EoRR is gone. */
  #routeRefresh(record: BatchRecord): void {
    this.#neighbor!.counters.routeRefresh++;
    const afi = (record.bytes[record.start + headerLength]! << 8) | record.bytes[record.start + headerLength + 1]!;
    const subtype = record.bytes[record.start + headerLength + 2];
    const family: Family | undefined = afi === 1 ? 4 : afi === 2 ? 6 : undefined;
    if (family === undefined) return;
    const neighbor = this.#neighbor!;
    neighbor.refreshing = neighbor.refreshing.filter((each) => each !== family);
    if (subtype === Refresh.begin) {
      neighbor.refreshing.push(family);
      this.#markStale(neighbor, family);
    } else if (subtype === Refresh.end) this.#sweep(neighbor, family);
    this.#event('route-refresh', {
      code: subtype === Refresh.begin ? 'borr' : subtype === Refresh.end ? 'eorr' : 'request',
      text: `IPv${family} unicast`,
    });
  }

  #announce(nlri: number): void {
    const neighbor = this.#neighbor!;
    neighbor.counters.announcements++;
    const { bytes, start, end } = this.#block;
    if (this.#attributes === 0) this.#attributes = this.attributeSets.intern(bytes, start, end) + 1;
    if (nlri < 0 || this.#attributes === 0) return;
    const wasStale = neighbor.routes.stale > 0 && this.#table!.isStale(nlri);
    const before = this.#table!.set(nlri, this.#attributes, this.#at, this.seq);
    if (wasStale) this.#countStale(neighbor, nlri, -1);
    if (before === this.#attributes) {
      if (wasStale) this.#change(ActionCode.refreshed, neighbor, nlri, before, before);
      else this.#resent.add(neighbor);
      return;
    }
    this.attributeSets.hold(this.#attributes - 1);
    if (before === 0) this.#count(neighbor, nlri, 1);
    else this.attributeSets.release(before - 1, this.seq);
    this.#change(before === 0 ? ActionCode.announced : ActionCode.replaced, neighbor, nlri, this.#attributes, before);
  }

  #withdraw(nlri: number): void {
    this.#neighbor!.counters.withdraws++;
    if (nlri >= 0) this.#remove(this.#neighbor!, this.#table!, nlri);
  }

  #remove(neighbor: Neighbor, table: AdjRibIn, nlri: number): void {
    if (table.isStale(nlri)) this.#countStale(neighbor, nlri, -1);
    const before = table.delete(nlri);
    if (before === 0) return;
    this.attributeSets.release(before - 1, this.seq);
    this.#count(neighbor, nlri, -1);
    this.#change(ActionCode.withdrawn, neighbor, nlri, 0, before);
  }

  #endOfRib(family: Family): void {
    const neighbor = this.#neighbor!;
    neighbor.counters.endOfRib++;
    if (!neighbor.endOfRib.includes(family)) neighbor.endOfRib.push(family);
    this.#event('end-of-rib', { code: `ipv${family}-unicast`, text: `End-of-RIB for IPv${family} unicast` });
    // RFC 4724 §4.2: routes of the family that are still stale go at once. Routes restored from disk wait for quiet.
    if (!neighbor.restored) this.#sweep(neighbor, family);
  }

  #session(record: BatchRecord): void {
    const event = sessionEvent(record);
    if (event.kind === 'restored') {
      this.neighbors.disconnectAll(record.at);
      for (const neighbor of this.neighbors.byId.values()) this.#restored(neighbor);
      return;
    }
    const current = 'endpoints' in event ? this.neighbors.session(record.session)?.neighbor : undefined;
    const wasEstablished = current?.state === 'established' && current.session === record.session;
    const retained = current?.negotiated?.gracefulRestart?.families.map(({ family }) => family) ?? [];
    const neighbor = this.neighbors.apply(record.session, record.at, event);
    if (neighbor === undefined) return;
    this.#neighbor = neighbor;
    this.#touched.add(neighbor);
    this.#sessions.add(neighbor);
    this.#event(event.kind, eventColumns(event), record.session);
    const displaced = this.neighbors.takeDisplaced();
    if (displaced)
      this.#event('forgotten', {
        code: 'too-many-as-numbers',
        text: `AS ${displaced.asn} (neighbor ${displaced.id}) made room: ${displaced.remoteAddress} has come with more than ${maxAsnsPerRemote} AS numbers`,
      });
    if (event.kind === 'swept') this.#sweep(neighbor, event.family);
    else if (event.kind === 'established') this.#markStale(neighbor);
    else if (event.kind === 'down' && wasEstablished) {
      if (event.retainRoutes === 'all') this.#restored(neighbor);
      else this.#lost(neighbor, event.retainRoutes ? retained : []);
    }
  }

  /** The session is gone: routes of `retained` families are kept as stale (RFC 4724 §4.2), the others are not. */
  #lost(neighbor: Neighbor, retained: Family[]): void {
    const { staleUntil } = neighbor;
    // RFC 4724 §4.2: what was stale already when the neighbor restarts again is not kept once more
    this.#sweep(neighbor);
    const table = this.table(neighbor.id);
    for (const nlri of table.nlris())
      if (!retained.includes(this.nlris.family(nlri))) this.#remove(neighbor, table, nlri);
    for (const family of retained) this.#markStale(neighbor, family);
    neighbor.staleUntil = neighbor.routes.stale === 0 ? null : staleUntil;
    neighbor.restored = false;
  }

  #restored(neighbor: Neighbor): void {
    this.#sessions.add(neighbor);
    neighbor.restored = (this.tables.get(neighbor.id)?.count ?? 0) > 0;
    neighbor.staleUntil = null;
    this.#markStale(neighbor);
  }

  #markStale(neighbor: Neighbor, family?: Family): void {
    const table = this.tables.get(neighbor.id);
    if (table === undefined || table.count === table.staleCount) return;
    for (const nlri of table.nlris()) {
      if (family !== undefined && this.nlris.family(nlri) !== family) continue;
      if (!table.markStale(nlri)) continue;
      this.#countStale(neighbor, nlri, 1);
      this.#change(ActionCode.stale, neighbor, nlri, table.get(nlri), table.get(nlri));
    }
  }

  /** Takes away what is still stale. */
  #sweep(neighbor: Neighbor, family?: Family): void {
    const table = this.tables.get(neighbor.id);
    if (table !== undefined && table.staleCount > 0) {
      for (const nlri of table.nlris()) {
        if (table.isStale(nlri) && (family === undefined || this.nlris.family(nlri) === family))
          this.#remove(neighbor, table, nlri);
      }
    }
    if (neighbor.routes.stale > 0) return;
    neighbor.staleUntil = null;
    neighbor.restored = false;
  }

  #change(action: number, neighbor: Neighbor, nlri: number, attributes: number, previous: number): void {
    this.#log.append(this.seq, this.#at, action, neighbor.id, nlri, attributes, previous);
  }

  #countStale({ routes, staleRoutes }: Neighbor, nlri: number, by: 1 | -1): void {
    routes.stale += by;
    staleRoutes[this.nlris.family(nlri)] += by;
  }

  #count(neighbor: Neighbor, nlri: number, by: 1 | -1): void {
    if (by === 1 && this.nlris.hold(nlri)) this.prefixCount++;
    else if (by === -1 && this.nlris.release(nlri, this.seq)) this.prefixCount--;
    this.routeCount += by;
    if (this.nlris.family(nlri) === 4) neighbor.routes.ipv4 += by;
    else neighbor.routes.ipv6 += by;
  }

  #event(
    kind: string,
    columns: { from?: string; to?: string; code?: string; text?: string; detail?: unknown },
    session?: number,
  ): void {
    const neighbor = this.#neighbor!;
    this.#events.push({
      seq: this.seq,
      at: this.#at,
      neighbor: neighbor.id,
      session: session ?? neighbor.session,
      kind,
      from: columns.from ?? null,
      to: columns.to ?? null,
      code: columns.code ?? null,
      text: columns.text ?? null,
      detail: columns.detail ?? null,
    });
  }
}

/** The readable columns of a session event. */
function eventColumns(event: Exclude<SessionEvent, { kind: 'restored' }>): {
  from?: string;
  to?: string;
  code?: string;
  text?: string;
  detail?: unknown;
} {
  switch (event.kind) {
    case 'state':
      return { from: event.from, to: event.to };
    case 'established': {
      const { received, negotiated } = event;
      return {
        to: 'established',
        text: `AS ${received.asn}, router ID ${received.routerId}, hold time ${negotiated.holdTime} s`,
        detail: event,
      };
    }
    case 'down':
      return { from: event.from, to: 'idle', code: event.reason.code, text: event.reason.text, detail: event };
    case 'refused':
      return { code: event.reason.code, text: event.reason.text, detail: event };
    case 'swept':
      return {
        code: event.cause,
        text: event.family === undefined ? 'stale routes removed' : `stale IPv${event.family} routes removed`,
      };
    default:
      return event satisfies never;
  }
}

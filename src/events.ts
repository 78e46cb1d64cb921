/**
 * The interface between the speaker and the collector: batches of records in one transferable buffer.
 *
 * The same bytes form the journal: the store appends each batch unchanged, so a record must be readable without the
 * process that wrote it. Records are in the order of events on the wire.
 *
 *     record  kind u8 | 0 u8 | 0 u16 | session u32 | at f64 | length u32 | 0 u32 | payload, padded to 8 octets
 *
 * All integers are little-endian. `at` is epoch milliseconds with µs in the fraction: steady time in memory, wall time
 * on disk. `session` is one TCP connection of a neighbor, numbered upwards across restarts. The collector numbers
 * records consecutively; that number is `seq`.
 */
import type { Family } from './ip.ts';
import type { DownReason, Negotiated, OpenSummary, RetainRoutes, SessionState } from './session/types.ts';
import type { UpdateProblem } from './wire/errors.ts';

export type { DownReason, Negotiated, OpenSummary, RetainRoutes, SessionState } from './session/types.ts';
export type { UpdateProblem } from './wire/errors.ts';

export const RecordKind = {
  /** Payload: one BGP message as received, header included (UPDATE, ROUTE-REFRESH, NOTIFICATION). */
  message: 1,
  /** Payload: a SessionEvent as UTF-8 JSON. */
  session: 2,
  /**
   * An UPDATE that RFC 7606 changed, or that was rewritten (2-octet AS_PATH).
   * Payload: u32 length of the effective UPDATE | effective UPDATE | u32 length of the raw one | raw | problems as JSON.
   * The RIB applies the effective UPDATE, which is well-formed and always has 4-octet AS numbers.
   */
  treated: 3,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

export const recordHeaderLength = 24;

/** Addresses and local port of a TCP connection; IPv6 text keeps its zone (`fe80::1%eth0`). */
export interface SessionEndpoints {
  remoteAddress: string;
  remotePort: number;
  localAddress: string;
  localPort: number;
}

/** Session events other than BGP messages. Events from the wire have `endpoints`, which identify the neighbor. */
export type SessionEvent = ({ endpoints: SessionEndpoints } & WireEvent) | CollectorEvent;

export type WireEvent =
  | { kind: 'state'; from: SessionState; to: SessionState /** remote AS, after its OPEN */; asn?: number }
  | {
      kind: 'established';
      localAsn: number;
      sent: OpenSummary;
      received: OpenSummary;
      negotiated: Negotiated;
      auth: 'md5' | 'none' | 'unsupported';
    }
  /** The session ended. */
  | {
      kind: 'down';
      from: SessionState;
      asn?: number;
      reason: DownReason;
      retainRoutes: RetainRoutes;
      /** like `refused` */
      suppressed?: number;
    }
  /**
   * Rejected before its OPEN: too many connections, or a password that cannot be enforced. `suppressed`: number of
   * unreported rejections of this address since the last report.
   */
  | { kind: 'refused'; reason: DownReason; suppressed: number };

/** Decisions of the collector that depend on time, recorded so that a replay gives the same result. */
type CollectorEvent =
  /** Removes stale routes of the record's session that were not confirmed. */
  | { kind: 'swept'; cause: SweepCause; family?: Family }
  /** The collector started and marked all routes of its database as stale. */
  | { kind: 'restored' };

export type SweepCause = 'quiet' | 'restart-time-expired' | 'restore-time-expired' | 'family-not-preserved';

/** Collects records in a growing buffer until they are taken as a batch. */
export class BatchWriter {
  /** Records written so far. */
  count = 0;
  /** Octets used. */
  length = 0;
  bytes: Uint8Array;
  #view: DataView;

  constructor(capacity = 64 * 1024) {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Appends one record. `at`: epoch ms. */
  append(kind: RecordKind, session: number, at: number, payload: Uint8Array, start = 0, end = payload.length): void {
    const size = end - start;
    const offset = this.#reserve(recordHeaderLength + size);
    const view = this.#view;
    view.setUint32(offset, kind, true);
    view.setUint32(offset + 4, session, true);
    view.setFloat64(offset + 8, at, true);
    view.setUint32(offset + 16, size, true);
    view.setUint32(offset + 20, 0, true);
    this.bytes.set(payload.subarray(start, end), offset + recordHeaderLength);
    this.length = align8(offset + recordHeaderLength + size);
    this.count++;
  }

  appendEvent(session: number, at: number, event: SessionEvent): void {
    this.append(RecordKind.session, session, at, utf8.encode(JSON.stringify(event)));
  }

  appendTreated(session: number, at: number, effective: Uint8Array, raw: Uint8Array, problems: UpdateProblem[]): void {
    const text = utf8.encode(JSON.stringify(problems));
    const payload = new Uint8Array(8 + effective.length + raw.length + text.length);
    const view = new DataView(payload.buffer);
    view.setUint32(0, effective.length, true);
    payload.set(effective, 4);
    view.setUint32(4 + effective.length, raw.length, true);
    payload.set(raw, 8 + effective.length);
    payload.set(text, 8 + effective.length + raw.length);
    this.append(RecordKind.treated, session, at, payload);
  }

  /** Returns the records as a transferable batch and starts a new one. */
  take(): Batch {
    const batch = { bytes: this.bytes, length: this.length, count: this.count };
    this.bytes = new Uint8Array(Math.max(4096, Math.min(this.bytes.length, 2 * align8(this.length))));
    this.#view = new DataView(this.bytes.buffer);
    this.count = this.length = 0;
    return batch;
  }

  #reserve(size: number): number {
    const offset = this.length;
    if (offset + size + 8 > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, align8(offset + size + 8)));
      grown.set(this.bytes.subarray(0, offset));
      this.bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return offset;
  }
}

/** `bytes[0..length)` holds `count` whole records. The buffer is transferable and belongs to the batch. */
export interface Batch {
  bytes: Uint8Array;
  length: number;
  count: number;
}

/** One record in place; `start..end` is its payload in `bytes`. The iterator reuses it: copy what you keep. */
export interface BatchRecord {
  kind: RecordKind;
  session: number;
  at: number;
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Iterates over the records of a batch in order; yields the same object each time. */
export function* records(batch: Batch): Generator<BatchRecord> {
  const view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.length);
  const record: BatchRecord = { kind: 1, session: 0, at: 0, bytes: batch.bytes, start: 0, end: 0 };
  for (let offset = 0; offset < batch.length; ) {
    const size = view.getUint32(offset + 16, true);
    record.kind = view.getUint32(offset, true) as RecordKind;
    record.session = view.getUint32(offset + 4, true);
    record.at = view.getFloat64(offset + 8, true);
    record.start = offset + recordHeaderLength;
    record.end = record.start + size;
    yield record;
    offset = align8(record.end);
  }
}

/** Shifts the times of all records by `ms`, in place. */
export function shiftRecords({ bytes, length }: Batch, ms: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  for (let offset = 0; offset < length; ) {
    view.setFloat64(offset + 8, view.getFloat64(offset + 8, true) + ms, true);
    offset = align8(offset + recordHeaderLength + view.getUint32(offset + 16, true));
  }
}

/** Splits the batch after each record for which `isEnd` returns true; returns the batch itself if there is none. */
export function splitBatch(batch: Batch, isEnd: (record: BatchRecord) => boolean): Batch[] {
  const pieces: Batch[] = [];
  let start = 0;
  let count = 0;
  const cut = (end: number): void => {
    pieces.push({ bytes: batch.bytes.slice(start, end), length: end - start, count });
    start = end;
    count = 0;
  };
  for (const record of records(batch)) {
    count++;
    const end = align8(record.end);
    if (isEnd(record) && end < batch.length) cut(end);
  }
  if (pieces.length === 0) return [batch];
  cut(batch.length);
  return pieces;
}

/** The SessionEvent of a `session` record. */
export function sessionEvent(record: BatchRecord): SessionEvent {
  return JSON.parse(text.decode(record.bytes.subarray(record.start, record.end))) as SessionEvent;
}

/** The parts of a `treated` record; `effective` and `raw` are views into the batch. */
export function treatedUpdate(record: BatchRecord): {
  effective: Uint8Array;
  raw: Uint8Array;
  problems: UpdateProblem[];
} {
  const view = new DataView(record.bytes.buffer, record.bytes.byteOffset);
  const effectiveEnd = record.start + 4 + view.getUint32(record.start, true);
  const rawEnd = effectiveEnd + 4 + view.getUint32(effectiveEnd, true);
  return {
    effective: record.bytes.subarray(record.start + 4, effectiveEnd),
    raw: record.bytes.subarray(effectiveEnd + 4, rawEnd),
    problems: JSON.parse(text.decode(record.bytes.subarray(rawEnd, record.end))) as UpdateProblem[],
  };
}

const align8 = (n: number): number => (n + 7) & ~7;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** One entry of `bgp.neighbors`: the addresses that may connect, and their settings. */
export interface NeighborConfig {
  /** Canonical prefix; a single address is a host prefix. */
  range: string;
  /** Remote AS, or a class of AS numbers. */
  asn: number | 'any' | 'external' | 'internal';
  /** Our AS for this neighbor, if it differs from `bgp.asn`. */
  localAsn?: number;
  password?: string;
  ttlSecurity?: number;
  maxPrefixes?: { limit: number; action: 'warn' | 'drop' };
  bgpPeer?: string;
}

export interface SpeakerConfig {
  /** `address:port`, IPv6 in brackets. */
  listen: string[];
  asn: number;
  routerId: string;
  hostname: string;
  softwareVersion: string;
  neighbors: NeighborConfig[];
  /** Hold time to offer, seconds; 0 or ≥ 3. */
  holdTime: number;
  /** Maximum number of open sockets; further ones are reset. */
  maxConnections: number;
  /** Maximum number of connections without a valid OPEN, and of strangers; default: the bounds of speaker/. */
  maxOpening?: number;
  maxStrangers?: number;
  /** Next session number; stored ones are lower. */
  firstSession: number;
}

/** Main → speaker. `ack`: number of further durable batches, oldest first. */
export type SpeakerCommand =
  | { kind: 'ack'; batches: number }
  | { kind: 'configure'; neighbors: NeighborConfig[] }
  /**
   * Send Cease/Administrative Reset (4) with `text` (RFC 9003) to the session. `maxPrefixes`: send Maximum Number of
   * Prefixes Reached (1) instead, without text (RFC 4486).
   */
  | { kind: 'reset'; session: number; text: string; maxPrefixes?: boolean }
  /** Send ROUTE-REFRESH for every negotiated family. */
  | { kind: 'refresh'; session: number }
  /** Send Cease/Administrative Shutdown (2) to all, close listeners, then post `stopped`. */
  | { kind: 'stop'; text: string };

/** Connections from unconfigured addresses since the last report. */
export interface StrangerCounts {
  connections: number;
  /** Connections by address; a flood names only the first addresses. */
  addresses: Record<string, number>;
}

/** Usage of a bounded table. */
export interface TableUse {
  name: string;
  used: number;
  max: number;
  /** How often the table was full for a new entry, since the start. */
  overflows: number;
}

/** Speaker → main. `batch.bytes.buffer` is transferred. */
export type SpeakerMessage =
  /** `skipped`: addresses whose family this host lacks, with the reason. */
  | { kind: 'listening'; addresses: string[]; skipped: string[] }
  /** `isPiece`: more of the batch follows; only the last piece is acknowledged. */
  | { kind: 'batch'; batch: Batch; isPiece?: true }
  | {
      kind: 'health';
      sessions: number;
      connections: number;
      /** Connections reset at the maximum since the start. */
      refused: number;
      paused: boolean;
      unacknowledged: number;
      loopDelayMs: number;
      tables: TableUse[];
      /** Left out if there were none. */
      strangers?: StrangerCounts;
    }
  /** The speaker is down. `restarting`: its thread died and a new one is being started. */
  | { kind: 'failed'; text: string; restarting: boolean }
  | { kind: 'stopped' };

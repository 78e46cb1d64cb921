/**
 * The seam between the speaker and everything behind it: a batch of records in one transferable buffer.
 *
 * The same bytes are the journal: the store appends a batch as it came, so a record must explain itself without
 * the process that wrote it. Records are in the order in which things happened on the wire.
 *
 *     record  kind u8 | 0 u8 | 0 u16 | session u32 | at f64 | length u32 | 0 u32 | payload, padded to 8 octets
 *
 * All integers little-endian; `at` is epoch milliseconds with a fraction (µs): steady time in memory, wall time on disk. `session` is one TCP life of a
 * neighbor, numbered upwards over restarts. The collector numbers records consecutively: that is `seq`.
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
   * An UPDATE that RFC 7606 did not let through as it came, or that had to be rewritten (2-octet AS_PATH).
   * Payload: u32 length of the effective UPDATE | effective UPDATE | u32 length of the raw one | raw | problems as JSON.
   * The effective UPDATE is what the RIB applies; it is well-formed and always has 4-octet AS numbers.
   */
  treated: 3,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

export const recordHeaderLength = 24;

/** What an address pair and port say of a TCP connection; IPv6 text keeps its zone (`fe80::1%eth0`). */
export interface SessionEndpoints {
  remoteAddress: string;
  remotePort: number;
  localAddress: string;
  localPort: number;
}

/** Things of a session that are no BGP message. What comes from the wire carries `endpoints`, which tie it to a neighbor. */
export type SessionEvent = ({ endpoints: SessionEndpoints } & WireEvent) | CollectorEvent;

export type WireEvent =
  | { kind: 'state'; from: SessionState; to: SessionState /** remote AS once its OPEN said so */; asn?: number }
  | {
      kind: 'established';
      localAsn: number;
      sent: OpenSummary;
      received: OpenSummary;
      negotiated: Negotiated;
      auth: 'md5' | 'none' | 'unsupported';
    }
  /** The session is over. */
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
   * Never got as far as OPEN: not configured, too many connections, secret that cannot be enforced. `suppressed`: how many
   * more from this address went unreported since the last one.
   */
  | { kind: 'refused'; reason: DownReason; suppressed: number };

/** Decisions of the collector that depend on time; recorded so that a replay decides the same. */
type CollectorEvent =
  /** Stale routes of the record's session that were not confirmed are taken away. */
  | { kind: 'swept'; cause: SweepCause; family?: Family }
  /** The collector started and holds all routes of its database as stale. */
  | { kind: 'restored' };

export type SweepCause = 'quiet' | 'restart-time-expired' | 'restore-time-expired' | 'family-not-preserved';

/** Collects records into a growing buffer until they are taken as a batch. */
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

  /** Hands over what was written, as a batch that may be transferred, and starts anew. */
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

/** `bytes[0..length)` holds `count` whole records. The buffer is owned by whoever has the batch (transferable). */
export interface Batch {
  bytes: Uint8Array;
  length: number;
  count: number;
}

/** One record in place; `start..end` is the payload within `bytes`. Reused by the iterator: copy what you keep. */
export interface BatchRecord {
  kind: RecordKind;
  session: number;
  at: number;
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Walks the records of a batch in order; the yielded object is the same one each time. */
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

/** Moves the times of all records by `ms`, in place. */
export function shiftRecords({ bytes, length }: Batch, ms: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  for (let offset = 0; offset < length; ) {
    view.setFloat64(offset + 8, view.getFloat64(offset + 8, true) + ms, true);
    offset = align8(offset + recordHeaderLength + view.getUint32(offset + 16, true));
  }
}

/** The batch as several, cut behind each record for which `isEnd` answers true; the batch itself when there is no cut. */
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

/** One entry of `bgp.neighbors`: who may connect and as what. */
export interface NeighborConfig {
  /** Canonical prefix; a single address is a host prefix. */
  range: string;
  /** Remote AS, or a class of AS numbers. */
  asn: number | 'any' | 'external' | 'internal';
  /** Our AS towards it, where it differs from `bgp.asn`. */
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
  /** Seconds that we offer; 0 or ≥ 3. */
  holdTime: number;
  /** Sockets open at once, whatever for; more are reset. */
  maxConnections: number;
  /** Connections without a valid OPEN, and of strangers; left out = the bounds of speaker/. */
  maxOpening?: number;
  maxStrangers?: number;
  /** Next session number (stored ones are lower). */
  firstSession: number;
}

/** Main → speaker. `ack` counts further batches that are durable, oldest first. */
export type SpeakerCommand =
  | { kind: 'ack'; batches: number }
  | { kind: 'configure'; neighbors: NeighborConfig[] }
  /**
   * Cease/Administrative Reset (4) to the session; text per RFC 9003. `maxPrefixes`: Maximum Number of Prefixes Reached (1)
   * instead, which carries no text (RFC 4486).
   */
  | { kind: 'reset'; session: number; text: string; maxPrefixes?: boolean }
  /** ROUTE-REFRESH for every negotiated family. */
  | { kind: 'refresh'; session: number }
  /** Cease/Administrative Shutdown (2) to all, close listeners, then `stopped`. */
  | { kind: 'stop'; text: string };

/** Connections from addresses that no neighbor is configured for, since the last report. */
export interface StrangerCounts {
  connections: number;
  /** Connections by address; of a flood only the first addresses are named. */
  addresses: Record<string, number>;
}

/** How full a table of ours is. */
export interface TableUse {
  name: string;
  used: number;
  max: number;
  /** How often something came and found it full, since the start. */
  overflows: number;
}

/** Speaker → main. `batch.bytes.buffer` is transferred. */
export type SpeakerMessage =
  /** `skipped`: addresses of a family that this host does not have, with the reason. */
  | { kind: 'listening'; addresses: string[]; skipped: string[] }
  /** `isPiece`: the rest of the batch follows, and is what is acknowledged. */
  | { kind: 'batch'; batch: Batch; isPiece?: true }
  | {
      kind: 'health';
      sessions: number;
      connections: number;
      /** Connections reset since the start, because there were too many. */
      refused: number;
      paused: boolean;
      unacknowledged: number;
      loopDelayMs: number;
      tables: TableUse[];
      /** Left out when there were none. */
      strangers?: StrangerCounts;
    }
  /** Nothing listens. `restarting`: the thread ended unexpectedly and a new one is on its way. */
  | { kind: 'failed'; text: string; restarting: boolean }
  | { kind: 'stopped' };

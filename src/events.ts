/**
 * The seam between the speaker and everything behind it: a batch of records in one transferable buffer.
 *
 * The same bytes are the journal: the store appends a batch as it came, so a record must explain itself without
 * the process that wrote it. Records are in the order in which things happened on the wire.
 *
 *     record  kind u8 | 0 u8 | 0 u16 | session u32 | at f64 | length u32 | 0 u32 | payload, padded to 8 octets
 *
 * All integers little-endian; `at` is epoch milliseconds with a fraction (µs). `session` is one TCP life of a
 * neighbor, numbered upwards over restarts. The collector numbers records consecutively: that is `seq`.
 */
import type { Family } from './ip.ts';
import type { Capability } from './wire/capabilities.ts';

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
export interface Endpoints {
  remoteAddress: string;
  remotePort: number;
  localAddress: string;
  localPort: number;
}

/** RFC 4271 §8.2.2 states that a passive neighbor can be in (no Connect). */
export type SessionState = 'idle' | 'active' | 'open-sent' | 'open-confirm' | 'established';

/** Why a session ended or was refused. `sent`: our NOTIFICATION, `received`: theirs, `local`: no NOTIFICATION (FIN, RST, send-hold …). */
export interface DownReason {
  direction: 'sent' | 'received' | 'local';
  /** Stable word for scripts: `hold-timer-expired`, `cease/administrative-shutdown`, `connection-closed`, `unconfigured-neighbor` … */
  code: string;
  /** One sentence for people. */
  text: string;
  /** NOTIFICATION code / subcode / data (hex), where there was one. */
  notification?: { code: number; subcode: number; data: string; shutdownText?: string };
}

/** A NOTIFICATION-worthy or RFC 7606 problem in an UPDATE. */
export interface UpdateProblem {
  /** Attribute type code; 0 = the message as a whole or its NLRI. */
  attribute: number;
  action: 'treat-as-withdraw' | 'attribute-discard' | 'session-reset';
  /** Where it is written, e.g. `RFC 7606 §7.4`. */
  clause: string;
  /** Octet offset in the raw message. */
  offset: number;
  text: string;
}

/** What both sides agreed on; see session/negotiate.ts. Plain data. */
export interface Negotiated {
  /** Seconds; 0 = no KEEPALIVEs, no hold timer. */
  holdTime: number;
  families: Family[];
  as4: boolean;
  /** RFC 7911: families whose NLRI carry a path identifier towards us. */
  addPath: Family[];
  /** RFC 8950: IPv4 NLRI with an IPv6 next hop allowed. */
  extendedNextHop: boolean;
  extendedMessage: boolean;
  routeRefresh: boolean;
  enhancedRouteRefresh: boolean;
  /** RFC 4724, the remote's side; undefined = not announced by it. `restartTime` seconds. */
  gracefulRestart?: {
    restartTime: number;
    restarting: boolean;
    notification: boolean;
    families: { family: Family; forwarding: boolean }[];
  };
}

/** The remote's OPEN, decoded, and ours; enough for `/neighbors/{id}/capabilities`. */
export interface OpenSummary {
  asn: number;
  holdTime: number;
  routerId: string;
  capabilities: Capability[];
}

/** Things of a session that are no BGP message. `endpoints` ties each to a neighbor. */
export type SessionEvent = { endpoints: Endpoints } & (
  | { kind: 'state'; from: SessionState; to: SessionState; /** remote AS once its OPEN said so */ asn?: number }
  | { kind: 'established'; localAsn: number; sent: OpenSummary; received: OpenSummary; negotiated: Negotiated; auth: 'md5' | 'none' | 'unsupported' }
  /** The session is over. `retainRoutes`: RFC 4724 / RFC 8538 say that this end starts a graceful restart. */
  | { kind: 'down'; from: SessionState; asn?: number; reason: DownReason; retainRoutes: boolean }
  /** Never got as far as OPEN: not configured, rate-limited, secret that cannot be enforced. */
  | { kind: 'refused'; reason: DownReason }
  /** Not from the wire: the collector took away what a neighbor did not confirm. `session` of the record = the one concerned. */
  | { kind: 'swept'; cause: 'end-of-rib' | 'quiet' | 'restart-time-expired' | 'route-refresh' | 'family-not-preserved'; family?: Family }
  /** Not from the wire: the collector started and holds all routes of its database as stale. */
  | { kind: 'restored' }
);

/** Records until `limit` octets are full; then a new batch. Not thread-safe, one per speaker. */
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

/** The SessionEvent of a `session` record. */
export function sessionEvent(record: BatchRecord): SessionEvent {
  return JSON.parse(text.decode(record.bytes.subarray(record.start, record.end))) as SessionEvent;
}

/** The parts of a `treated` record; `effective` and `raw` are views into the batch. */
export function treatedUpdate(record: BatchRecord): { effective: Uint8Array; raw: Uint8Array; problems: UpdateProblem[] } {
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
  /** Next session number (stored ones are lower). */
  firstSession: number;
}

/** Main → speaker. `ack` counts batches that are durable. */
export type SpeakerCommand =
  | { kind: 'ack'; batches: number }
  | { kind: 'configure'; neighbors: NeighborConfig[] }
  /** Cease/Administrative Reset (4) to the session; text per RFC 9003. */
  | { kind: 'reset'; session: number; text: string }
  /** ROUTE-REFRESH for every negotiated family. */
  | { kind: 'refresh'; session: number }
  /** Cease/Administrative Shutdown (2) to all, close listeners, then `stopped`. */
  | { kind: 'stop'; text: string };

/** Speaker → main. `batch.bytes.buffer` is transferred. */
export type SpeakerMessage =
  | { kind: 'listening'; addresses: string[] }
  | { kind: 'batch'; batch: Batch }
  | { kind: 'health'; sessions: number; connections: number; paused: boolean; unacknowledged: number; loopDelayMs: number }
  | { kind: 'failed'; text: string }
  | { kind: 'stopped' };

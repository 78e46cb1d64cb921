/**
 * The speaker's output: records collected into batches, and the window of batches that are not durable yet. When the
 * window is full, the speaker pauses its sockets: TCP makes the neighbors wait, and nothing is dropped.
 */
import { type Batch, BatchWriter, RecordKind, type SessionEvent, type UpdateProblem } from '../events.ts';
import type { Clock } from './clock.ts';

/** Maximum time that a record waits for others, ms. */
export const flushAfterMs = 10;
/** A batch of this size is sent at once, octets. */
export const flushAtBytes = 256 * 1024;
/** Memory of unacknowledged batches at which reading pauses, and below which it resumes; octets. */
export const highWaterBytes = 32 * 1024 * 1024;
export const lowWaterBytes = 8 * 1024 * 1024;

/** A session event inside a batch. */
export interface SessionRecord {
  session: number;
  event: SessionEvent;
}

export class BatchOutbox {
  readonly #clock: Clock;
  readonly #deliver: (batch: Batch, events: SessionRecord[]) => void;
  readonly #pressure: (full: boolean) => void;
  readonly #writer = new BatchWriter();
  /** Sizes of the unacknowledged batches, oldest first. */
  readonly #delivered: number[] = [];
  #events: SessionRecord[] = [];
  #cancelFlush: (() => void) | undefined;
  /** Memory of the unacknowledged batches, octets. Counts unused space too, since many small batches add up. */
  unacknowledgedBytes = 0;
  full = false;

  /** `pressure` is called when the window fills up and when it has room again. */
  constructor(
    clock: Clock,
    deliver: (batch: Batch, events: SessionRecord[]) => void,
    pressure: (full: boolean) => void,
  ) {
    this.#clock = clock;
    this.#deliver = deliver;
    this.#pressure = pressure;
  }

  get unacknowledgedBatches(): number {
    return this.#delivered.length;
  }

  /** Appends one BGP message as received, `bytes[start..end)`. `at`: epoch ms. */
  message(session: number, at: number, bytes: Uint8Array, start: number, end: number): void {
    this.#writer.append(RecordKind.message, session, at, bytes, start, end);
    this.#written();
  }

  /** Appends an UPDATE that RFC 7606 changed, in both forms. */
  treated(session: number, at: number, effective: Uint8Array, raw: Uint8Array, problems: UpdateProblem[]): void {
    this.#writer.appendTreated(session, at, effective, raw, problems);
    this.#written();
  }

  event(session: number, at: number, event: SessionEvent): void {
    this.#writer.appendEvent(session, at, event);
    this.#events.push({ session, event });
    this.#written();
  }

  /** The oldest `batches` batches are durable. */
  acknowledge(batches: number): void {
    for (const size of this.#delivered.splice(0, batches)) this.unacknowledgedBytes -= size;
    if (this.full && this.unacknowledgedBytes <= lowWaterBytes) {
      this.full = false;
      this.#pressure(false);
    }
  }

  /** Sends the current batch, if it has records. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#writer.count === 0) return;
    const batch = this.#writer.take();
    const events = this.#events;
    this.#events = [];
    const size = batch.bytes.length;
    this.#delivered.push(size);
    this.unacknowledgedBytes += size;
    this.#deliver(batch, events);
    if (!this.full && this.unacknowledgedBytes >= highWaterBytes) {
      this.full = true;
      this.#pressure(true);
    }
  }

  #written(): void {
    if (this.#writer.length >= flushAtBytes) this.flush();
    else this.#cancelFlush ??= this.#clock.after(flushAfterMs, () => this.flush());
  }
}

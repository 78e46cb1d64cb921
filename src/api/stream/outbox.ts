/**
 * What waits for one live client, as references to shared batches. A client that keeps up never has anything here. One
 * that does not has its messages coalesced by what they are about, is then told of a gap, and is then closed with 1013
 * (try again later).
 */
import { limits } from '../limits.ts';
import { control, type MessageBatch } from './batch.ts';
import type { Clients } from './clients.ts';
import { coalesced } from './coalesced.ts';

/** A connection as far as the outbox sees it. */
export interface Transport {
  /** Octets that were sent and are not on the wire yet. */
  readonly buffered: number;
  /** Sends one message; `sent` once it is on the wire. `seq`: the client may resume from here, null = it may not. */
  send(octets: Buffer, seq: number | null, sent: () => void): void;
  close(code: number, reason: string): void;
}

/** RFC 6455 close code "try again later". */
export const tryAgainLater = 1013;

export class Outbox {
  readonly #transport: Transport;
  readonly #clients: Clients;
  /** May the client resume from the seq of what it was sent? Not while a subscription is behind. */
  readonly #isResumable: () => boolean;
  /** Something left the socket: there may be room. */
  readonly #onRoom: () => void;
  /** ms, monotonic. */
  readonly #clock: () => number;
  #queue: MessageBatch[] = [];
  /** First of `#queue` not sent yet. */
  #head = 0;
  /** Octets of the batches that wait. */
  octets = 0;
  /** In the socket. */
  readonly #sent = new Set<MessageBatch>();
  #hadGap = false;
  /** Lowest seq that waited when something was dropped, until the client has caught up. */
  #behindSince = Number.POSITIVE_INFINITY;
  #isClosed = false;
  /** Last time that something left the socket, or that nothing waited. */
  #progressAt = 0;
  /** When more than `limits.lagBytes` began to wait; undefined since the client caught up. */
  laggingSince: number | undefined;
  #drained: (() => void)[] = [];

  constructor(
    transport: Transport,
    clients: Clients,
    { isResumable, onRoom }: { isResumable: () => boolean; onRoom: () => void },
    clock = (): number => performance.now(),
  ) {
    this.#clock = clock;
    this.#transport = transport;
    this.#clients = clients;
    this.#isResumable = isResumable;
    this.#onRoom = onRoom;
  }

  /** Batches that wait. */
  get length(): number {
    return this.#queue.length - this.#head;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Has everything that was pushed left for the socket, and has the socket room? */
  get isDrained(): boolean {
    return this.#isClosed || (this.length === 0 && !this.#isFull);
  }

  /** Adds a batch; `pump` sends it. */
  push(batch: MessageBatch): void {
    if (this.#isClosed) return;
    if (this.length === 0 && !this.#isFull) this.#progressAt = this.#clock();
    const isBehind = this.length > 0;
    batch.hold(this.#clients, this);
    this.#queue.push(batch);
    this.octets += batch.octets;
    if (this.octets > limits.lagBytes) this.laggingSince ??= this.#clock();
    // one large batch does not make a client slow; another on top of it does
    if (isBehind && this.octets > limits.outboxBytes) this.shrink();
  }

  /** Resolves when there is room again, at once when there is. */
  drained(): Promise<void> {
    return this.isDrained ? Promise.resolve() : new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Sends the next batch; false when nothing may be sent now. */
  pump(): boolean {
    const batch = this.#queue[this.#head];
    if (this.#isClosed || batch === undefined || this.#isFull) return false;
    if (batch.buffer === undefined) {
      batch.whenReady(this.#onRoom);
      return false;
    }
    this.#queue[this.#head++] = undefined as never;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    this.octets = this.length === 0 ? 0 : this.octets - batch.octets;
    this.#sent.add(batch);
    this.#transport.send(batch.buffer, this.#isResumable() ? batch.seq : null, () => {
      if (this.#sent.delete(batch)) batch.release(this);
      this.#progressAt = this.#clock();
      this.#checkDrained();
      if (this.length > 0) this.#onRoom();
    });
    this.#checkDrained();
    return this.length > 0 && !this.#isFull;
  }

  /** Closes a client that nothing could be sent to for too long. */
  checkStall(): void {
    if (!this.isDrained && this.#clock() - this.#progressAt > limits.stall) this.closeSlow();
  }

  /** Keeps the last message about each thing; when that does not help, a gap instead of them all; at the second gap, the end. */
  shrink(toOctets: number = limits.outboxBytes / 2): void {
    const waiting = this.#queue.slice(this.#head);
    const lost = waiting.filter(({ keys }) => keys !== undefined);
    this.#behindSince = Math.min(this.#behindSince, lost[0]?.seqs[0] ?? Number.POSITIVE_INFINITY);
    const fewer = coalesced(lost);
    const controls = waiting.filter(({ keys }) => keys === undefined);
    const count = (batches: readonly MessageBatch[]) => batches.reduce((sum, batch) => sum + batch.count, 0);
    this.#clients.dropped.coalesced += count(lost) - count(fewer);
    const octets = [...controls, ...fewer].reduce((sum, batch) => sum + batch.octets, 0);
    if (octets <= toOctets) this.#replace([...controls, ...fewer]);
    else if (this.#hadGap || fewer.length === 0) this.closeSlow();
    else {
      this.#hadGap = true;
      this.#clients.dropped.gap += count(fewer);
      this.#replace([...controls, this.#gap(lost)]);
    }
  }

  /** The last resort: what waits is dropped, told as a gap where that can still be told, and the connection ends. */
  closeSlow(): void {
    if (this.#isClosed) return;
    const lost = this.#queue.slice(this.#head).filter(({ keys }) => keys !== undefined);
    this.#clients.dropped.gap += lost.reduce((sum, { count }) => sum + count, 0);
    this.#clients.dropped['closed-slow']++;
    this.close();
    if (lost.length > 0) this.#transport.send(this.#gap(lost).buffer!, null, () => {});
    this.#transport.close(tryAgainLater, 'too slow; resume from the last seq');
  }

  close(): void {
    this.#isClosed = true;
    this.#replace([]);
    this.laggingSince = undefined;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** The socket is gone, with all that was in it. */
  gone(): void {
    this.close();
    for (const batch of this.#sent) batch.release(this);
    this.#sent.clear();
  }

  get #isFull(): boolean {
    return this.#transport.buffered > limits.socketBytes;
  }

  #checkDrained(): void {
    if (this.length === 0) this.laggingSince = undefined;
    if (!this.isDrained) return;
    this.#hadGap = false;
    this.#behindSince = Number.POSITIVE_INFINITY;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #replace(batches: MessageBatch[]): void {
    for (const batch of batches) batch.hold(this.#clients, this);
    for (const batch of this.#queue.slice(this.#head)) batch.release(this);
    this.#queue = batches;
    this.#head = 0;
    this.octets = batches.reduce((sum, batch) => sum + batch.octets, 0);
  }

  #gap(lost: readonly MessageBatch[]): MessageBatch {
    const from = Math.min(this.#behindSince, lost[0]?.seqs[0] ?? Number.POSITIVE_INFINITY);
    return control({ type: 'gap', from, to: lost.at(-1)?.seqs.at(-1) ?? from, reason: 'slow-client' });
  }
}

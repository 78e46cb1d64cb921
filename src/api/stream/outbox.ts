/**
 * What waits for one live client. A client that keeps up never has anything here. One that does not has its messages
 * coalesced by what they are about, is then told of a gap, and is then closed with 1013 (try again later). Nobody
 * waits for it.
 */
import { limits } from '../limits.ts';
import type { Clients } from './clients.ts';
import { control, type Item, joined } from './items.ts';

/** A connection as far as the outbox sees it. */
export interface Transport {
  /** Octets that were sent and are not on the wire yet. */
  readonly buffered: number;
  /** Sends one message; `sent` once it is on the wire. `seq`: the client may resume from here, null = it may not. */
  send(text: string, seq: number | null, sent: () => void): void;
  close(code: number, reason: string): void;
}

/** RFC 6455 close code "try again later". */
export const tryAgainLater = 1013;

export class Outbox {
  readonly #transport: Transport;
  readonly #clients: Clients;
  /** May the client resume from the seq of what it was sent? Not while a subscription is behind. */
  readonly #isResumable: () => boolean;
  #items: Item[] = [];
  /** First of `#items` not sent yet. */
  #head = 0;
  #isPumping = false;
  #hadGap = false;
  /** Lowest seq that waited when something was dropped, until it has caught up. */
  #behindSince = Number.POSITIVE_INFINITY;
  #isClosed = false;
  /** Last time that something left the socket, or that nothing waited. */
  #progressAt = 0;
  /** ms, monotonic. */
  readonly #clock: () => number;
  #drained: (() => void)[] = [];

  constructor(
    transport: Transport,
    clients: Clients,
    isResumable: () => boolean,
    clock = (): number => performance.now(),
  ) {
    this.#clock = clock;
    this.#transport = transport;
    this.#clients = clients;
    this.#isResumable = isResumable;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(items: readonly Item[]): void {
    if (this.#isClosed) return;
    this.#noteIdle();
    const isBehind = this.length > 0;
    for (const item of items) this.#items.push(item);
    // one large frame does not make a client slow; that it comes on top of another does
    if (isBehind && this.length > limits.outboxMessages) this.#shrink();
    this.pump();
  }

  /** Sends text that stands for many items, as it is; answers false when it must wait in line as items. */
  pushWhole(text: string, seq: number): boolean {
    if (this.#isClosed || this.length > 0 || this.#isFull) return this.#isClosed;
    this.#noteIdle();
    this.#send(text, seq);
    return true;
  }

  /** Resolves when there is room again, at once when there is. */
  drained(): Promise<void> {
    if (this.#isClosed || (this.length === 0 && !this.#isFull)) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Sends what may be sent now; the rest when something left the socket, or in a later turn. */
  pump(): void {
    if (this.#isPumping || this.#isClosed) return;
    const until = performance.now() + limits.sliceMs;
    while (this.length > 0 && !this.#isFull) {
      if (performance.now() > until) {
        this.#isPumping = true;
        setImmediate(() => {
          this.#isPumping = false;
          this.pump();
        });
        return;
      }
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#send(joined(batch), Math.max(...batch.map(({ seq }) => seq)));
    }
    if (this.length > 0 || this.#isFull) return;
    this.#hadGap = false;
    this.#behindSince = Number.POSITIVE_INFINITY;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Closes a client that nothing could be sent to for too long. */
  checkStall(): void {
    if ((this.length > 0 || this.#isFull) && this.#clock() - this.#progressAt > limits.stall) this.closeSlow();
  }

  /** The last resort: what waits is dropped, told as a gap where that can still be told, and the connection ends. */
  closeSlow(): void {
    const lost = this.#items.slice(this.#head).filter(({ key }) => key !== '');
    this.#clients.dropped.gap += lost.length;
    this.#clients.dropped['closed-slow']++;
    this.close();
    if (lost.length > 0) this.#transport.send(this.#gap(lost).text!, null, () => {});
    this.#transport.close(tryAgainLater, 'too slow; resume from the last seq');
  }

  close(): void {
    this.#isClosed = true;
    this.#items = [];
    this.#head = 0;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  get #isFull(): boolean {
    return this.#transport.buffered > limits.socketBytes;
  }

  /** A client that has nothing to read makes no progress, and is not stalled. */
  #noteIdle(): void {
    if (this.length === 0 && !this.#isFull) this.#progressAt = this.#clock();
  }

  #send(text: string, seq: number): void {
    this.#transport.send(text, this.#isResumable() ? seq : null, () => {
      this.#progressAt = this.#clock();
      this.pump();
    });
  }

  /** The next items that are ready. A seq is not torn apart, so that a client can resume from any it has seen. */
  #take(): Item[] {
    let end = this.#head;
    while (end < this.#items.length) {
      const item = this.#items[end]!;
      if (item.text === undefined) break;
      const isTorn = item.seq !== 0 && item.seq === this.#items[end - 1]?.seq;
      if (end - this.#head >= limits.batchMessages && !isTorn) break;
      end++;
    }
    const batch = this.#items.slice(this.#head, end);
    this.#head = end;
    if (this.#head === this.#items.length || this.#head > limits.outboxMessages) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return batch;
  }

  /** Keeps the last item about each thing; when that does not help, a gap instead of them all; at the second gap, the end. */
  #shrink(): void {
    const waiting = this.#items.slice(this.#head);
    const last = new Map<string, Item>();
    for (const item of waiting) if (item.key !== '') last.set(item.key, item);
    const kept = waiting.filter((item) => item.key === '' || last.get(item.key) === item);
    this.#clients.dropped.coalesced += waiting.length - kept.length;
    this.#behindSince = Math.min(this.#behindSince, waiting.find(({ key }) => key !== '')?.seq ?? this.#behindSince);
    this.#head = 0;
    if (kept.length <= limits.outboxMessages / 2) {
      this.#items = kept;
      return;
    }
    if (this.#hadGap) {
      this.closeSlow();
      return;
    }
    this.#hadGap = true;
    const lost = kept.filter(({ key }) => key !== '');
    this.#clients.dropped.gap += lost.length;
    this.#items = [...kept.filter(({ key }) => key === ''), this.#gap(lost)];
  }

  #gap(lost: readonly Item[]): Item {
    const from = Math.min(this.#behindSince, lost[0]?.seq ?? Number.POSITIVE_INFINITY);
    return control({ type: 'gap', from, to: lost.at(-1)?.seq ?? from, reason: 'slow-client' });
  }
}

/** Messages as octets that are made once and shared by every client that waits for them. */
import { limits } from '../limits.ts';
import type { ServerMessage } from '../schemas.ts';
import type { Clients } from './clients.ts';

/** What a message is about: a later message with the same key makes an earlier one superfluous. */
export type MessageKey = string | number;

export interface KeyedMessage {
  readonly seq: number;
  readonly key: MessageKey;
  /** JSON */
  readonly text: string;
}

/** Estimated memory of a batch and of a message in it, beside its octets. */
const batchOverhead = 300;
const messageOverhead = 32;

/** Whoever counts the octets of the batches that it waits for. */
export interface Holder {
  octets: number;
}

export class MessageBatch {
  /** The last seq that a client with this batch has whole; null when it must not resume from here. */
  readonly seq: number | null;
  /** Of the messages; undefined = they are control messages, which nothing makes superfluous. */
  readonly keys: readonly MessageKey[] | undefined;
  readonly seqs: readonly number[];
  /** One JSON object, or an array of them; undefined until `resolve`. */
  buffer: Buffer | undefined;
  #ends: readonly number[];
  #clients: Clients | undefined;
  #holders = 0;
  /** Of those, the ones to tell when the texts are there. */
  readonly #waiting = new Set<Holder>();
  #onReady: (() => void)[] = [];

  constructor(
    messages: readonly KeyedMessage[],
    options: { seq: number | null; isControl?: boolean; isReady?: boolean },
  ) {
    this.seq = options.seq;
    this.keys = options.isControl ? undefined : messages.map(({ key }) => key);
    this.seqs = messages.map(({ seq }) => seq);
    this.#ends = [];
    if (options.isReady !== false) this.resolve(messages.map(({ text }) => text));
  }

  get count(): number {
    return this.seqs.length;
  }

  /** Octets that it counts for. */
  get octets(): number {
    return (this.buffer?.length ?? 0) + batchOverhead + this.count * messageOverhead;
  }

  /** Sets the texts of the messages, once. */
  resolve(texts: readonly string[]): void {
    const before = this.octets;
    const isArray = texts.length !== 1;
    let end = 0;
    this.#ends = texts.map((text) => (end += Buffer.byteLength(text) + 1));
    this.buffer = Buffer.from(isArray ? `[${texts.join(',')}]` : texts[0]!);
    for (const holder of this.#waiting) holder.octets += this.octets - before;
    if (this.#holders > 0) this.#clients!.octets += this.octets - before;
    this.#waiting.clear();
    for (const ready of this.#onReady.splice(0)) ready();
  }

  /** Calls `then` once the texts are there. */
  whenReady(then: () => void): void {
    if (this.buffer) then();
    else this.#onReady.push(then);
  }

  /** The message at `index` again. */
  message(index: number): KeyedMessage {
    const start = (index === 0 ? 0 : this.#ends[index - 1]!) + (this.count > 1 ? 1 : 0);
    const end = this.#ends[index]! - 1 + (this.count > 1 ? 1 : 0);
    const text = this.buffer!.toString('utf8', start, end);
    return { seq: this.seqs[index]!, key: this.keys?.[index] ?? '', text };
  }

  /** A client begins to wait for it. */
  hold(clients: Clients, holder: Holder): void {
    this.#clients = clients;
    if (this.#holders++ === 0) clients.octets += this.octets;
    if (this.buffer === undefined) this.#waiting.add(holder);
  }

  /** A client has it, or does not wait for it any more. */
  release(holder: Holder): void {
    this.#waiting.delete(holder);
    if (--this.#holders === 0) this.#clients!.octets -= this.octets;
  }
}

/** A message that nothing makes superfluous, and that is at no place in the order of changes. */
export const control = (message: ServerMessage): MessageBatch =>
  new MessageBatch([{ seq: 0, key: '', text: JSON.stringify(message) }], { seq: null, isControl: true });

/**
 * Cuts messages into batches of at most `limits.batchMessages` and about `limits.batchBytes`. A seq is only torn when it
 * alone is larger than that. Add messages in order; complete batches come out.
 */
export class Cutter<Item extends KeyedMessage = KeyedMessage> {
  readonly #make: (messages: readonly Item[], seq: number | null) => MessageBatch;
  #messages: Item[] = [];
  #octets = 0;
  /** Index of the first message of the last seq. */
  #seqStart = 0;

  constructor(make: (messages: readonly Item[], seq: number | null) => MessageBatch) {
    this.#make = make;
  }

  /** Adds a message; answers the batch that it completes. */
  add(message: Item): MessageBatch | undefined {
    const last = this.#messages.at(-1);
    const isNewSeq = last !== undefined && last.seq !== message.seq;
    const { length } = this.#messages;
    const isFull = length >= limits.batchMessages || this.#octets + message.text.length > limits.batchBytes;
    let cut: MessageBatch | undefined;
    if (last && isFull) {
      if (isNewSeq) cut = this.#cut(length, false);
      else if (this.#seqStart > 0) cut = this.#cut(this.#seqStart, false);
      else cut = this.#cut(length, true);
    }
    if (isNewSeq) this.#seqStart = this.#messages.length;
    this.#messages.push(message);
    this.#octets += message.text.length;
    return cut;
  }

  /** What is left. */
  end(): MessageBatch | undefined {
    const { length } = this.#messages;
    return length === 0 ? undefined : this.#cut(length, false);
  }

  #cut(count: number, isTorn: boolean): MessageBatch {
    const cut = this.#messages.slice(0, count);
    this.#messages = this.#messages.slice(count);
    this.#octets = this.#messages.reduce((sum, { text }) => sum + text.length, 0);
    this.#seqStart = 0;
    return this.#make(cut, isTorn ? null : cut.at(-1)!.seq);
  }
}

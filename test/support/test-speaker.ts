/** The product's speaker as a test sees it: an address to dial, and what it says, in order. */
import {
  RecordKind,
  records,
  type SessionEvent,
  type SpeakerCommand,
  type SpeakerConfig,
  type SpeakerMessage,
  sessionEvent,
  treatedUpdate,
  type UpdateProblem,
} from '../../src/events.ts';
import { type SpeakerClientOptions, startSpeaker } from '../../src/speaker/client.ts';
import { until } from './wait.ts';

/** One record of a batch, read. */
export interface Said {
  session: number;
  /** Epoch ms. */
  at: number;
  /** Payload of a `message` record. */
  message?: Uint8Array;
  event?: SessionEvent;
  treated?: { effective: Uint8Array; raw: Uint8Array; problems: UpdateProblem[] };
}

export type EventOf<K extends SessionEvent['kind']> = Extract<SessionEvent, { kind: K }>;

export const speakerConfig: SpeakerConfig = {
  listen: ['127.0.0.1:0'],
  asn: 64500,
  routerId: '192.0.2.1',
  hostname: 'glass',
  softwareVersion: 'Peerglass/test',
  neighbors: [{ range: '127.0.0.0/8', asn: 'any' }],
  holdTime: 90,
  maxConnections: 8192,
  firstSession: 1,
};

export class TestSpeaker {
  readonly said: Said[] = [];
  readonly messages: SpeakerMessage[] = [];
  /** Acknowledge each batch at once. */
  acknowledging = true;
  /** Batches that were not acknowledged. */
  unacknowledged = 0;
  readonly #client;

  private constructor(options: Omit<SpeakerClientOptions, 'config' | 'onMessage'>, config: SpeakerConfig) {
    this.#client = startSpeaker({ ...options, config, onMessage: (message) => this.#take(message) });
  }

  /** Resolves once it listens; rejects when it cannot. */
  static async start({
    config = {},
    ...options
  }: Omit<SpeakerClientOptions, 'config' | 'onMessage'> & {
    config?: Partial<SpeakerConfig>;
  } = {}): Promise<TestSpeaker> {
    const speaker = new TestSpeaker(options, { ...speakerConfig, ...config });
    await until('the speaker listens', () => speaker.last('listening') ?? speaker.last('failed'), { every: 2 });
    const failed = speaker.last('failed');
    if (failed) throw new Error(failed.text);
    return speaker;
  }

  /** The first listener, `address:port`. */
  get address(): string {
    return this.last('listening')!.addresses[0]!;
  }

  get port(): number {
    return Number(this.address.slice(this.address.lastIndexOf(':') + 1));
  }

  last<K extends SpeakerMessage['kind']>(kind: K): Extract<SpeakerMessage, { kind: K }> | undefined {
    return this.messages.findLast((message) => message.kind === kind) as Extract<SpeakerMessage, { kind: K }>;
  }

  post(command: SpeakerCommand): void {
    this.#client.post(command);
  }

  /** All events of a kind so far. */
  events<K extends SessionEvent['kind']>(kind: K, session?: number): EventOf<K>[] {
    return this.said
      .filter((it) => it.event?.kind === kind && (session === undefined || it.session === session))
      .map((it) => it.event as EventOf<K>);
  }

  /** The `count`-th event of a kind, awaited. */
  async event<K extends SessionEvent['kind']>(kind: K, count = 1): Promise<EventOf<K>> {
    return await until(`${kind} event ${count}`, () => this.events(kind)[count - 1], { every: 2, timeout: 5_000 });
  }

  /** BGP messages that were handed on as received, in hex. */
  get bgp(): string[] {
    return this.said.flatMap(({ message }) => (message ? [Buffer.from(message).toString('hex')] : []));
  }

  /** Acknowledges what was not. */
  acknowledge(): void {
    if (this.unacknowledged > 0) this.post({ kind: 'ack', batches: this.unacknowledged });
    this.unacknowledged = 0;
  }

  async stop(text = ''): Promise<void> {
    await this.#client.stop(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #take(message: SpeakerMessage): void {
    this.messages.push(message);
    if (message.kind !== 'batch') return;
    this.unacknowledged++;
    for (const record of records(message.batch)) {
      const { session, at, kind } = record;
      if (kind === RecordKind.session) this.said.push({ session, at, event: sessionEvent(record) });
      else if (kind === RecordKind.message)
        this.said.push({ session, at, message: record.bytes.slice(record.start, record.end) });
      else {
        const { effective, raw, problems } = treatedUpdate(record);
        this.said.push({ session, at, treated: { effective: effective.slice(), raw: raw.slice(), problems } });
      }
    }
    // after the constructor: in one thread a message may come while it runs
    if (this.acknowledging) queueMicrotask(() => this.acknowledge());
  }
}

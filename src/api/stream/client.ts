/** One live client: its subscriptions, and what it says. */
import { formatTime } from '../../rib/time.ts';
import { ApiError } from '../errors.ts';
import { limits } from '../limits.ts';
import { ClientMessage, type ServerMessage, type SubscribeMessage } from '../schemas.ts';
import { control, type MessageBatch } from './batch.ts';
import { Bucket } from './bucket.ts';
import type { Hub } from './hub.ts';
import { Outbox, type Transport } from './outbox.ts';
import { type Start, Subscription } from './subscription.ts';

/** RFC 6455 close code "policy violation". */
const policyViolation = 1008;

export class StreamClient {
  readonly outbox: Outbox;
  readonly #hub: Hub;
  readonly #transport: Transport;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Subscriptions catch up one after the other: rows of a snapshot do not say whose they are. */
  readonly #toCatchUp = new Map<Subscription, Start>();
  /** Everything up to here was sent; 0 = nothing is known to be whole yet. */
  #settledSeq = 0;
  /** Its group while no subscription is ahead of the feed; undefined = not worked out. */
  #group: string | undefined;
  readonly #received = new Bucket(limits.receivedBytes);
  readonly #messages = new Bucket(limits.receivedMessages);
  readonly #invalid = new Bucket(limits.invalidMessages);
  readonly #pump = (): boolean => this.outbox.pump();

  constructor(hub: Hub, transport: Transport) {
    this.#hub = hub;
    this.#transport = transport;
    this.outbox = new Outbox(transport, hub.clients, {
      isResumable: () => this.#isWhole,
      onRoom: () => hub.turns.run(this.#pump),
    });
  }

  get subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  /** Clients with the same group get the same messages of a frame that begins with `firstSeq`. */
  group(firstSeq: number): string {
    if (this.#group !== undefined) return this.#group;
    let isAhead = false;
    const parts = this.subscriptions.map((one) => {
      if (!one.isLive) return `${one.channel.id}-`;
      if (one.aheadUntil < firstSeq) {
        one.walked = undefined;
        return `${one.channel.id}`;
      }
      isAhead = true;
      return `${one.channel.id}@${one.floor}/${one.walked?.id ?? ''}`;
    });
    const group = [...new Set(parts)].sort().join(' ');
    if (!isAhead) this.#group = group;
    return group;
  }

  /** Octets that came from it, whether they make a message or not; false = too many, and it is closed. */
  takes(octets: number): boolean {
    if (this.#received.take(octets)) return true;
    this.close(policyViolation, 'too many octets');
    return false;
  }

  /** A message that came from it counts, whatever it is; false = too many, and it is closed. */
  takesMessage(): boolean {
    if (this.#messages.take()) return true;
    this.close(policyViolation, 'too many messages');
    return false;
  }

  /** What a WebSocket client said. A message that cannot be obeyed is answered with `error`; after a few, it is closed. */
  receive(text: string): void {
    if (this.outbox.isClosed || !this.takesMessage()) return;
    try {
      this.#obey(parseMessage(text));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const isFatal = !this.#invalid.take();
      this.#tell({ type: 'error', code: error.code, message: error.message, fatal: isFatal });
      if (isFatal) this.close(policyViolation, 'too many invalid messages');
    }
  }

  /** Adds a subscription, or replaces the one with its id. Throws ApiError when that is impossible. */
  subscribe(message: SubscribeMessage): void {
    const { id } = message;
    const { channels, clients, feed } = this.#hub;
    const old = this.#subscriptions.get(id);
    if (!old) {
      if (this.#subscriptions.size >= limits.subscriptions)
        throw new ApiError(400, 'too-many-subscriptions', `At most ${limits.subscriptions} on one connection`);
      if (clients.subscriptions >= limits.allSubscriptions)
        throw new ApiError(503, 'too-many-subscriptions', `At most ${limits.allSubscriptions} on all connections`);
    }
    const channel = channels.acquire(message);
    if (old) this.#drop(old);
    const subscription = new Subscription(id, channel, feed.seq, {
      outbox: this.outbox,
      deliver: (batch) => this.deliver(batch),
      onLive: (one) => this.#onLive(one),
    });
    this.#subscriptions.set(id, subscription);
    clients.subscriptions++;
    this.#group = undefined;
    this.#tell({ type: 'subscribed', id, seq: feed.seq, epoch: feed.epoch });
    const start = channel.wants.routes ? this.#hub.startOf(message) : undefined;
    if (start) this.catchUp(subscription, start);
    else subscription.isLive = true;
  }

  /** Has a subscription catch up, behind the others of this client. */
  catchUp(subscription: Subscription, start: Start): void {
    subscription.fallBehind();
    this.#group = undefined;
    this.#toCatchUp.set(subscription, start);
    if (this.#toCatchUp.size === 1) this.#hub.catchUps.add(subscription, start);
  }

  /** Adds a batch, sent as soon as the socket has room. */
  deliver(batch: MessageBatch): void {
    this.outbox.push(batch);
    if (this.outbox.laggingSince !== undefined) this.#hub.lags(this);
    this.#hub.turns.run(this.#pump);
  }

  /** Heartbeat, so that a quiet feed and a dead one look different. Its seq is one to resume from. */
  beat(now: number): void {
    if (this.outbox.length > 0) return; // it hears enough
    if (!this.#hub.gathers(this)) this.#settledSeq = Math.max(this.#settledSeq, this.#reached);
    this.#tell({ type: 'heartbeat', seq: this.#settledSeq, at: formatTime(now), epoch: this.#hub.feed.epoch });
  }

  /** Ends the connection; `code` as in RFC 6455 §7.4. */
  close(code: number, reason: string): void {
    this.#transport.close(code, reason);
  }

  /** The client is let go: nothing is sent to it any more. */
  end(): void {
    for (const subscription of this.#subscriptions.values()) this.#drop(subscription);
    this.#hub.turns.drop(this.#pump);
    this.outbox.close();
  }

  get #isWhole(): boolean {
    for (const { isLive } of this.#subscriptions.values()) if (!isLive) return false;
    return !this.#hub.gathers(this);
  }

  /** What the last of the subscriptions has reached. */
  get #reached(): number {
    const { settledSeq } = this.#hub;
    const all = this.subscriptions.map(({ isLive, isPartial, floor }) => {
      if (isLive) return Math.max(floor, settledSeq);
      return isPartial ? 0 : floor;
    });
    return all.length === 0 ? settledSeq : Math.min(...all);
  }

  #obey(message: ClientMessage): void {
    if (message.type === 'subscribe') this.subscribe(message);
    else if (message.type === 'unsubscribe') this.#unsubscribe(message.id);
    // behind everything that was published before it
    else this.#hub.afterWork(() => this.#tell({ type: 'pong' }));
  }

  #unsubscribe(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription)
      throw new ApiError(404, 'no-such-subscription', `No subscription has the id ${JSON.stringify(id)}`);
    this.#drop(subscription);
    this.#tell({ type: 'unsubscribed', id });
  }

  #drop(subscription: Subscription): void {
    if (subscription.isEnded) return;
    subscription.isEnded = true;
    subscription.isLive = false;
    this.#subscriptions.delete(subscription.id);
    this.#hub.clients.subscriptions--;
    this.#hub.channels.release(subscription.channel);
    this.#group = undefined;
    this.#caughtUp(subscription);
  }

  #onLive(subscription: Subscription): void {
    this.#group = undefined;
    this.#caughtUp(subscription);
  }

  #caughtUp(subscription: Subscription): void {
    const [first] = this.#toCatchUp.keys();
    this.#toCatchUp.delete(subscription);
    const [next] = this.#toCatchUp;
    if (first === subscription && next) this.#hub.catchUps.add(...next);
  }

  /** Small, and bounded by what the client may ask: it does not wait for a turn. */
  #tell(message: ServerMessage): void {
    this.outbox.push(control(message));
    if (this.outbox.length === 1) this.outbox.pump();
    else this.#hub.turns.run(this.#pump);
  }
}

function parseMessage(text: string): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'invalid-message', 'Expected a JSON object');
  }
  const parsed = ClientMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new ApiError(400, 'invalid-message', path.length > 0 ? `${path.join('.')}: ${message}` : message);
}

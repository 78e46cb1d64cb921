/** One live client: its subscriptions, and what of each frame goes into its outbox. */

import { formatTime } from '../../rib/time.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { limits } from '../limits.ts';
import { ClientMessage, type ServerMessage, type SubscribeMessage } from '../schemas.ts';
import type { Clients } from './clients.ts';
import { control, type Item, RawRouteItem, type SharedFrame } from './items.ts';
import { Outbox, type Transport } from './outbox.ts';
import { fetchRaw } from './raw.ts';
import { Subscription } from './subscription.ts';

export class StreamClient {
  readonly #deps: ApiDeps;
  readonly #transport: Transport;
  readonly #outbox: Outbox;
  readonly #inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Subscriptions catch up one after the other. */
  #catchingUp: Promise<void> = Promise.resolve();
  /** Everything up to here was sent; 0 = nothing is known to be whole yet. */
  #settledSeq = 0;
  /** What waits for `coalesce: prefix`, by what it is about. */
  readonly #gathered = new Map<string, Item>();
  #gathering: NodeJS.Timeout | undefined;

  constructor(
    deps: ApiDeps,
    transport: Transport,
    clients: Clients,
    inTurn: <T>(work: () => Promise<T>) => Promise<T>,
  ) {
    this.#deps = deps;
    this.#transport = transport;
    this.#inTurn = inTurn;
    this.#outbox = new Outbox(transport, clients, () => this.#isLive);
  }

  /** What a WebSocket client said. What cannot be done is answered with `error`. */
  receive(text: string): void {
    try {
      this.#obey(parseMessage(text));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#tell({ type: 'error', code: error.code, message: error.message, fatal: false });
    }
  }

  /** Adds a subscription, or replaces the one with its id. Throws ApiError when its filter cannot be. */
  subscribe(message: SubscribeMessage): void {
    const { id } = message;
    if (!this.#subscriptions.has(id) && this.#subscriptions.size >= limits.subscriptions)
      throw new ApiError(400, 'too-many-subscriptions', `At most ${limits.subscriptions} on one connection`);
    const subscription = new Subscription(message, this.#deps, {
      push: (items) => this.#outbox.push(items),
      drained: () => this.#outbox.drained(),
      inTurn: this.#inTurn,
    });
    this.#subscriptions.get(id)?.end();
    this.#subscriptions.set(id, subscription);
    const { seq, epoch } = this.#deps.feed;
    this.#tell({ type: 'subscribed', id, seq, epoch });
    if (message.snapshot || message.resumeFrom !== undefined) this.#catchUp(subscription, message);
    else subscription.isLive = true;
  }

  /** A frame of the feed; `seqBefore` is that of the frame before it. */
  onFrame(shared: SharedFrame, seqBefore: number): void {
    const { frame } = shared;
    const all = [...this.#subscriptions.values()];
    // what a frame lacks, and what would be too much at once, is read back from the database at the client's pace
    const isReadBack = frame.gap !== null || frame.changes.length > limits.frameChanges;
    const resumeFrom = Math.min(seqBefore, (frame.gap?.from ?? Number.POSITIVE_INFINITY) - 1);
    if (isReadBack)
      for (const one of all.filter(({ isLive }) => isLive)) {
        one.fallBehind(resumeFrom);
        this.#catchUp(one, { type: 'subscribe', id: one.id, resumeFrom });
      }
    const firstSeq = frame.changes[0]?.seq ?? Number.POSITIVE_INFINITY;
    const isPlain = all.every((one) => one.isLive && !one.wants.raw && !one.wants.coalesce && !one.isAhead(firstSeq));
    if (isPlain && all.some(({ wantsAll }) => wantsAll) && shared.count <= limits.batchMessages)
      if (this.#outbox.pushWhole(shared.whole, frame.seq)) return;

    for (const one of all) if (!one.isLive) one.hold(frame.changes, isReadBack);
    this.#outbox.push([...this.#routes(shared, all), ...this.#others(shared, all)]);
  }

  /** Heartbeat, so that a quiet feed and a dead one look different. Its seq is one to resume from. */
  beat(now: number): void {
    if (this.#outbox.length > 0) return; // it hears enough
    if (this.#gathered.size === 0) this.#settledSeq = Math.max(this.#settledSeq, this.#reached);
    this.#tell({ type: 'heartbeat', seq: this.#settledSeq, at: formatTime(now), epoch: this.#deps.feed.epoch });
  }

  checkStall(): void {
    this.#outbox.checkStall();
  }

  /** Ends the connection; `code` as in RFC 6455 §7.4. */
  close(code: number, reason: string): void {
    this.#transport.close(code, reason);
  }

  /** The connection is gone. */
  end(): void {
    clearTimeout(this.#gathering);
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
    this.#outbox.close();
  }

  get #isLive(): boolean {
    for (const { isLive } of this.#subscriptions.values()) if (!isLive) return false;
    return this.#gathered.size === 0;
  }

  /** What the last of the subscriptions has reached. */
  get #reached(): number {
    if (this.#subscriptions.size === 0) return this.#deps.feed.seq;
    return Math.min(...[...this.#subscriptions.values()].map(({ reached }) => reached));
  }

  #obey(message: ClientMessage): void {
    if (message.type === 'subscribe') this.subscribe(message);
    else if (message.type === 'unsubscribe') this.#unsubscribe(message.id);
    else this.#tell({ type: 'pong' });
  }

  #unsubscribe(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) throw new ApiError(404, 'no-such-subscription', `There is no ${JSON.stringify(id)} here`);
    subscription.end();
    this.#subscriptions.delete(id);
    this.#tell({ type: 'unsubscribed', id });
  }

  #catchUp(subscription: Subscription, message: SubscribeMessage): void {
    this.#catchingUp = this.#catchingUp.then(() => subscription.catchUp(message));
  }

  /** Changes that a live subscription wants, each once. */
  #routes(shared: SharedFrame, all: Subscription[]): Item[] {
    const live = all.filter(({ isLive }) => isLive);
    const items: Item[] = [];
    const raw: RawRouteItem[] = [];
    if (live.length === 0) return items;
    for (const [index, change] of shared.frame.changes.entries()) {
      const wanting = live.filter((one) => one.matches(change));
      if (wanting.length === 0) continue;
      let item = shared.route(index);
      if (wanting.some(({ wants }) => wants.raw)) raw.push((item = new RawRouteItem(item)));
      if (wanting.every(({ wants }) => wants.coalesce)) this.#gather(item);
      else items.push(item);
    }
    if (raw.length > 0) fetchRaw(this.#deps.queries, raw).then(() => this.#outbox.pump());
    return items;
  }

  /** Sessions and verdicts are no part of what is caught up with: they come at all times. */
  #others(shared: SharedFrame, all: Subscription[]): Item[] {
    const { sessions, verdicts } = shared.frame;
    return [
      ...shared.sessions.filter((_, i) => all.some((one) => one.matchesSession(sessions[i]!))),
      ...shared.verdicts.filter((_, i) => all.some((one) => one.matchesVerdict(verdicts[i]!))),
    ];
  }

  #gather(item: Item): void {
    this.#gathered.delete(item.key); // the latest goes to the end: the order of seq is kept
    this.#gathered.set(item.key, item);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      const items = [...this.#gathered.values()];
      this.#gathered.clear();
      this.#outbox.push(items);
    }, limits.coalesce);
  }

  #tell(message: ServerMessage): void {
    this.#outbox.push([control(message)]);
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

/** All live clients together: one ear on the feed, one time budget, one heartbeat. */
import type { Feed, FeedFrame } from '../../feed.ts';
import type { ApiDeps } from '../deps.ts';
import { limits } from '../limits.ts';
import type { SubscribeMessage } from '../schemas.ts';
import { control } from './batch.ts';
import { CatchUps } from './catch-ups.ts';
import { Channels } from './channels.ts';
import { StreamClient } from './client.ts';
import type { Clients } from './clients.ts';
import { distribute, type Part } from './distribute.ts';
import type { Transport } from './outbox.ts';
import { SharedFrame } from './shared-frame.ts';
import type { Start } from './subscription.ts';
import { Turns } from './turns.ts';

const firstSeqOf = (frames: readonly SharedFrame[]): number =>
  Math.min(...frames.map(({ changes }) => changes[0]?.seq ?? Number.POSITIVE_INFINITY));

export class Hub {
  readonly clients: Clients;
  readonly channels: Channels;
  readonly catchUps: CatchUps;
  readonly turns = new Turns();
  readonly #deps: ApiDeps;
  readonly #open = new Set<StreamClient>();
  /** Clients for which the feed may have to wait. */
  readonly #lagging = new Set<StreamClient>();
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** epoch ms of the last heartbeat. */
  #beatAt = 0;
  /** Everything that waits to be sent to the clients, in order. */
  readonly #work: (() => Promise<void>)[] = [];
  #working: Promise<void> | undefined;
  /** Frames distributed lately, without a hole between them. */
  #recent: SharedFrame[] = [];
  #recentChanges = 0;
  /** Frames whose changes `coalesce: prefix` gathers. */
  #gathered: SharedFrame[] = [];
  #gathering: NodeJS.Timeout | undefined;
  /** Up to here all frames are distributed, or on their way to the outboxes; … */
  position = 0;
  /** … and all of them are there. */
  settledSeq = 0;
  /** Seq of which only a part was distributed; 0 = none. */
  #tornSeq = 0;

  constructor(deps: ApiDeps, clients: Clients) {
    this.#deps = deps;
    this.clients = clients;
    this.channels = new Channels(deps);
    this.catchUps = new CatchUps(deps, this);
  }

  get feed(): Feed {
    return this.#deps.feed;
  }

  /** A client for a new connection; undefined when there are as many as there may be. */
  join(transport: Transport): StreamClient | undefined {
    if (this.#open.size >= limits.streamClients) return undefined;
    const whole: Transport = {
      get buffered() {
        return transport.buffered;
      },
      send: (octets, seq, sent) => transport.send(octets, seq, sent),
      // what is closed by us is gone at once: the other side may take its time to notice
      close: (code, reason) => {
        this.#letGo(client);
        transport.close(code, reason);
      },
    };
    const client = new StreamClient(this, whole);
    this.#open.add(client);
    this.clients.size = this.#open.size;
    if (this.#open.size === 1) this.#listen();
    return client;
  }

  /** The connection of a client is gone. */
  leave(client: StreamClient): void {
    this.#letGo(client);
    client.outbox.gone();
  }

  /** Closes those that make no progress; a heartbeat to the others when it is time. */
  tick(): void {
    const now = this.#deps.now();
    const isTime = now - this.#beatAt >= limits.heartbeat;
    if (isTime) this.#beatAt = now;
    for (const client of this.#open) {
      client.outbox.checkStall();
      if (isTime) client.beat(now);
    }
    this.catchUps.check();
  }

  /** Ends all connections: the server goes away. */
  close(): void {
    for (const client of this.#open) client.close(1001, 'the collector stops');
  }

  /** How a subscription begins; undefined = with the next change. */
  startOf({ snapshot, resumeFrom: since, epoch }: SubscribeMessage): Start | undefined {
    if (since === undefined) return snapshot ? { kind: 'snapshot' } : undefined;
    const { feed, rib, status } = this.#deps;
    const isUnknown =
      (epoch !== undefined && !feed.continues(epoch, since)) ||
      since > rib.seq ||
      status().leftOut.some(({ from, to }) => since >= from && since < to);
    return isUnknown ? { kind: 'unknown', since } : { kind: 'replay', since, isWhole: false };
  }

  /** What was distributed behind `seq`: a frame, nothing (`live`), or undefined when only the database has it. */
  after(seq: number): SharedFrame | 'live' | undefined {
    if (seq < this.#tornSeq) return undefined;
    if (seq >= this.position) return 'live';
    const next = this.#recent.find(({ lastSeq }) => lastSeq > seq);
    return next && !next.isPart && next.seqBefore <= seq ? next : undefined;
  }

  /** Calls `then` once everything that was published by now is in the outboxes. */
  afterWork(then: () => void): void {
    void this.#enqueue(() => void then());
  }

  /** Does something wait for this client that `coalesce: prefix` gathers? */
  gathers(client: StreamClient): boolean {
    return this.#gathered.length > 0 && client.subscriptions.some(({ channel }) => channel.wants.coalesce);
  }

  #letGo(client: StreamClient): void {
    const wasOpen = this.#open.delete(client);
    this.#lagging.delete(client);
    client.end();
    this.clients.size = this.#open.size;
    if (wasOpen && this.#open.size === 0) this.#rest();
  }

  #listen(): void {
    this.position = this.settledSeq = this.#deps.feed.seq;
    this.#unsubscribe = this.#deps.feed.subscribe((frame) => this.#publish(frame));
    this.#deps.feed.heldFrom = () => firstSeqOf([...this.#gathered, ...this.#recent]);
    this.#beatAt = this.#deps.now();
    this.#timer = setInterval(() => this.tick(), limits.streamTick);
  }

  #rest(): void {
    this.#unsubscribe?.();
    clearInterval(this.#timer);
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#gathered = [];
    this.#forgetRecent();
    this.#tornSeq = 0;
  }

  #publish(frame: FeedFrame): Promise<void> | undefined {
    return this.#enqueue(() => (frame.gap ? this.#readBack(frame, frame.gap) : this.#send(frame)));
  }

  /** Runs `work` behind all other work; undefined when it is done already. */
  #enqueue(work: () => Promise<void> | undefined): Promise<void> | undefined {
    if (this.#working) {
      const done = Promise.withResolvers<void>();
      this.#work.push(async () => {
        await work();
        done.resolve();
      });
      return done.promise;
    }
    const done = work();
    if (done === undefined) return undefined;
    this.#working = done.then(async () => {
      for (let next = this.#work.shift(); next; next = this.#work.shift()) await next();
      this.#working = undefined;
    });
    return done;
  }

  /** Sends a frame that has all of its changes, but for those that were read back already. */
  #send(published: FeedFrame, seqBefore = this.position): Promise<void> | undefined {
    const frame = { ...published, changes: published.changes.filter(({ seq }) => seq > this.position) };
    const lastSeq = frame.changes.at(-1)?.seq ?? 0;
    const wasTorn = this.#tornSeq > 0;
    const isTorn = lastSeq > frame.seq;
    this.#tornSeq = isTorn ? lastSeq : 0;
    const isPart = wasTorn || isTorn;
    const shared = new SharedFrame(frame, seqBefore, isPart, this.#deps.rib);
    // what is kept for later does not keep sessions and verdicts
    const kept = new SharedFrame({ ...frame, sessions: [], verdicts: [] }, seqBefore, isPart, this.#deps.rib);
    this.position = Math.max(this.position, frame.seq);
    this.#remember(kept);
    this.#gather(kept);
    return this.#distribute([shared], 'live', () => {
      this.settledSeq = this.position;
    });
  }

  /** A frame that lacks changes: they are read from the database, once for all clients. */
  async #readBack(frame: FeedFrame, gap: { from: number; to: number }): Promise<void> {
    const { queries, status } = this.#deps;
    let skip = 0;
    let position = Math.min(this.position, gap.from - 1);
    try {
      while (this.#liveRoutes().length > 0) {
        const answer = await queries.changes({ since: position, skip, limit: limits.replayChanges });
        if (answer.oldest > position + 1) {
          this.#startAnew(position, frame.seq, 'resume-too-old');
          break;
        }
        skip = answer.skip;
        const through = Math.max(position, answer.through);
        const end = answer.complete ? Math.max(through, gap.to) : through;
        for (const { from, to } of status().gaps)
          if (to > position && to <= end) this.#tellLive({ type: 'gap', from, to, reason: 'not-stored' });
        await this.#send({ seq: end, changes: answer.changes, sessions: [], verdicts: [], gap: null });
        position = end;
        if (position >= frame.seq && skip === 0) break;
        if (answer.complete) break;
      }
    } catch {
      this.#startAnew(position, frame.seq, 'resume-failed');
    }
    // there may be a hole before it
    if (this.position < frame.seq) this.#forgetRecent();
    await this.#send({ ...frame, gap: null }, frame.seq);
  }

  #liveRoutes(): StreamClient[] {
    return [...this.#open].filter((client) =>
      client.subscriptions.some(({ isLive, channel }) => isLive && channel.wants.routes),
    );
  }

  #tellLive(message: Parameters<typeof control>[0]): void {
    const batch = control(message);
    for (const client of this.#liveRoutes()) client.deliver(batch);
  }

  /** The changes that live clients miss cannot be had: they are told, and shown everything as it is. */
  #startAnew(since: number, to: number, reason: 'resume-too-old' | 'resume-failed'): void {
    for (const client of this.#liveRoutes())
      for (const one of client.subscriptions) {
        if (!one.isLive || !one.channel.wants.routes) continue;
        one.deliver(control({ type: 'gap', id: one.id, from: since + 1, to: Math.max(since + 1, to), reason }));
        client.catchUp(one, { kind: 'snapshot' });
      }
  }

  #remember(frame: SharedFrame): void {
    if (frame.changes.length === 0 && frame.seqBefore >= frame.frame.seq) return;
    const weight = ({ changes }: SharedFrame) => Math.max(1, changes.length);
    this.#recent.push(frame);
    this.#recentChanges += weight(frame);
    while (this.#recentChanges > limits.recentChanges) this.#recentChanges -= weight(this.#recent.shift()!);
  }

  #forgetRecent(): void {
    this.#recent = [];
    this.#recentChanges = 0;
  }

  #gather(frame: SharedFrame): void {
    if (frame.changes.length === 0) return;
    if (![...this.#open].some((client) => client.subscriptions.some(({ channel }) => channel.wants.coalesce))) return;
    this.#gathered.push(frame);
    const flush = () => {
      this.#gathering = undefined;
      void this.#enqueue(() => {
        const frames = this.#gathered;
        if (frames.length === 0) return undefined;
        return this.#distribute(frames, 'gathered', () => {
          this.#gathered = this.#gathered.slice(frames.length);
        });
      });
    };
    this.#gathering ??= setTimeout(flush, limits.coalesce);
  }

  /** Undefined when it is done already. */
  #distribute(frames: readonly SharedFrame[], part: Part, then: () => void): Promise<void> | undefined {
    const steps = distribute(frames, part, [...this.#open], this.#deps.queries);
    const done = Promise.withResolvers<void>();
    let isDone = false;
    const step = (): boolean => {
      const { value, done: isOver } = steps.next();
      if (value !== 'room' && !isOver) return true;
      this.#relieve();
      if (this.#mustWait()) {
        setTimeout(() => this.turns.run(again), limits.lagPoll);
        return false;
      }
      if (!isOver) return true;
      isDone = true;
      then();
      done.resolve();
      return false;
    };
    // a generator that is over answers so again
    const again = step;
    this.turns.run(step);
    return isDone ? undefined : done.promise;
  }

  /** Does a client lag that was not waited for long enough? */
  #mustWait(): boolean {
    const now = performance.now();
    for (const client of this.#lagging) {
      const { laggingSince } = client.outbox;
      if (laggingSince === undefined) this.#lagging.delete(client);
      else if (now - laggingSince < limits.lagTime) return true;
    }
    return false;
  }

  /** A client has much to read. */
  lags(client: StreamClient): void {
    this.#lagging.add(client);
  }

  /** Empties the fullest outboxes when all together hold too much. */
  #relieve(): void {
    if (this.clients.octets <= limits.allOutboxBytes) return;
    const fullest = [...this.#open].sort((a, b) => b.outbox.octets - a.outbox.octets);
    for (const { outbox } of fullest) {
      if (this.clients.octets <= limits.allOutboxBytes || outbox.length === 0) return;
      outbox.shrink(outbox.octets / 2);
    }
  }
}

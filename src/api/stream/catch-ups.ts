/**
 * How subscriptions get from nothing (a snapshot), or from where they were (a replay), to live without a hole. Those of
 * one channel that begin at the same place go together: the table is walked, or the database read, once for all.
 *
 * (1) Snapshot: note the seq S of the table and walk it in slices; then replay from S, but for what the walk has shown
 * already. (2) Replay: read the changes behind a seq, from the frames that were published lately or else from the
 * database, until there are no more. Published changes are durable, so the database has what the frames lack.
 *
 * Both may be ahead of the feed, which publishes a little after the table has changed and the disk has it. What the feed
 * brings later and was shown already is passed over.
 */
import type { RouteCursor, RouteHandle, StoredChange } from '../../rib/types.ts';
import type { ApiDeps } from '../deps.ts';
import { limits } from '../limits.ts';
import { presentRoute } from '../present.ts';
import { matchesRoute } from '../route-filter.ts';
import { scan } from '../scan.ts';
import type { ServerMessage } from '../schemas.ts';
import { turn } from '../turn.ts';
import { Cutter, control, type KeyedMessage, MessageBatch } from './batch.ts';
import type { Channel } from './channels.ts';
import type { Hub } from './hub.ts';
import { routeMessage } from './items.ts';
import type { Start, Subscription } from './subscription.ts';
import { Walked } from './walked.ts';

type GapReason = Extract<ServerMessage, { type: 'gap' }>['reason'];

/** Subscriptions that catch up together. */
interface Group {
  key: string;
  channel: Channel;
  start: Start;
  members: Set<Subscription>;
  /** ms, monotonic: when it began, and how long it has waited for all of its members since. */
  startedAt: number;
  waited: number;
}

export class CatchUps {
  readonly #deps: ApiDeps;
  readonly #hub: Hub;
  /** In order, by what they are about. */
  readonly #waiting = new Map<string, Group>();
  readonly #running = new Set<Group>();
  /** The slice of a table that is being walked. */
  #slice: Promise<unknown> = Promise.resolve();
  #alone = 0;

  constructor(deps: ApiDeps, hub: Hub) {
    this.#deps = deps;
    this.#hub = hub;
  }

  /** Has a subscription catch up, with others that start at the same place and have not begun. */
  add(subscription: Subscription, start: Start): void {
    this.#enqueue([subscription], start, '');
  }

  /** Begins what may begin by now. */
  check(): void {
    const now = performance.now();
    for (const group of this.#waiting.values()) {
      if (this.#running.size >= limits.catchUps) return;
      const isShared = [...this.#running].some(
        ({ key, startedAt }) => key === group.key && now - startedAt < limits.shareTime,
      );
      if (isShared) continue;
      this.#waiting.delete(group.key);
      this.#running.add(group);
      group.startedAt = now;
      void this.#run(group);
    }
  }

  #enqueue(members: readonly Subscription[], start: Start, suffix: string): void {
    const { channel } = members[0]!;
    const key = [channel.id, start.kind, 'since' in start ? start.since : '', suffix].join(' ');
    const group = this.#waiting.get(key) ?? { key, channel, start, members: new Set(), startedAt: 0, waited: 0 };
    for (const member of members) group.members.add(member);
    this.#waiting.set(key, group);
    this.check();
  }

  /** Never rejects. */
  async #run(group: Group): Promise<void> {
    const { start } = group;
    if (start.kind === 'snapshot') await this.#snapshot(group);
    else if (start.kind === 'unknown') await this.#startAnew(group, 'resume-unknown', start.since);
    else await this.#replay(group, start.since, start.isWhole);
    this.#running.delete(group);
    this.check();
  }

  async #snapshot(group: Group): Promise<void> {
    const { rib } = this.#deps;
    const { channel } = group;
    const from = rib.seq;
    const walked = new Walked(from);
    for (const member of this.#members(group)) {
      member.floor = from;
      member.isPartial = true;
      member.walked = walked;
      this.#tell(member, { type: 'snapshot_begin', id: member.id, count: rib.routeCount });
    }
    let cursor: RouteCursor | undefined;
    do {
      const rows: KeyedMessage[] = [];
      let octets = 0;
      cursor = await this.#inTurn(() =>
        scan(rib, channel.filter, cursor, (handle) => {
          walked.add(handle, rib.seq === from ? from : rib.json(handle).seq);
          if (matchesRoute(channel.filter, handle)) {
            const text = this.#row(handle);
            octets += text.length;
            rows.push({ seq: 0, key: '', text });
          }
          return rows.length < limits.batchMessages && octets < limits.batchBytes && group.members.size > 0;
        }),
      );
      if (rows.length > 0) this.#deliver(group, new MessageBatch(rows, { seq: null, isControl: true }));
      if (!(await this.#room(group))) return;
    } while (cursor !== undefined);
    walked.until = rib.seq;
    await this.#durable(group, walked.until);
    for (const member of this.#members(group)) {
      this.#tell(member, { type: 'snapshot_end', id: member.id, seq: from, epoch: this.#deps.feed.epoch });
      member.isPartial = false;
    }
    await this.#replay(group, from, true, walked);
  }

  /**
   * The table is ahead of the disk. A client must not resume from a snapshot that a crash of ours takes back in part, so
   * the snapshot only ends once all that it may have shown is durable.
   */
  async #durable(group: Group, seq: number): Promise<void> {
    while (this.#members(group).length > 0 && this.#deps.feed.seq < seq && this.#deps.status().watermark < seq)
      await new Promise((resolve) => setTimeout(resolve, limits.durablePoll));
  }

  #row(handle: RouteHandle): string {
    const route = presentRoute(this.#deps.rib, this.#deps.verdicts, handle);
    const { seq, lastChangedAt: at, stale } = route;
    const action = stale ? 'stale' : 'announced';
    return JSON.stringify({ type: 'route', seq, at, action, route } satisfies ServerMessage);
  }

  async #replay(group: Group, since: number, isWhole: boolean, walked?: Walked): Promise<void> {
    let position = since;
    let skip = 0;
    try {
      if (!isWhole && (await this.#mayBeTorn(group, since))) position = since - 1;
      for (;;) {
        // no frame can come between this and the members being live
        const next = skip > 0 ? undefined : this.#hub.after(position);
        if (next === 'live') break;
        if (next) {
          await this.#deliverChanges(group, next.changes, position, walked);
          position = next.lastSeq;
        } else {
          const answer = await this.#read(group, position, skip);
          if (answer.oldest > position + 1) return await this.#startAnew(group, 'resume-too-old', position);
          const through = answer.complete ? Math.max(this.#deps.feed.seq, answer.through) : answer.through;
          this.#tellNotStored(group, position, through);
          await this.#deliverChanges(group, answer.changes, position, walked);
          skip = answer.skip;
          position = Math.max(position, answer.through);
        }
        for (const member of this.#members(group)) member.floor = position;
        if (!(await this.#room(group, { since: position, skip }))) return;
      }
    } catch {
      return await this.#startAnew(group, 'resume-failed', position);
    }
    for (const member of this.#members(group)) member.goLive(Math.max(position, this.#hub.position));
  }

  #read({ channel }: Group, since: number, skip: number) {
    const [neighbor, ...others] = channel.filter.neighbors ?? [];
    const narrowed = neighbor !== undefined && others.length === 0 ? { neighbor } : {};
    return this.#deps.queries.changes({ since, skip, limit: limits.replayChanges, ...narrowed });
  }

  /** Was the seq so large that a client may have only a part of it when it went? */
  async #mayBeTorn(group: Group, seq: number): Promise<boolean> {
    if (seq === 0 || this.#hub.after(seq - 1) === 'live') return false;
    const { changes } = await this.#deps.queries.changes({
      since: seq - 1,
      until: seq,
      skip: 0,
      limit: limits.batchMessages + 1,
    });
    if (changes.length < 2) return false;
    if (changes.length > limits.batchMessages) return true;
    let octets = 0;
    for (const change of changes) {
      octets += routeMessage(this.#deps.rib, change).text.length;
      if (octets > limits.batchBytes || group.members.size === 0) return true;
    }
    return false;
  }

  async #deliverChanges(
    group: Group,
    changes: readonly StoredChange[],
    since: number,
    walked: Walked | undefined,
  ): Promise<void> {
    const cutter = new Cutter((messages, seq) => new MessageBatch(messages, { seq }));
    let until = performance.now() + limits.sliceMs;
    for (const change of changes) {
      if (change.seq <= since || (walked && !walked.isNews(change)) || !group.channel.matches(change)) continue;
      const batch = cutter.add(routeMessage(this.#deps.rib, change));
      if (batch) this.#deliver(group, batch);
      if (performance.now() < until) continue;
      await turn();
      until = performance.now() + limits.sliceMs;
    }
    const rest = cutter.end();
    if (rest) this.#deliver(group, rest);
  }

  /** What lies behind `since` cannot be told change by change: say so, and show everything as it is. */
  async #startAnew(group: Group, reason: GapReason, since: number): Promise<void> {
    const to = Math.max(since + 1, this.#deps.feed.seq);
    for (const member of this.#members(group))
      this.#tell(member, { type: 'gap', id: member.id, from: since + 1, to, reason });
    await this.#snapshot(group);
  }

  /** Changes that were published but that a failing disk did not take; a gap is told where it ends. */
  #tellNotStored(group: Group, since: number, through: number): void {
    for (const { from, to } of this.#deps.status().gaps)
      if (to > since && to <= through)
        for (const member of this.#members(group))
          this.#tell(member, { type: 'gap', id: member.id, from, to, reason: 'not-stored' });
  }

  /**
   * Waits until the members have taken what they were sent. Those that keep others waiting go on by themselves, from
   * `position` or with a snapshot of their own; those that keep other groups from beginning make room for them. False:
   * nobody is left.
   */
  async #room(group: Group, position?: { since: number; skip: number }): Promise<boolean> {
    for (;;) {
      const members = this.#members(group);
      const behind = members.filter(({ outbox }) => !outbox.isDrained);
      if (behind.length === 0) return members.length > 0;
      const since = performance.now();
      await drainedWithin(behind, limits.catchUpLag);
      if (performance.now() - since < limits.catchUpLag) continue;
      group.waited += limits.catchUpLag;
      const slow = behind.filter(({ outbox, isEnded }) => !isEnded && !outbox.isDrained);
      const isBlocking = this.#waiting.size > 0 && group.waited > limits.catchUpTime;
      if (slow.length === 0 || (slow.length === members.length && !isBlocking)) continue;
      if (position && position.skip > 0) continue; // in the middle of a seq there is no place to go on from
      for (const member of slow) group.members.delete(member);
      const suffix = `alone ${++this.#alone}`;
      if (position) this.#enqueue(slow, { kind: 'replay', since: position.since, isWhole: true }, suffix);
      else if (isBlocking) for (const { outbox } of slow) outbox.closeSlow();
      else this.#enqueue(slow, { kind: 'snapshot' }, suffix);
    }
  }

  /** One slice at a time, over all groups. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#slice.then(work);
    this.#slice = done.catch(() => {});
    return done;
  }

  /** Those that are still there. */
  #members(group: Group): Subscription[] {
    for (const member of group.members) if (member.isEnded) group.members.delete(member);
    return [...group.members];
  }

  #deliver(group: Group, batch: MessageBatch): void {
    for (const member of this.#members(group)) member.deliver(batch);
  }

  #tell(member: Subscription, message: ServerMessage): void {
    member.deliver(control(message));
  }
}

/** Resolves when all are drained, or after `ms`. */
async function drainedWithin(subscriptions: readonly Subscription[], ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([late, Promise.all(subscriptions.map(({ outbox }) => outbox.drained()))]);
  clearTimeout(timer);
}

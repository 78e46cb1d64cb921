/**
 * One subscription: what it wants, and how it gets from nothing (or from where it was) to live without a hole.
 *
 * Catching up has two forms. (1) Snapshot: note the seq S of the table, walk it in slices while changes are held, then
 * send the held ones with seq > S, except those that the walk has shown already. (2) Replay: read the changes behind a
 * seq from the database until it has no more, while newer ones are held, then send those. When more is held than the
 * bound, holding stops and a replay fills in. Published changes are durable, so the database has what is not held.
 *
 * Both may be ahead of the feed, which publishes a little after the table has changed and the disk has it. What comes
 * over the feed later and was shown already is passed over.
 */

import type { VerdictChange } from '../../checks/types.ts';
import type { AttributesJson, Neighbor, RouteCursor, RouteHandle } from '../../rib/types.ts';
import type { StoredChange } from '../../store/types.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { limits } from '../limits.ts';
import { presentRoute } from '../present.ts';
import { type CompiledFilter, compileFilter, matchesRoute } from '../route-filter.ts';
import { scan } from '../scan.ts';
import type { ServerMessage, SubscribeMessage } from '../schemas.ts';
import { control, type Item, routeItem } from './items.ts';
import { Walked } from './walked.ts';

/** Where a subscription puts what it finds while it catches up. */
export interface Sink {
  push(items: readonly Item[]): void;
  drained(): Promise<void>;
  /** Runs one slice of catching up at a time, over all clients. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

type GapReason = Extract<ServerMessage, { type: 'gap' }>['reason'];

export class Subscription {
  readonly id: string;
  readonly wants: { routes: boolean; verdicts: boolean; raw: boolean; coalesce: boolean };
  readonly filter: CompiledFilter;
  isLive = false;
  readonly #deps: ApiDeps;
  readonly #sink: Sink;
  #isEnded = false;
  /** Changes since catching up began; undefined when there were too many. */
  #held: StoredChange[] | undefined = [];
  /** Nothing up to this seq is sent any more: it was, or the snapshot has it. */
  #floor = 0;
  /** A snapshot is on its way: what was sent of it is nothing to resume from. */
  #isPartial = false;
  /** The snapshot that the feed has not caught up with yet. */
  #walked: Walked | undefined;

  /** Throws ApiError when the filter cannot be. */
  constructor(message: SubscribeMessage, deps: ApiDeps, sink: Sink) {
    const { id, filter = {}, routes = true, verdicts = false, includeRaw = false, coalesce = 'none' } = message;
    if (filter.since !== undefined)
      throw new ApiError(400, 'invalid-message', 'filter.since: use resumeFrom to go back in time');
    this.id = id;
    this.wants = { routes, verdicts, raw: includeRaw, coalesce: coalesce === 'prefix' };
    this.filter = compileFilter(filter, deps);
    this.#deps = deps;
    this.#sink = sink;
  }

  /** Everything that passes, as it comes. */
  get wantsAll(): boolean {
    return (
      this.filter.matchesAll && this.wants.routes && this.wants.verdicts && !this.wants.raw && !this.wants.coalesce
    );
  }

  /** A client that has everything it was sent may resume from here; 0 = from nowhere yet. */
  get reached(): number {
    if (this.isLive) return Math.max(this.#floor, this.#deps.feed.seq);
    return this.#isPartial ? 0 : this.#floor;
  }

  /** May it have been shown a change of this seq before the feed publishes it? */
  isAhead(seq: number): boolean {
    return seq <= Math.max(this.#floor, this.#walked?.until ?? 0);
  }

  /** It has everything up to `seq`, and what comes next is to be read back: whoever says so has it catch up. */
  fallBehind(seq: number): void {
    this.isLive = false;
    this.#floor = Math.max(this.#floor, seq);
  }

  /** Takes it from what `message` says the client has, to live. Never rejects. */
  async catchUp({ resumeFrom, epoch }: SubscribeMessage): Promise<void> {
    if (this.#isEnded) return;
    if (!this.wants.routes) this.isLive = true;
    else if (resumeFrom === undefined) await this.#snapshot();
    else if (this.#isUnknown(resumeFrom, epoch)) await this.#startAnew('resume-unknown', resumeFrom);
    else await this.#replay(resumeFrom);
  }

  /** A position that this database never had, or whose seq was lost when the collector was killed. */
  #isUnknown(seq: number, epoch: string | undefined): boolean {
    const { feed, rib, status } = this.#deps;
    if (epoch !== undefined && !feed.continues(epoch, seq)) return true;
    return seq > rib.seq || status().leftOut.some(({ from, to }) => seq >= from && seq < to);
  }

  end(): void {
    this.#isEnded = true;
    this.isLive = false;
    this.#held = [];
  }

  /** A frame came while it is catching up. `lacks`: the frame says that there were changes that it does not have. */
  hold(changes: readonly StoredChange[], lacks: boolean): void {
    if (lacks || (this.#held && this.#held.length + changes.length > limits.heldChanges)) this.#held = undefined;
    if (this.#held) for (const change of changes) if (this.#concerns(change)) this.#held.push(change);
  }

  /**
   * Is the route, as it is now or as it was, one that is asked for, and the change one that was not shown yet? Asked
   * about each change once, in order.
   */
  matches(change: StoredChange): boolean {
    const { filter } = this;
    if (!this.#concerns(change) || change.seq <= this.#floor || !this.#isNews(change)) return false;
    if (filter.matchesAll) return true;
    const { neighbor, nlri, attributes, previous, names } = change;
    const fits = (set: number, known?: AttributesJson | null) =>
      set !== 0 && filter.attributes(set, neighbor, known) && filter.live({ neighbor, nlri, attributes: set });
    return fits(attributes, names?.attributes) || fits(previous, names?.previous);
  }

  matchesSession({ id }: Neighbor): boolean {
    return this.filter.neighbor(id);
  }

  matchesVerdict(change: VerdictChange): boolean {
    return this.wants.verdicts && this.filter.verdict(change);
  }

  /** Is it about a route that is asked for, whatever its attributes? */
  #concerns({ neighbor, nlri, names }: StoredChange): boolean {
    const { filter } = this;
    return this.wants.routes && (filter.matchesAll || (filter.nlri(nlri, names?.prefix) && filter.neighbor(neighbor)));
  }

  #isNews(change: StoredChange): boolean {
    if (this.#walked && change.seq > this.#walked.until) this.#walked = undefined;
    return this.#walked === undefined || this.#walked.isNews(change);
  }

  async #snapshot(): Promise<void> {
    const { rib } = this.#deps;
    const from = rib.seq;
    const walked = new Walked(from);
    this.#held = [];
    this.#floor = from;
    this.#isPartial = true;
    this.#walked = walked;
    this.#tell({ type: 'snapshot_begin', id: this.id, count: rib.routeCount });
    let cursor: RouteCursor | undefined;
    do {
      const rows: Item[] = [];
      cursor = await this.#sink.inTurn(() =>
        scan(rib, this.filter, cursor, (handle) => {
          walked.add(handle, rib.seq === from ? from : rib.json(handle).seq);
          if (matchesRoute(this.filter, handle)) rows.push(this.#row(handle));
          return rows.length < limits.batchMessages && !this.#isEnded;
        }),
      );
      if (this.#isEnded) return;
      this.#sink.push(rows);
      await this.#sink.drained();
    } while (cursor !== undefined);
    walked.until = rib.seq;
    await this.#durable(walked.until);
    if (this.#isEnded) return;
    this.#tell({ type: 'snapshot_end', id: this.id, seq: from, epoch: this.#deps.feed.epoch });
    this.#isPartial = false;
    if (this.#held === undefined) return this.#replay(from);
    this.#goLive();
  }

  /**
   * The table is ahead of the disk. A client must not resume from a snapshot that a crash of ours takes back in part, so
   * the snapshot only ends once all that it may have shown is durable.
   */
  async #durable(seq: number): Promise<void> {
    while (!this.#isEnded && this.#deps.feed.seq < seq && this.#deps.status().watermark < seq)
      await new Promise((resolve) => setTimeout(resolve, limits.durablePoll));
  }

  #row(handle: RouteHandle): Item {
    const route = presentRoute(this.#deps.rib, this.#deps.verdicts, handle);
    const { seq, lastChangedAt: at, stale } = route;
    return control({ type: 'route', seq, at, action: stale ? 'stale' : 'announced', route });
  }

  async #replay(since: number): Promise<void> {
    const { queries, rib } = this.#deps;
    const [neighbor, ...others] = this.filter.neighbors ?? [];
    const narrowed = neighbor !== undefined && others.length === 0 ? { neighbor } : {};
    this.#floor = Math.max(this.#floor, since);
    for (;;) {
      this.#held = [];
      try {
        for (let complete = false; !complete; ) {
          const position = this.#floor;
          const answer = await queries.changes({ since: position, limit: limits.replayChanges, ...narrowed });
          if (this.#isEnded) return;
          if (answer.oldest > position + 1) return await this.#startAnew('resume-too-old', position);
          this.#tellNotStored(
            position,
            answer.complete ? Math.max(this.#deps.feed.seq, answer.through) : answer.through,
          );
          this.#sink.push(answer.changes.filter((one) => this.matches(one)).map((one) => routeItem(one, rib)));
          this.#floor = Math.max(position, answer.through);
          await this.#sink.drained();
          if (this.#isEnded) return;
          complete = answer.complete;
        }
      } catch {
        return await this.#startAnew('resume-failed', this.#floor);
      }
      if (this.#held !== undefined) return this.#goLive();
    }
  }

  /** What lies behind `since` cannot be told change by change: say so, and show everything as it is. */
  async #startAnew(reason: GapReason, since: number): Promise<void> {
    this.#tell({ type: 'gap', id: this.id, from: since + 1, to: Math.max(since + 1, this.#deps.feed.seq), reason });
    await this.#snapshot();
  }

  /** Changes that were published but that a failing disk did not take; a gap is told where it ends. */
  #tellNotStored(since: number, through: number): void {
    for (const { from, to } of this.#deps.status().gaps)
      if (to > since && to <= through) this.#tell({ type: 'gap', id: this.id, from, to, reason: 'not-stored' });
  }

  /** Sends what was held, and is live in the same breath: no frame comes in between. */
  #goLive(): void {
    const held = this.#held ?? [];
    this.#held = [];
    const missing = held.filter((change) => this.matches(change));
    this.#sink.push(missing.map((change) => routeItem(change, this.#deps.rib)));
    this.isLive = true;
  }

  #tell(message: ServerMessage): void {
    this.#sink.push([control(message)]);
  }
}

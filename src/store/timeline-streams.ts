/** The rows of each kind of a timeline, from its own tables: newest first, below a place, and as many as a bound lets. */

import { parsePrefix } from '../ip.ts';
import type { SessionSet } from '../metallb/answers/differences.ts';
import { ChangeReader, changeLength } from '../rib/change-log.ts';
import type { Verdict } from '../verdicts/types.ts';
import { type Db, exactBuffer, fromMicros, toMicros } from './database.ts';
import { addressRange, prefixKey } from './history.ts';
import { becauseOf, type ObjectChangeColumns, objectChangeOf } from './timeline-objects.ts';
import type {
  ChangeSource,
  NeighborEventRow,
  TimelineKind,
  TimelinePosition,
  TimelineQuery,
  TimelineRow,
} from './types.ts';

/** Expectation changes whose objects and sessions are looked at, expectation changes, and session events, for one answer. */
export const maxScannedSets = 5_000;
export const maxScannedDifferences = 2_000;
export const maxScannedEvents = 50_000;
export const scanBounds = { sets: maxScannedSets, differences: maxScannedDifferences, events: maxScannedEvents };
/** µs by which an object change may stand below the change set that it is part of: those of a minute are one row. */
const slack = 60_000_000;

/** At one instant causes come before what they cause; newest first they are below it. */
export const ranks: Record<TimelineKind, number> = { object: 0, expectation: 1, session: 2, route: 3, verdict: 4 };

/** Where a row stands: µs, rank of its kind, number within the kind. */
export interface TimelineKey {
  at: number;
  rank: number;
  id: number;
}

export interface KeyedRow {
  key: TimelineKey;
  row: TimelineRow;
}

type RouteRow = KeyedRow & { row: Extract<TimelineRow, { kind: 'route' }> };

/** Rows in order, and down to where (that place included) they are all there are; undefined = to the end. */
export interface Stream {
  rows: KeyedRow[];
  horizon?: TimelineKey;
  /** Where the scan goes on: session id or seq up to which nothing was looked at yet. */
  below?: number;
}

/** Order of rows: newest first. */
export const compare = (a: TimelineKey, b: TimelineKey): number => b.at - a.at || b.rank - a.rank || b.id - a.id;
export const largest = Number.MAX_SAFE_INTEGER;

export class TimelineStreams {
  readonly #db: Db;
  readonly #queries: ChangeSource;
  readonly #query: TimelineQuery;
  readonly #start: TimelinePosition;
  readonly #scan: typeof scanBounds;
  /** µs, both included. */
  readonly #since: number;
  readonly #until: number;
  readonly #sessionSets = new Map<number, SessionSet>();

  constructor(db: Db, queries: ChangeSource, query: TimelineQuery, start: TimelinePosition, scan = scanBounds) {
    this.#db = db;
    this.#queries = queries;
    this.#query = query;
    this.#start = start;
    this.#scan = scan;
    this.#since = query.since === undefined ? 0 : toMicros(query.since);
    this.#until = query.until === undefined ? largest : toMicros(query.until);
  }

  read(kind: TimelineKind): Stream {
    switch (kind) {
      case 'object':
        return this.#objects();
      case 'expectation':
        return this.#expectations();
      case 'session':
        return this.#sessions();
      case 'route':
        return this.#routes();
      case 'verdict':
        return this.#verdicts();
      default:
        return kind satisfies never;
    }
  }

  /**
   * Changes of Services, and of their EndpointSlices, with an address in the prefix; of hand-written rules that name it;
   * of whatever else was part of a change of its expectations; and of the objects that its expectations come from now.
   */
  #objects(): Stream {
    const { prefix, objects, node } = this.#query;
    const parsed = parsePrefix(prefix)!;
    const mine = this.#changeSets();
    const rows = this.#db
      .prepare(
        `WITH mine AS (
           SELECT json_extract(value, '$.change_set') AS change_set, json_extract(value, '$.session_set') AS session_set
           FROM json_each(@mine)
         ), ids AS (
           SELECT object_change AS id FROM object_addresses WHERE address BETWEEN @low AND @high OR address = @itself
           UNION
           SELECT x.id FROM mine JOIN change_sets c ON c.id = mine.change_set, json_each(c.objects) o
           JOIN object_changes x ON x.id = o.value
           WHERE x.kind NOT IN ('Service', 'EndpointSlice') AND (x.kind <> 'Node' OR x.key IN (
             SELECT n.value FROM session_sets s, json_each(s.blocks) b, json_each(b.value, '$.nodes') n
             WHERE s.id = mine.session_set))
           UNION
           SELECT x.id FROM json_each(@objects) o JOIN object_changes x
           ON x.kind = json_extract(o.value, '$[0]') AND x.key = json_extract(o.value, '$[1]')
         )
         SELECT * FROM object_changes WHERE id IN (SELECT id FROM ids) AND ${this.#below('object')} AND at >= @since
         AND (@node IS NULL OR kind <> 'Node' OR key = @node)
         ORDER BY at DESC, id DESC LIMIT @limit`,
      )
      .all({
        ...this.#bounds('object'),
        ...addressRange(parsed),
        itself: prefixKey(parsed),
        mine: JSON.stringify(mine),
        node: node ?? null,
        objects: JSON.stringify(objects),
      }) as ObjectChangeColumns[];
    const stream = this.#limited(
      rows.map((row) => ({ key: { at: row.at, rank: ranks.object, id: row.id }, row: objectChangeOf(row) })),
    );
    // what is part of older change sets than were looked at stands below them
    const oldest = mine.length === this.#scan.sets ? { at: mine.at(-1)!.at, rank: ranks.object, id: 0 } : undefined;
    if (!oldest || compare(oldest, this.#start) <= 0) return stream;
    const isHigher = stream.horizon === undefined || compare(oldest, stream.horizon) < 0;
    return isHigher ? { rows: stream.rows, horizon: oldest } : stream;
  }

  /** The change sets in which expectations of the prefix changed, the newest of those that may matter here. */
  #changeSets(): ChangeSetColumns[] {
    return this.#db
      .prepare(
        `SELECT e.at, e.change_set, e.session_set FROM prefix_set_members m
         JOIN expectation_changes e ON e.prefix_set = m.prefix_set
         WHERE m.prefix = @prefix AND e.at <= @at + ${slack} ORDER BY e.at DESC LIMIT ${this.#scan.sets}`,
      )
      .all({ prefix: this.#query.prefix, at: this.#start.at }) as ChangeSetColumns[];
  }

  #expectations(): Stream {
    const { prefix, node, bgpPeer, limit } = this.#query;
    // many rows may have to be put in order: without the texts of their sets
    const found = this.#db
      .prepare(
        `SELECT e.id, e.at, e.session_set FROM prefix_set_members m
         JOIN expectation_changes e ON e.prefix_set = m.prefix_set
         WHERE m.prefix = @prefix AND ${this.#below('expectation', 'e.')} AND e.at >= @since
         ORDER BY e.at DESC, e.id DESC LIMIT @limit`,
      )
      .all({ ...this.#bounds('expectation'), prefix, limit: this.#scan.differences }) as {
      id: number;
      at: number;
      session_set: number;
    }[];
    const detail = this.#db.prepare(
      `SELECT e.action, e.fields, c.occasion, c.objects, c.more_objects FROM expectation_changes e
       JOIN change_sets c ON c.id = e.change_set WHERE e.id = ?`,
    );
    const rows: KeyedRow[] = [];
    for (const { id, at, session_set } of found) {
      const sessions = this.#sessionSet(session_set);
      if (node !== undefined && !concerns(sessions, node, bgpPeer)) continue;
      const row = detail.get(id) as DifferenceColumns;
      rows.push({
        key: { at, rank: ranks.expectation, id },
        row: {
          kind: 'expectation',
          id,
          at: fromMicros(at),
          action: row.action,
          fields: JSON.parse(row.fields) as string[],
          occasion: row.occasion,
          sessions,
          ...becauseOf(this.#db, row, sessions, prefix),
        },
      });
      if (rows.length > limit) break;
    }
    const last = found.at(-1);
    let horizon = rows.length > limit ? rows.at(-1)!.key : undefined;
    if (!horizon && found.length === this.#scan.differences)
      horizon = { at: last!.at, rank: ranks.expectation, id: last!.id };
    rows.push(...this.#unrecorded());
    return { rows, ...(horizon && { horizon }) };
  }

  #sessionSet(id: number): SessionSet {
    let set = this.#sessionSets.get(id);
    if (!set) {
      const row = this.#db.prepare('SELECT count, blocks FROM session_sets WHERE id = ?').get(id) as {
        count: number;
        blocks: string;
      };
      set = { count: row.count, blocks: JSON.parse(row.blocks) as SessionSet['blocks'] };
      this.#sessionSets.set(id, set);
    }
    return set;
  }

  /** Change sets too large to be recorded whole: whether the prefix is among the rest cannot be told. */
  #unrecorded(): KeyedRow[] {
    const rows = this.#db
      .prepare(
        `SELECT id, at, unrecorded_prefixes AS prefixes FROM change_sets
         WHERE unrecorded_prefixes > 0 AND at BETWEEN @since AND @at ORDER BY id DESC LIMIT @limit`,
      )
      .all(this.#bounds('expectation')) as { id: number; at: number; prefixes: number }[];
    return rows
      .map(
        ({ id, at, prefixes }): KeyedRow => ({
          key: { at, rank: ranks.expectation, id: -id },
          row: { kind: 'expectation', id: -id, at: fromMicros(at), action: 'not-recorded', prefixes },
        }),
      )
      .filter(({ key }) => compare(key, this.#start) > 0);
  }

  #sessions(): Stream {
    const { limit } = this.#query;
    const neighbors = this.#neighbors();
    const rows: KeyedRow[] = [];
    let scanned = 0;
    const keyOf = this.#downwards(ranks.session);
    for (const event of this.#events()) {
      const key = keyOf(event.at, event.id);
      // the wall clock may have been set: older events can be in the range again
      const isAsked = event.at >= this.#since && event.at <= this.#until && neighbors.has(event.neighbor);
      if (isAsked) rows.push({ key, row: { kind: 'session', ...eventOf(event) } });
      if (rows.length > limit || ++scanned >= this.#scan.events) return { rows, horizon: key, below: event.id - 1 };
    }
    return { rows };
  }

  #events(): IterableIterator<EventColumns> {
    return this.#db
      .prepare(
        `SELECT * FROM sessions WHERE id <= ? AND (kind = 'established' OR (kind = 'down' AND from_state = 'established'))
         ORDER BY id DESC`,
      )
      .iterate(this.#start.event) as IterableIterator<EventColumns>;
  }

  /** Who has, had or should have the prefix; only those that are asked for. */
  #neighbors(): ReadonlySet<number> {
    const { prefix, neighbors, only } = this.#query;
    const found = this.#db
      .prepare('SELECT DISTINCT neighbor FROM findings WHERE prefix = ? AND neighbor IS NOT NULL')
      .pluck()
      .all(prefix) as number[];
    const all = new Set([...neighbors, ...found, ...this.#onceExpected()]);
    return only ? new Set(only.filter((id) => all.has(id))) : all;
  }

  /**
   * Places for rows that are read in the order of their numbers, newest first. Where the clock was set back an older one
   * has a later time: it stands right below the newer one then, since a page goes on by the number as well.
   */
  #downwards(rank: number): (at: number, id: number) => TimelineKey {
    let { at: lowest } = this.#start;
    return (at, id) => {
      lowest = Math.min(lowest, at);
      const key = { at: lowest, rank, id };
      return compare(key, this.#start) > 0 ? key : { ...key, at: --lowest };
    };
  }

  /** Neighbors of the sessions that the prefix was expected from, or is no longer. */
  #onceExpected(): number[] {
    const ids = new Set(this.#changeSets().map(({ session_set }) => session_set));
    const sets = Array.from(ids, (id) => this.#sessionSet(id));
    const nodesOf = new Map<string, Set<string>>();
    for (const { nodes, bgpPeers } of sets.flatMap(({ blocks }) => blocks))
      for (const bgpPeer of bgpPeers) {
        const own = nodesOf.get(bgpPeer);
        if (!own) nodesOf.set(bgpPeer, new Set(nodes));
        else for (const node of nodes) own.add(node);
      }
    const known = this.#db.prepare('SELECT id, node, bgp_peer FROM neighbors').all() as {
      id: number;
      node: string | null;
      bgp_peer: string | null;
    }[];
    return known.filter(({ node, bgp_peer }) => nodesOf.get(bgp_peer ?? '')?.has(node ?? '')).map(({ id }) => id);
  }

  #routes(): Stream {
    const { prefix, nlris, only, limit } = this.#query;
    if (only?.length === 0) return { rows: [] };
    const { changes, complete, through } = this.#queries.changes({
      since: 0,
      until: this.#start.seq,
      prefix,
      nlris,
      ...(only?.length === 1 && { neighbor: only[0]! }),
      ...(this.#query.since !== undefined && { from: this.#query.since }),
      limit: limit + 1,
      reverse: true,
    });
    const wanted = only && new Set(only);
    const keyOf = this.#downwards(ranks.route);
    const found = changes
      .filter(({ at }) => toMicros(at) <= this.#until)
      .map((change): RouteRow => ({ key: keyOf(toMicros(change.at), change.seq), row: { kind: 'route', change } }));
    const rows = found.filter(({ row }) => !wanted || wanted.has(row.change.neighbor));
    if (complete) return { rows };
    const last = found.at(-1);
    if (last !== undefined && changes.length > limit) return { rows, horizon: last.key, below: through };
    const next = this.#newestChange(through);
    if (next === undefined || !this.#hasChangesSince(through)) return { rows };
    return { rows, horizon: keyOf(next, through + 1), below: through };
  }

  /** µs of the newest change of any route up to `seq`: the first that was not looked at. */
  #newestChange(seq: number): number | undefined {
    const entries = this.#db
      .prepare('SELECT entries FROM changes WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1')
      .pluck()
      .get(seq) as Buffer | undefined;
    if (!entries) return undefined;
    const reader = new ChangeReader({ buffer: exactBuffer(entries), count: entries.length / changeLength });
    for (let i = reader.count - 1; i >= 0; i--) if (reader.seq(i) <= seq) return Math.round(reader.at(i) * 1000);
    return undefined;
  }

  /** Are there changes up to `seq` that are not older than what is asked for? */
  #hasChangesSince(seq: number): boolean {
    return (
      this.#db.prepare('SELECT 1 FROM changes WHERE first_seq <= ? AND at >= ?').get(seq, this.#since) !== undefined
    );
  }

  /** When findings began, and when they ended without another one in their place. */
  #verdicts(): Stream {
    const { prefix, node, bgpPeer, only } = this.#query;
    const parameters = {
      ...this.#bounds('verdict'),
      prefix,
      node: node ?? null,
      bgpPeer: bgpPeer ?? null,
      only: only ? JSON.stringify(only) : null,
    };
    // with a node asked for, what no neighbor stands for yet counts by its node
    const isAsked =
      '(@node IS NULL OR (node = @node AND (@bgpPeer IS NULL OR bgp_peer = @bgpPeer))) AND (@only IS NULL OR neighbor IS NULL OR neighbor IN (SELECT value FROM json_each(@only)))';
    const rows = this.#db
      .prepare(
        `SELECT * FROM (
           SELECT since AS at, 2 * id AS id, from_word, word AS to_word FROM finding_lives
           WHERE prefix = @prefix AND ${isAsked}
           UNION ALL
           SELECT until, 2 * id + 1, word, to_word FROM finding_lives
           WHERE prefix = @prefix AND until IS NOT NULL AND coalesce(to_word, 'ok') IN ('ok', 'restart') AND ${isAsked}
         ) WHERE ${this.#below('verdict')} AND at >= @since ORDER BY at DESC, id DESC LIMIT @limit`,
      )
      .all(parameters) as VerdictColumns[];
    const verdict = this.#db.prepare('SELECT verdict FROM findings WHERE id = ?').pluck();
    return this.#limited(
      rows.map(({ at, id, from_word, to_word }) => ({
        key: { at, rank: ranks.verdict, id },
        row: {
          kind: 'verdict',
          id,
          at: fromMicros(at),
          from: from_word,
          to: to_word,
          verdict: JSON.parse(verdict.get(Math.floor(id / 2)) as string) as Verdict,
          ended: id % 2 === 1,
        },
      })),
    );
  }

  /** SQL for "below where this page begins"; its parameters are in `#bounds`. */
  #below(kind: TimelineKind, table = ''): string {
    return ranks[kind] < this.#start.rank
      ? `${table}at <= @at`
      : `(${table}at < @at OR (${table}at = @at AND ${table}id < @id))`;
  }

  #bounds(kind: TimelineKind): { at: number; id: number; since: number; limit: number } {
    const { at, rank, id } = this.#start;
    const isSame = ranks[kind] === rank;
    const first = ranks[kind] > rank ? -largest : 0;
    return { at, id: isSame ? id : first, since: this.#since, limit: this.#query.limit + 1 };
  }

  #limited(rows: KeyedRow[]): Stream {
    return rows.length > this.#query.limit ? { rows, horizon: rows.at(-1)!.key } : { rows };
  }
}

interface ChangeSetColumns {
  at: number;
  change_set: number;
  session_set: number;
}

interface DifferenceColumns {
  action: 'expected' | 'changed' | 'no-longer-expected';
  fields: string;
  occasion: 'first' | 'away' | 'change';
  objects: string;
  more_objects: number;
}

interface EventColumns extends Omit<NeighborEventRow, 'from' | 'to' | 'detail'> {
  from_state: string | null;
  to_state: string | null;
}

interface VerdictColumns {
  at: number;
  id: number;
  from_word: string | null;
  to_word: string | null;
}

const concerns = ({ blocks }: SessionSet, node: string, bgpPeer: string | undefined): boolean =>
  blocks.some(({ nodes, bgpPeers }) => nodes.includes(node) && (bgpPeer === undefined || bgpPeers.includes(bgpPeer)));

function eventOf({ id, seq, at, neighbor, session, kind, from_state, to_state, code, text }: EventColumns) {
  return {
    id,
    seq,
    at: fromMicros(at),
    neighbor,
    session,
    event: kind,
    from: from_state,
    to: to_state,
    code,
    text,
  };
}

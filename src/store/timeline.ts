/**
 * Everything that is known to have happened to one prefix, newest first: five kinds of rows from five tables, merged.
 * Each kind is read down to some point, as far as there are rows or as far as a bound lets it; only what is above the
 * highest of those points is told, and the next page goes on below.
 */
import { type Db, toMicros } from './database.ts';
import { compare, largest, ranks, scanBounds, TimelineStreams } from './timeline-streams.ts';
import type { ChangeSource, TimelineAnswer, TimelineKind, TimelinePosition, TimelineQuery } from './types.ts';

/** @param scan rows that one answer may look at. */
export function timeline(db: Db, queries: ChangeSource, query: TimelineQuery, scan = scanBounds): TimelineAnswer {
  const start: TimelinePosition = query.after ?? {
    at: query.until === undefined ? largest : toMicros(query.until),
    rank: ranks.verdict + 1,
    id: 0,
    event: largest,
    seq: largest,
  };
  const reader = new TimelineStreams(db, queries, query, start, scan);
  const streams = new Map(query.kinds.map((kind) => [kind, reader.read(kind)]));
  const horizons = [...streams.values()].flatMap(({ horizon }) => horizon ?? []).sort(compare);
  const [horizon] = horizons;
  const rows = [...streams.values()]
    .flatMap((stream) => stream.rows)
    .filter(({ key }) => horizon === undefined || compare(key, horizon) <= 0)
    .sort((a, b) => compare(a.key, b.key));
  let end = Math.min(query.limit, rows.length);
  // rows that stand at one place (the routes of one message) stay together
  while (end > 0 && end < rows.length && compare(rows[end - 1]!.key, rows[end]!.key) === 0) end++;
  const shown = rows.slice(0, end);
  const isAll = horizon === undefined && end === rows.length;
  const last = end === rows.length && horizon ? horizon : shown.at(-1)?.key;
  const below = (kind: TimelineKind): number => {
    const stream = streams.get(kind);
    const left = stream?.rows.filter(({ key }) => last !== undefined && compare(key, last) > 0) ?? [];
    return Math.max(stream?.below ?? 0, ...left.map(({ key }) => key.id));
  };
  return {
    rows: shown.map(({ row }) => row),
    next: isAll || !last ? null : { ...last, event: below('session'), seq: below('route') },
  };
}

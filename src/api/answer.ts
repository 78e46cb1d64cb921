/** Answers: the envelope, lists as JSON, NDJSON or CSV, ETags. Long lists are written in slices, at the client's pace. */
import { createHash } from 'node:crypto';
import { finished, Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { formatTime } from '../rib/time.ts';
import type { Neighbor } from '../rib/types.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { columnsOf, csvHeader, csvLine, fieldPaths, projection } from './fields.ts';
import { limits } from './limits.ts';
import { encodeCursor, formatOf, type ListQuery, mediaTypes, refuseTimeTravel } from './query.ts';
import { largeAnswers, Room, tooMany } from './room.ts';
import type { Envelope, Facet, Meta } from './schemas.ts';
import { ownTurn } from './turn.ts';

/** Rows behind a cursor, and where the next ones start. */
export interface Slice<Row> {
  rows: Row[];
  /** What `encodeCursor` gets; null = there are no more. */
  next: unknown;
}

export interface Listing<Row> {
  /** The schema of a row, which `read` is typed by. */
  row: z.ZodObject & z.ZodType<Row>;
  /** At most `limit` rows behind `after`, which is a `next` from before, or undefined at the start. */
  read(after: unknown, limit: number): Promise<Slice<NoInfer<Row>>> | Slice<NoInfer<Row>>;
  /** Where to start: the decoded cursor. */
  after: unknown;
  facets?: () => Promise<Record<string, Facet>>;
  /** What else stands beside the rows in JSON. */
  beside?: () => Record<string, unknown>;
  /** What else tells whether the rows are still the same. */
  state?: unknown;
  /** Why there is nothing at all. */
  emptyText?: string;
}

export function metaOf(deps: ApiDeps): Meta {
  return { generatedAt: formatTime(deps.now()), seq: deps.rib.seq, collector: deps.status().collector };
}

const metaOfList = <Row>(deps: ApiDeps, { emptyText }: Listing<Row>): Meta => ({
  ...metaOf(deps),
  ...(emptyText !== undefined && { emptyText }),
});

/** One thing in its envelope. */
export function envelopeOf<T>(deps: ApiDeps, data: T): Envelope<T> {
  return { data, meta: metaOf(deps) };
}

/** The same for an answer with lists: few are made at once, each in its own room. */
export function largeEnvelopeOf<T>(deps: ApiDeps, make: (room: Room) => Promise<T>): Promise<Envelope<T>> {
  return largeAnswers.run(async () => envelopeOf(deps, await make(new Room())));
}

/** Answers with a list in the form that was asked for. `listing.row` types the rows: this writes text. */
export async function sendList<Row extends object>(
  deps: ApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  listing: Listing<Row>,
): Promise<never> {
  const query = request.query as ListQuery;
  refuseTimeTravel(query.at);
  const format = formatOf(request, query.format);
  const all = query.limit === 'all';
  if (all && format === 'json')
    throw new ApiError(400, 'invalid-request', 'limit=all needs format=ndjson or format=csv');
  const paths = fieldPaths(query.fields, listing.row);
  const cut = projection(paths) as (row: Row) => Row;
  reply.header('vary', 'accept, authorization, origin');
  if (notModified(deps, request, reply, listing.state)) return reply.code(304).send() as never;

  reply.type(`${mediaTypes[format]}; charset=utf-8${format === 'csv' ? '; header=present' : ''}`);
  const bound = all
    ? { rows: Infinity, octets: Infinity }
    : { rows: Number(query.limit ?? limits.defaultRows), octets: limits.answerBytes };
  if (all) beginExport(reply);
  if (format === 'json') {
    const meta = metaOfList(deps, listing);
    const rows = await begun(piecesOf(listing, bound, (row, i) => (i > 0 ? ',' : '') + JSON.stringify(cut(row))));
    const facets = await listing.facets?.();
    return stream(reply, asJson(rows, meta, { ...(facets && { facets }), ...listing.beside?.() }));
  }
  const columns = format === 'csv' ? columnsOf(listing.row, paths) : [];
  const header = format === 'csv' ? csvHeader(columns) : '';
  const lines = piecesOf(listing, bound, (row) =>
    format === 'csv' ? csvLine(row as Record<string, unknown>, columns) : `${JSON.stringify(cut(row))}\n`,
  );
  if (all) return stream(reply, asLines(header, await begun(lines)));
  // the header Link tells where the page ends, so it is made before it is sent
  const { text, next } = await largeAnswers.run(() => gather(lines));
  if (next !== null) reply.header('link', `<${nextUrl(request, encodeCursor(next))}>; rel="next"`);
  return reply.send(header + text) as never;
}

const stream = (reply: FastifyReply, text: AsyncGenerator<string>): never =>
  reply.send(Readable.from(text, { highWaterMark: 1 })) as never;

let exportsRunning = 0;

function beginExport({ raw }: FastifyReply): void {
  if (exportsRunning >= limits.exports) throw tooMany(`${limits.exports} exports run already`);
  exportsRunning++;
  finished(raw, () => exportsRunning--);
}

/** Rows as text, a piece at a time; returns where the rows behind `bound` start, null at the end. */
type Pieces = AsyncGenerator<string, unknown>;

async function* piecesOf<Row>(
  listing: Listing<Row>,
  bound: { rows: number; octets: number },
  write: (row: Row, index: number) => string,
): Pieces {
  let count = 0;
  let octets = 0;
  let size: number = limits.firstPiece;
  for (let after = listing.after; ; ) {
    await ownTurn();
    const { rows, next } = await listing.read(after, Math.min(size, bound.rows - count));
    let text = '';
    for (const row of rows) {
      text += write(row, count++);
      if (text.length < limits.pieceBytes) continue;
      octets += text.length;
      yield text;
      text = '';
    }
    octets += text.length;
    if (text !== '') yield text;
    if (next === null || count >= bound.rows || octets >= bound.octets) return next;
    after = next;
    // rows as large as those before fill one piece
    const fitting = Math.floor((limits.pieceBytes * count) / Math.max(1, octets));
    size = Math.max(1, Math.min(fitting, 8 * size, limits.pieceRows));
  }
}

/** With the first piece made: what goes wrong until then is a problem with a status. */
async function begun(pieces: Pieces): Promise<Pieces> {
  const first = await pieces.next();
  return (async function* () {
    if (first.done) return first.value;
    yield first.value;
    return yield* pieces;
  })();
}

async function gather(pieces: Pieces): Promise<{ text: string; next: unknown }> {
  let text = '';
  for (;;) {
    const { done, value } = await pieces.next();
    if (done) return { text, next: value };
    text += value;
  }
}

async function* asLines(header: string, lines: Pieces): AsyncGenerator<string> {
  if (header !== '') yield header;
  yield* lines;
}

async function* asJson(rows: Pieces, meta: Meta, beside: Record<string, unknown>): AsyncGenerator<string> {
  yield '{"data":[';
  const next = yield* rows;
  const page = { nextCursor: next === null ? null : encodeCursor(next) };
  yield `],${JSON.stringify({ meta, page, ...beside }).slice(1)}`;
}

/**
 * Weak, because `generatedAt` differs. What lists show changes with a record (seq), with an evaluation of the verdicts,
 * with an object of the cluster, with a neighbor, or with our restart.
 */
function notModified(deps: ApiDeps, request: FastifyRequest, reply: FastifyReply, own: unknown): boolean {
  const { startedAt } = deps.status();
  const neighbors = [...deps.rib.neighbors.values()].map(stateWithoutRecord);
  const { evaluatedAt } = deps.verdicts.summary();
  const state = [startedAt, deps.rib.seq, deps.feed.seq, evaluatedAt, numberOfState(deps.resources()), neighbors, own];
  const what = [request.url, request.headers.accept ?? ''];
  const tag = `W/"${createHash('sha256')
    .update(JSON.stringify([state, what]))
    .digest('base64url')
    .slice(0, 22)}"`;
  reply.header('etag', tag).header('cache-control', 'no-cache');
  return (request.headers['if-none-match'] ?? '').split(',').some((known) => known.trim() === tag);
}

const states = new WeakMap<object, number>();
let lastState = 0;

/** States of the cluster are immutable; each has a number of its own. */
function numberOfState(resources: object | null): number {
  if (resources === null) return 0;
  let number = states.get(resources);
  if (number === undefined) states.set(resources, (number = ++lastState));
  return number;
}

/** What of a neighbor may change without a record: by the passing of time, by what the cluster says, by being refused. */
function stateWithoutRecord(neighbor: Neighbor): unknown[] {
  const { state, stateSince, synced, staleUntil, restored, node, bgpPeer, matchText, auth, counters } = neighbor;
  return [state, stateSince, synced, staleUntil, restored, node, bgpPeer, matchText, auth, counters];
}

function nextUrl(request: FastifyRequest, cursor: string): string {
  const url = new URL(request.url, 'http://peerglass');
  url.searchParams.set('cursor', cursor);
  return url.pathname + url.search;
}

/** Answers: the envelope, lists as JSON, NDJSON or CSV, ETags. Long lists are written in slices, at the client's pace. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { formatTime } from '../rib/time.ts';
import type { Neighbor } from '../rib/types.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { columnsOf, csvHeader, csvLine, fieldPaths, projection } from './fields.ts';
import { limits } from './limits.ts';
import { encodeCursor, formatOf, type ListQuery, refuseTimeTravel } from './query.ts';
import type { Envelope, Facet, Meta } from './schemas.ts';
import { turn } from './turn.ts';

/** Rows behind a cursor, and where the next ones start. */
export interface Slice<Row> {
  rows: Row[];
  /** What `encodeCursor` gets; null = there are no more. */
  next: unknown;
}

export interface Listing<Row> {
  /** The schema of a row. */
  row: z.ZodObject;
  /** At most `limit` rows behind `after`, which is a `next` from before, or undefined at the start. */
  read(after: unknown, limit: number): Promise<Slice<Row>> | Slice<Row>;
  /** Where to start: the decoded cursor. */
  after: unknown;
  facets?: () => Promise<Record<string, Facet>>;
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

/** Answers with a list in the form that was asked for. The types of the schema are the handler's affair: this writes text. */
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

  const first = await listing.read(listing.after, all ? limits.sliceRows : Number(query.limit ?? limits.defaultRows));
  const rows = all ? everything(listing, first) : slices(first.rows);
  const nextCursor = all || first.next === null ? null : encodeCursor(first.next);
  if (format !== 'json' && nextCursor !== null) reply.header('link', `<${nextUrl(request, nextCursor)}>; rel="next"`);
  let text: AsyncGenerator<string>;
  if (format === 'ndjson') text = asNdjson(rows, cut);
  else if (format === 'csv') text = asCsv(rows, columnsOf(listing.row, paths));
  else text = asJson(rows, cut, metaOfList(deps, listing), nextCursor, await listing.facets?.());
  reply.type(contentTypes[format]);
  closeWhenStalled(reply);
  return reply.send(Readable.from(text, { highWaterMark: 4 })) as never;
}

/** A client that stops reading would keep its socket, and what waits in it, for good. */
function closeWhenStalled({ raw }: FastifyReply): void {
  raw.setTimeout(limits.stall, () => {
    if (raw.writableNeedDrain) raw.destroy();
  });
}

const contentTypes = {
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
} as const;

async function* everything<Row>(listing: Listing<Row>, first: Slice<Row>): AsyncGenerator<Row[]> {
  for (let slice = first; ; slice = await listing.read(slice.next, limits.sliceRows)) {
    yield* slices(slice.rows);
    if (slice.next === null) return;
  }
}

const rowsPerChunk = 200;

async function* slices<Row>(rows: Row[]): AsyncGenerator<Row[]> {
  for (let i = 0; i < rows.length; i += rowsPerChunk) {
    if (i > 0) await turn();
    yield rows.slice(i, i + rowsPerChunk);
  }
}

async function* asNdjson<Row>(rows: AsyncGenerator<Row[]>, cut: (row: Row) => Row): AsyncGenerator<string> {
  for await (const slice of rows) yield slice.map((row) => `${JSON.stringify(cut(row))}\n`).join('');
}

async function* asCsv<Row>(rows: AsyncGenerator<Row[]>, columns: string[]): AsyncGenerator<string> {
  yield csvHeader(columns);
  for await (const slice of rows) yield slice.map((row) => csvLine(row as Record<string, unknown>, columns)).join('');
}

async function* asJson<Row>(
  rows: AsyncGenerator<Row[]>,
  cut: (row: Row) => Row,
  meta: Meta,
  nextCursor: string | null,
  facets: Record<string, Facet> | undefined,
): AsyncGenerator<string> {
  let separator = '{"data":[';
  for await (const slice of rows) {
    yield separator + slice.map((row) => JSON.stringify(cut(row))).join(',');
    separator = ',';
  }
  const rest = JSON.stringify({ meta, page: { nextCursor }, ...(facets && { facets }) });
  yield `${separator === ',' ? '' : separator}],${rest.slice(1)}`;
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

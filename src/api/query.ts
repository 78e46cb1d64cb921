/** What every list takes: `limit`, `cursor`, `fields`, `format`, `at`; and how a cursor is written. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';

/** Forms of a list, and their media types. */
export const mediaTypes = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;
export type Format = keyof typeof mediaTypes;
const formats = Object.keys(mediaTypes) as Format[];

const rows = z.coerce.number().int().min(1).max(limits.rows);

/** Common part of the query of a list. */
export const listQuery = {
  limit: z
    .union([z.literal('all'), rows], { error: `expected a number from 1 to ${limits.rows}, or all with ndjson or csv` })
    .optional()
    .describe(`Rows, default ${limits.defaultRows}; \`all\` streams everything and needs format ndjson or csv`),
  cursor: z.string().max(1024).optional().describe('`page.nextCursor` of the previous answer'),
  fields: z.string().max(1024).optional().describe('Comma list of fields to keep, `prefix,neighbor.address`'),
  format: z.enum(formats).optional().describe('Overrides the Accept header; JSON if Accept allows none of the formats'),
  at: z.string().max(64).optional().describe('Time travel; not supported in this version'),
};
export const ListQuery = z.strictObject(listQuery);
export type ListQuery = z.infer<typeof ListQuery>;

/** `at=` promises an answer of another time: better refused than answered with now. */
export function refuseTimeTravel(at: string | undefined): void {
  if (at !== undefined)
    throw new ApiError(501, 'not-supported-yet', 'at= is not supported in this version; leave it out to ask for now');
}

const formatOfType: Record<string, Format> = {
  [mediaTypes.json]: 'json',
  [mediaTypes.ndjson]: 'ndjson',
  'application/ndjson': 'ndjson',
  [mediaTypes.csv]: 'csv',
};

/** The form of the answer: `format`, else what Accept prefers, else JSON. */
export const formatOf = (request: FastifyRequest, asked: Format | undefined): Format =>
  asked ?? formatOfType[String(request.type(Object.keys(formatOfType)))] ?? 'json';

export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The value that `encodeCursor` was given; a cursor of another resource, or no cursor at all, is a 400. */
export function decodeCursor<T>(schema: z.ZodType<T>, cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw badCursor();
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw badCursor();
  return parsed.data;
}

const badCursor = () =>
  new ApiError(400, 'bad-cursor', 'Use page.nextCursor of an answer to the same query, or omit cursor');

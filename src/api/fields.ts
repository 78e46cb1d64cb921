/** `fields=` and CSV: rows cut to what was asked for, and rows as lines of cells. */
import { z } from 'zod';
import { visible } from '../visible.ts';
import { ApiError } from './errors.ts';

type Row = Record<string, unknown>;

/** What `fields=` asks for, as paths; undefined = everything. A name that the row does not have is a 400. */
export function fieldPaths(fields: string | undefined, row: z.ZodObject): string[] | undefined {
  if (fields === undefined) return undefined;
  const known = Object.keys(row.shape);
  const paths = fields.split(',').map((field) => field.trim());
  for (const path of paths)
    if (!known.includes(path.split('.', 1)[0]!))
      throw new ApiError(400, 'invalid-request', `fields: unknown field ${path}; use ${known.join(', ')}`);
  return paths;
}

/** Cuts a row to `paths`. */
export function projection(paths: string[] | undefined): (row: Row) => Row {
  if (paths === undefined) return (row) => row;
  const split = paths.map((path) => path.split('.'));
  return (row) => {
    const cut = emptyRow();
    for (const path of split) copyPath(row, cut, path);
    return cut;
  };
}

/** Without a prototype, so that any key is an own one. */
const emptyRow = (): Row => Object.create(null) as Row;

function copyPath(from: Row, to: Row, path: string[]): void {
  const [key, ...rest] = path as [string, ...string[]];
  if (!Object.hasOwn(from, key)) return;
  const value = from[key];
  if (rest.length === 0 || value === null || typeof value !== 'object') to[key] = value;
  else copyPath(value as Row, (to[key] ??= emptyRow()) as Row, rest);
}

/** Columns of a table of such rows: the fields, with objects opened up to `neighbor.address`; only `paths`, when given. */
export function columnsOf(row: z.ZodObject, paths?: string[]): string[] {
  const all = openUp(row, '');
  return paths?.flatMap((path) => all.filter((column) => column === path || column.startsWith(`${path}.`))) ?? all;
}

function openUp(object: z.ZodObject, prefix: string): string[] {
  return Object.entries(object.shape).flatMap(([key, schema]) => {
    let bare: unknown = schema;
    while (bare instanceof z.ZodNullable || bare instanceof z.ZodOptional) bare = bare.unwrap();
    return bare instanceof z.ZodObject ? openUp(bare, `${prefix}${key}.`) : [`${prefix}${key}`];
  });
}

export const csvHeader = (columns: readonly string[]): string => `${columns.map(quote).join(',')}\r\n`;

/** One line of RFC 4180; lists are joined by spaces, deeper things are JSON. */
export function csvLine(row: Row, columns: readonly string[]): string {
  return `${columns.map((column) => quote(visible(cell(valueAt(row, column))))).join(',')}\r\n`;
}

function valueAt(row: Row, column: string): unknown {
  let value: unknown = row;
  for (const key of column.split('.')) {
    if (value === null || typeof value !== 'object') return null;
    value = (value as Row)[key];
  }
  return value;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value))
    return value.every((item) => typeof item !== 'object') ? value.join(' ') : JSON.stringify(value);
  if (typeof value === 'object') return JSON.stringify(value);
  // host names and shutdown texts come from the remote: what a spreadsheet takes for a formula is made text
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
}

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Text and JSON made row by row: a large cluster has more rows than fit into memory, or into one string. */

import { escapeJson, visible } from '../../visible.ts';

/** What is asked for; all given keys hold. Refusals and lint are shown always: they may be why there is nothing. */
export interface ReportFilter {
  node?: string | undefined;
  bgpPeer?: string | undefined;
  /** `namespace/name` */
  service?: string | undefined;
  /** Canonical. */
  prefix?: string | undefined;
}

/** Rows that a text lists; of more it gives a summary by Service. */
export const maxListedRows = 10_000;

/** Rows that are made again each time somebody goes through them. */
export const rowsOf = <T>(make: () => Iterable<T>): Iterable<T> => ({
  [Symbol.iterator]: () => make()[Symbol.iterator](),
});

/** Are there more than `count`? Looks no further than that. */
export function hasMoreThan(count: number, rows: Iterable<unknown>): boolean {
  let seen = 0;
  if (count === Number.POSITIVE_INFINITY) return false;
  for (const _ of rows) if (++seen > count) return true;
  return false;
}

/** Titles with their lines, a blank line between two; without lines there is no title. */
export class Sections {
  #isFirst = true;

  *section(title: string, lines: Iterable<string>): Generator<string> {
    let isEmpty = true;
    for (const line of lines) {
      if (isEmpty) yield* this.paragraph(`${title}\n`);
      isEmpty = false;
      yield `  ${line}\n`;
    }
  }

  *paragraph(text: string): Generator<string> {
    yield this.#isFirst ? text : `\n${text}`;
    this.#isFirst = false;
  }

  get isEmpty(): boolean {
    return this.#isFirst;
  }
}

/** Cells as aligned columns. The first rows say how wide those are. */
export function* columns(rows: Iterable<readonly string[]>): Generator<string> {
  const iterator = rows[Symbol.iterator]();
  const first: (readonly string[])[] = [];
  let next = iterator.next();
  for (; !next.done && first.length < maxListedRows; next = iterator.next()) first.push(next.value.map(visible));
  const widths = (first[0] ?? []).map((_, i) => first.reduce((width, row) => Math.max(width, row[i]!.length), 0));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  ');
  yield* first.map(line);
  for (; !next.done; next = iterator.next()) yield line(next.value.map(visible));
}

/** One JSON object whose fields are lists, with the layout of `JSON.stringify(…, null, 2)`. */
export function* jsonLists(lists: Readonly<Record<string, Iterable<unknown>>>): Generator<string> {
  yield '{';
  let isFirstList = true;
  for (const [name, rows] of Object.entries(lists)) {
    yield `${isFirstList ? '' : ','}\n  ${JSON.stringify(name)}: [`;
    isFirstList = false;
    let isEmpty = true;
    for (const row of rows) {
      yield `${isEmpty ? '' : ','}\n    ${escapeJson(JSON.stringify(row, null, 2)).replaceAll('\n', '\n    ')}`;
      isEmpty = false;
    }
    yield isEmpty ? ']' : '\n  ]';
  }
  yield '\n}\n';
}

export const mapped = <T, U>(rows: Iterable<T>, one: (row: T) => U): Iterable<U> =>
  rowsOf(function* () {
    for (const row of rows) yield one(row);
  });

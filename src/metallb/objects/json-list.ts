/** Cuts a large JSON object into its outermost fields and the elements of `items`, without building anything. */

/** Octets `[start, end)` of one value. */
export type Range = readonly [start: number, end: number];

export interface JsonObject {
  /** Outermost fields but `items`; of a key that is there twice the last one. */
  fields: ReadonlyMap<string, Range>;
  /** Elements of `items`, if that is an array: start and end in turn. */
  items: readonly number[] | undefined;
}

/** Longest key that is decoded, octets. */
export const maxKeyLength = 1_024;

/** The parts of the JSON object that `bytes` hold; undefined when they hold something else, as far as brackets tell. */
export function jsonObject(bytes: Uint8Array, [start, end]: Range = [0, bytes.length]): JsonObject | undefined {
  const fields = new Map<string, Range>();
  let items: number[] | undefined;
  let at = skipSpace(bytes, start, end);
  if (bytes[at] !== brace) return undefined;
  at = skipSpace(bytes, at + 1, end);
  while (bytes[at] !== closingBrace) {
    if (bytes[at] !== quote) return undefined;
    const key = at;
    at = skipString(bytes, at, end);
    const name = keyOf(bytes, key, at);
    at = skipSpace(bytes, at, end);
    if (bytes[at] !== colon) return undefined;
    at = skipSpace(bytes, at + 1, end);
    if (name === 'items' && bytes[at] === bracket) {
      items = [];
      at = elements(bytes, at, end, items);
    } else {
      const from = at;
      at = skipValue(bytes, at, end);
      if (name !== undefined) fields.set(name, [from, at]);
    }
    if (at < 0) return undefined;
    at = skipSpace(bytes, at, end);
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1, end);
    else if (bytes[at] !== closingBrace) return undefined;
  }
  return skipSpace(bytes, at + 1, end) === end ? { fields, items } : undefined;
}

const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c];
const [brace, closingBrace, bracket, closingBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

function skipSpace(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09)) at++;
  return at;
}

/** Behind the string that begins at `at`. */
function skipString(bytes: Uint8Array, at: number, end: number): number {
  for (at++; at < end; at++) {
    if (bytes[at] === quote) return at + 1;
    if (bytes[at] === backslash) at++;
  }
  return end;
}

/** Behind the value that begins at `at`; -1 when its brackets do not close. */
function skipValue(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === quote) {
      at = skipString(bytes, at, end);
      if (depth === 0) return at;
      continue;
    }
    if (byte === brace || byte === bracket) depth++;
    else if (byte === closingBrace || byte === closingBracket) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && byte === comma) return at;
    at++;
  }
  return depth === 0 ? at : -1;
}

/** Notes the elements of the array that begins at `at`; behind it, or -1 when it does not close. */
function elements(bytes: Uint8Array, at: number, end: number, into: number[]): number {
  at = skipSpace(bytes, at + 1, end);
  while (bytes[at] !== closingBracket) {
    const from = at;
    at = skipValue(bytes, at, end);
    if (at < 0 || at >= end || at === from) return -1;
    into.push(from, at);
    at = skipSpace(bytes, at, end);
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1, end);
    else if (bytes[at] !== closingBracket) return -1;
  }
  return at + 1;
}

function keyOf(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (to - from > maxKeyLength) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString()) as string;
  } catch {
    return undefined;
  }
}

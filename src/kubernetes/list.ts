/** LIST: all objects of a kind at one resourceVersion, page by page. */
import { setImmediate } from 'node:timers/promises';
import { wholeBody } from './body.ts';
import type { ApiClient } from './client.ts';
import { ApiFailure } from './failure.ts';

/** Default number of objects per page. */
const pageSize = 250;
/** Maximum size of a page, octets. A larger page is requested again with fewer objects. */
export const maxPageBytes = 32 * 1024 * 1024;
/** Maximum number of empty pages in a row, since a broken server could send them forever. */
export const maxEmptyPages = 16;
/** Maximum number of restarts of a list whose continue token has expired. */
const maxExpiries = 3;
/** Maximum time of work per turn, ms: sessions and requests share the thread. */
const stretch = 10;

/** A parsed JSON object. */
export type Raw = Record<string, unknown>;

export interface ListOptions<T> {
  path: string;
  /** Lists only matching objects. */
  fieldSelector?: string | undefined;
  /** Objects per page. */
  pageSize?: number | undefined;
  /** Maximum size of a page, octets. */
  pageBytes?: number;
  /** Further items are not read. */
  maxItems: number;
  /** Maximum time without data, ms. */
  silence: number;
  signal: AbortSignal;
  /** Reduces an object to what is kept. `bytes`: size of its page. */
  read: (raw: Raw, bytes: number) => T;
}

export interface Listed<T> {
  items: T[];
  /** Where a watch continues. */
  resourceVersion: string;
  /** The first item beyond `maxItems`. */
  cut?: Raw;
}

/** Reads all objects. Rejects with ApiFailure, or with an Error if a response is invalid. */
export async function list<T>(client: ApiClient, options: ListOptions<T>): Promise<Listed<T>> {
  let limit = options.pageSize ?? pageSize;
  for (let expiries = 0; ; expiries++) {
    try {
      return await listOnce(client, options, limit);
    } catch (error) {
      // 410: the continue token expired; larger pages take less time
      if (!(error instanceof ApiFailure && error.status === 410) || expiries >= maxExpiries) throw error;
      limit *= 4;
    }
  }
}

async function listOnce<T>(client: ApiClient, options: ListOptions<T>, firstLimit: number): Promise<Listed<T>> {
  const items: T[] = [];
  const maxBytes = options.pageBytes ?? maxPageBytes;
  let limit = firstLimit;
  let next: string | undefined;
  let emptyPages = 0;
  for (;;) {
    const answer = await client.get(
      options.path,
      { limit, continue: next, fieldSelector: options.fieldSelector },
      options.signal,
    );
    const body = await wholeBody(answer, options.silence, maxBytes);
    if (body === undefined) {
      if (limit === 1) throw new Error(`an object is larger than ${maxBytes} octets`);
      limit = Math.max(1, Math.floor(limit / 4));
      continue;
    }
    const page = pageOf(body);
    let pause = performance.now() + stretch;
    for (const item of page.items) {
      if (items.length >= options.maxItems) return { items, resourceVersion: page.resourceVersion, cut: item };
      items.push(options.read(item, body.length));
      if (performance.now() < pause) continue;
      await setImmediate();
      pause = performance.now() + stretch;
    }
    if (!page.next) return { items, resourceVersion: page.resourceVersion };
    emptyPages = page.items.length === 0 ? emptyPages + 1 : 0;
    if (emptyPages > maxEmptyPages) throw new Error('the list has too many empty pages');
    next = page.next;
  }
}

function pageOf(body: Buffer): { items: Raw[]; resourceVersion: string; next: string } {
  let page: { metadata?: { resourceVersion?: unknown; continue?: unknown }; items?: unknown } | null;
  try {
    page = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new Error('the response is not JSON', { cause });
  }
  const { metadata, items } = page ?? {};
  const { resourceVersion, continue: next } = metadata ?? {};
  // Go encodes a nil slice as null
  const list = items ?? [];
  if (typeof resourceVersion !== 'string' || !Array.isArray(list))
    throw new Error('the response is not a list of objects');
  return { items: list as Raw[], resourceVersion, next: typeof next === 'string' ? next : '' };
}

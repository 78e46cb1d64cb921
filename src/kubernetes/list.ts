/** LIST: all objects of a kind as they were at one resourceVersion, page by page. */
import { setImmediate } from 'node:timers/promises';
import { wholeBody } from './body.ts';
import type { ApiClient } from './client.ts';
import { ApiFailure } from './failure.ts';

/** Objects per page where nothing else is asked for. */
const pageSize = 250;
/** Largest page that is taken in, octets; behind it fewer objects are asked for at once. */
export const maxPageBytes = 32 * 1024 * 1024;
/** Pages in a row without an object that a list may have: a server that is broken could go on for ever. */
export const maxEmptyPages = 16;
/** How often a list starts over because the server forgot where it was. */
const maxExpiries = 3;
/** How long to work at a stretch, ms: sessions and requests share the thread. */
const stretch = 10;

/** An object as JSON has it. */
export type Raw = Record<string, unknown>;

export interface ListOptions<T> {
  path: string;
  /** Only objects that fit. */
  fieldSelector?: string | undefined;
  /** Objects per page. */
  pageSize?: number | undefined;
  /** Largest page, octets. */
  pageBytes?: number;
  /** Items more than this are not read. */
  most: number;
  /** Longest silence, ms. */
  silence: number;
  signal: AbortSignal;
  /** Makes of an object what is kept of it. `bytes`: of the page that it came in. */
  read: (raw: Raw, bytes: number) => T;
}

export interface Listed<T> {
  items: T[];
  /** Where a watch goes on. */
  resourceVersion: string;
  /** The first item that was not read since there are too many. */
  cut?: Raw;
}

/** Reads them all. Rejects with ApiFailure, or with an Error when an answer is none. */
export async function list<T>(client: ApiClient, options: ListOptions<T>): Promise<Listed<T>> {
  let limit = options.pageSize ?? pageSize;
  for (let expiries = 0; ; expiries++) {
    try {
      return await listOnce(client, options, limit);
    } catch (error) {
      // 410: the pages took longer than the server remembers; larger ones take less time
      if (!(error instanceof ApiFailure && error.status === 410) || expiries >= maxExpiries) throw error;
      limit *= 4;
    }
  }
}

async function listOnce<T>(client: ApiClient, options: ListOptions<T>, firstLimit: number): Promise<Listed<T>> {
  const items: T[] = [];
  const most = options.pageBytes ?? maxPageBytes;
  let limit = firstLimit;
  let next: string | undefined;
  let emptyPages = 0;
  for (;;) {
    const answer = await client.get(
      options.path,
      { limit, continue: next, fieldSelector: options.fieldSelector },
      options.signal,
    );
    const body = await wholeBody(answer, options.silence, most);
    if (body === undefined) {
      if (limit === 1) throw new Error(`an object larger than ${most} octets`);
      limit = Math.max(1, Math.floor(limit / 4));
      continue;
    }
    const page = pageOf(body);
    let pause = performance.now() + stretch;
    for (const item of page.items) {
      if (items.length >= options.most) return { items, resourceVersion: page.resourceVersion, cut: item };
      items.push(options.read(item, body.length));
      if (performance.now() < pause) continue;
      await setImmediate();
      pause = performance.now() + stretch;
    }
    if (!page.next) return { items, resourceVersion: page.resourceVersion };
    emptyPages = page.items.length === 0 ? emptyPages + 1 : 0;
    if (emptyPages > maxEmptyPages) throw new Error('the list goes on without an end, and without an object');
    next = page.next;
  }
}

function pageOf(body: Buffer): { items: Raw[]; resourceVersion: string; next: string } {
  let page: { metadata?: { resourceVersion?: unknown; continue?: unknown }; items?: unknown } | null;
  try {
    page = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new Error('the answer is no JSON', { cause });
  }
  const { metadata, items } = page ?? {};
  const { resourceVersion, continue: next } = metadata ?? {};
  // Go writes an empty slice that was never made as null
  const list = items ?? [];
  if (typeof resourceVersion !== 'string' || !Array.isArray(list)) throw new Error('the answer is no list of objects');
  return { items: list as Raw[], resourceVersion, next: typeof next === 'string' ? next : '' };
}

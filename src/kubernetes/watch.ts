/** WATCH: what happens to the objects of a kind from a resourceVersion on. */
import { bytesOf } from './body.ts';
import type { ApiClient } from './client.ts';
import { failureOf } from './failure.ts';
import { LineSplitter } from './lines.ts';
import type { Raw } from './list.ts';

/**
 * Longest event, octets. etcd takes objects of 1.5 MB; as JSON, with what the API server adds, they stay below this.
 */
export const maxEventBytes = 4 * 1024 * 1024;

/** BOOKMARK: nothing happened to our objects up to this version. */
export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
const eventTypes: ReadonlySet<unknown> = new Set<EventType>(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

export interface WatchOptions {
  path: string;
  /** Only objects that fit. */
  fieldSelector?: string | undefined;
  resourceVersion: string;
  /** How long the server is to go on, s. */
  timeoutSeconds: number;
  /** Longest silence, ms. */
  silence: number;
  signal: AbortSignal;
  /** The server has agreed. */
  onOpen: () => void;
  onEvent: (type: EventType, object: Raw, bytes: number) => void;
  /** Octets came, whatever is in them. */
  onBytes: () => void;
}

/** What comes is no watch: it cannot be told what was missed. */
export class Garbled extends Error {
  readonly code = 'garbled';
}

/**
 * Resolves when the server ends the stream between events; what was cut off in the middle is sent again to whoever
 * asks from the last whole event on. Rejects with ApiFailure (410: the version is too old), LineTooLong, Garbled,
 * Silence, or what the connection throws.
 */
export async function watch(client: ApiClient, options: WatchOptions): Promise<void> {
  const { resourceVersion, timeoutSeconds, fieldSelector, signal } = options;
  const query = { watch: 'true', resourceVersion, timeoutSeconds, allowWatchBookmarks: 'true', fieldSelector };
  const body = await client.get(options.path, query, signal);
  options.onOpen();
  const lines = new LineSplitter(maxEventBytes);
  for await (const chunk of bytesOf(body, options.silence)) {
    options.onBytes();
    for (const line of lines.push(chunk)) {
      const { type, object } = eventOf(line);
      if (type === 'ERROR') throw failureOf(Number(object['code']) || 500, object);
      options.onEvent(type, object, line.length);
    }
  }
}

function eventOf(line: string): { type: EventType | 'ERROR'; object: Raw } {
  let event: { type?: unknown; object?: unknown } | null;
  try {
    event = JSON.parse(line);
  } catch {
    throw new Garbled('an event that is no JSON');
  }
  const { type, object } = event ?? {};
  if ((type !== 'ERROR' && !eventTypes.has(type)) || object === null || typeof object !== 'object')
    throw new Garbled('an event without a type or an object');
  return { type: type as EventType | 'ERROR', object: object as Raw };
}

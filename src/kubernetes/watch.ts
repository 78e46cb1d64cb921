/** WATCH: changes to the objects of a kind since a resourceVersion. */
import { bytesOf } from './body.ts';
import type { ApiClient } from './client.ts';
import { failureOf } from './failure.ts';
import { LineSplitter } from './lines.ts';
import type { Raw } from './list.ts';

/**
 * Maximum size of an event, octets. etcd allows objects of 1.5 MB; their JSON from the API server stays below this.
 */
export const maxEventBytes = 4 * 1024 * 1024;

/** BOOKMARK: our objects did not change up to this version. */
export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
const eventTypes: ReadonlySet<unknown> = new Set<EventType>(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

export interface WatchOptions {
  path: string;
  /** Watches only matching objects. */
  fieldSelector?: string | undefined;
  resourceVersion: string;
  /** When the server should end the watch, s. */
  timeoutSeconds: number;
  /** Maximum time without data, ms. */
  silence: number;
  signal: AbortSignal;
  /** Called when the watch has started. */
  onOpen: () => void;
  onEvent: (type: EventType, object: Raw, bytes: number) => void;
  /** Called on any data. */
  onBytes: () => void;
}

/** The stream is not a valid watch, so changes may be lost. */
export class Garbled extends Error {
  readonly code = 'garbled';
}

/**
 * Resolves when the server ends the stream, also inside an event: a watch from the last whole event gets it again.
 * Rejects with ApiFailure (410: the version is too old), LineTooLong, Garbled, Silence, or the connection's error.
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
    throw new Garbled('event is not JSON');
  }
  const { type, object } = event ?? {};
  if ((type !== 'ERROR' && !eventTypes.has(type)) || object === null || typeof object !== 'object')
    throw new Garbled('event without a type or an object');
  return { type: type as EventType | 'ERROR', object: object as Raw };
}

/** A REST list, read page by page while the user scrolls. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Facet, Page } from '../../src/api/schemas.ts';
import { useApp, useModel } from './app.ts';
import { type Query, RequestError } from './client.ts';

/** Maximum rows of one list. Beyond it, a narrower filter or an export serves better. */
export const maxRows = 10_000;

export interface Pages<Row> {
  /** Undefined until the first page has loaded. */
  rows: readonly Row[] | undefined;
  error: RequestError | undefined;
  /** The server's reason for an empty list. */
  emptyText: string | undefined;
  /** From the last page, if the query asks for facets. */
  facets: Record<string, Facet> | undefined;
  /** The server has more rows, and the list has room. */
  more: boolean;
  /** The server has more rows, but the list is full. */
  full: boolean;
  /** Increases with every read from the start. */
  revision: number;
  readMore: () => void;
  /** Reads from the start. */
  again: () => void;
}

interface State<Row> {
  key: string;
  rows?: readonly Row[];
  cursor: string | null;
  error?: RequestError;
  emptyText?: string | undefined;
  facets?: Record<string, Facet> | undefined;
  revision: number;
}

/** Maximum rows that a reread requests, so that a reread does not throw the user back to the first page. */
export const maxReread = 1_000;

/**
 * Reads `path` from the start when the query or `reread` changes, or the feed had a gap. `rowKey` removes rows that a
 * changing list returns twice.
 */
export function usePages<Row>(
  path: string,
  query: Query,
  rowKey: (row: Row) => string,
  reread: unknown = 0,
): Pages<Row> {
  const { rest } = useApp();
  const generation = useModel((model) => model.generation);
  const key = rest.url(path, query);
  const [state, setState] = useState<State<Row>>({ key, cursor: null, revision: 0 });
  const [asked, setAsked] = useState(0);
  const reading = useRef<AbortController>(undefined);

  const read = async (cursor: string | undefined) => {
    reading.current?.abort();
    const abort = new AbortController();
    reading.current = abort;
    try {
      const shown = cursor === undefined && state.key === key ? (state.rows?.length ?? 0) : 0;
      const limit = shown > Number(query['limit'] ?? 0) ? Math.min(shown, maxReread) : query['limit'];
      const page = await rest.get<Page<Row>>(path, { ...query, limit, cursor }, abort.signal);
      if (abort.signal.aborted) return;
      setState((before) => ({
        key,
        rows: cursor === undefined ? page.data : merged(before.rows ?? [], page.data, rowKey),
        cursor: page.page.nextCursor,
        emptyText: page.meta.emptyText,
        facets: page.facets,
        revision: before.revision + (cursor === undefined ? 1 : 0),
      }));
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!(error instanceof RequestError)) throw error;
      setState((before) => ({
        ...(before.key === key ? before : { cursor: null, revision: before.revision }),
        key,
        error,
      }));
    } finally {
      if (reading.current === abort) reading.current = undefined;
    }
  };

  // `key` covers path and query
  useEffect(() => {
    void read(undefined);
    return () => reading.current?.abort();
  }, [key, generation, asked, reread]);

  const current = state.key === key ? state : undefined;
  const room = (current?.rows?.length ?? 0) < maxRows;
  const unread = (current?.cursor ?? null) !== null;
  return {
    rows: current?.rows,
    error: current?.error,
    emptyText: current?.emptyText,
    facets: current?.facets,
    more: unread && room,
    full: unread && !room,
    revision: state.revision,
    readMore: () => {
      if (reading.current === undefined && unread && room) void read(current!.cursor!);
    },
    again: () => setAsked((n) => n + 1),
  };
}

function merged<Row>(rows: readonly Row[], next: readonly Row[], rowKey: (row: Row) => string): readonly Row[] {
  const known = new Set(rows.map(rowKey));
  return [...rows, ...next.filter((row) => !known.has(rowKey(row)))];
}

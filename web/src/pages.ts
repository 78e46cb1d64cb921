/** A REST list read page by page as the reader gets to the end of it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Facet, Page } from '../../src/api/schemas.ts';
import { useApp, useModel } from './app.ts';
import { type Query, RequestError } from './client.ts';

/** Rows that one list keeps; whoever scrolls this far wants a narrower search or an export. */
export const maxRows = 10_000;

export interface Pages<Row> {
  /** Undefined until the first page is there. */
  rows: readonly Row[] | undefined;
  error: RequestError | undefined;
  /** Why there is nothing at all, where the server says so. */
  emptyText: string | undefined;
  /** Of the last page, where the query asks for them. */
  facets: Record<string, Facet> | undefined;
  /** The server has more, and there is room for it. */
  more: boolean;
  /** The server has more, and there is no room for it. */
  full: boolean;
  /** Rises with every reading from the start. */
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

/** Rows that a list which is read again keeps: nobody who has read on is thrown back to the first page. */
export const maxReread = 1_000;

/**
 * Reads `path` anew when the query or `reread` changes, or the feed had a hole. `rowKey` drops rows that a moving list
 * brings twice.
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

  // `key` stands for path and query
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

/** What the database is told of expectations: the rows that a change replaces, as long as all of them are few enough. */
import { shownRoute } from '../metallb/answers/shown.ts';
import type { ExpectationChange, ExpectationTable, ExpectedRoute } from '../metallb/types.ts';
import type { ExpectationsWrite } from '../store/messages.ts';

export class StoredExpectations {
  readonly #limit: number;
  /** Rows that were given since all were written last; the database has at most as many. Infinity = too many, so none. */
  #rows = 0;

  /** @param limit rows that the database keeps. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What to write after a change; undefined = nothing. @param at epoch ms. */
  write(table: ExpectationTable | null, change: ExpectationChange, at: number): ExpectationsWrite | undefined {
    const { prefixes, nodes } = change.only ?? { prefixes: change.prefixes, nodes: new Map<string, unknown>() };
    if (prefixes !== 'all') {
      // where there are too many a small change does not make them few
      if (this.#rows > this.#limit) return undefined;
      const rows = table ? rowsOf(table, prefixes, nodes, this.#limit - this.#rows) : [];
      this.#rows += rows?.length ?? 0;
      if (rows) return { kind: 'expectations', prefixes: [...prefixes], nodes: [...nodes.keys()], rows, at };
    }
    const all = table ? rowsOf(table, 'all', new Map(), this.#limit) : [];
    this.#rows = all?.length ?? Number.POSITIVE_INFINITY;
    return { kind: 'expectations', prefixes: 'all', nodes: [], rows: all ?? [], at };
  }
}

/** Rows of these prefixes, and all rows of these nodes; undefined when they are more than `limit`. */
function rowsOf(
  table: ExpectationTable,
  prefixes: ReadonlySet<string> | 'all',
  nodes: ReadonlyMap<string, unknown>,
  limit: number,
): ExpectedRoute[] | undefined {
  const rows: ExpectedRoute[] = [];
  for (const { node, bgpPeer } of table.sessions) {
    const isWhole = prefixes === 'all' || nodes.has(node);
    for (const route of isWhole ? table.routes(node, bgpPeer) : some(table, node, bgpPeer, prefixes)) {
      if (rows.length >= limit) return undefined;
      rows.push(shownRoute(route));
    }
  }
  return rows;
}

function* some(table: ExpectationTable, node: string, bgpPeer: string, prefixes: ReadonlySet<string>) {
  for (const prefix of prefixes) {
    const route = table.route(node, bgpPeer, prefix);
    if (route) yield route;
  }
}

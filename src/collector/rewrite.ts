/**
 * The whole state as bounded pieces, for a database that was opened again while running: an empty one, or one that
 * lacks what its thread had not written. Each piece of routes replaces a range of keys and is taken from the table in
 * one turn, so pieces and live batches may alternate.
 */

import { ActionCode, ChangeLog } from '../rib/change-log.ts';
import type { Rib } from '../rib/rib.ts';
import type { Neighbor, NeighborEvent } from '../rib/types.ts';
import { type Append, lastKey, packNews } from '../store/messages.ts';

export interface PieceSizes {
  neighbors: number;
  prefixes: number;
  attributeSets: number;
  routes: number;
}

/** Rows of one piece. */
export const pieceSizes: PieceSizes = {
  neighbors: 100,
  prefixes: 8_192,
  attributeSets: 1_024,
  routes: 8_192,
};

const keysPerNeighbor = 2 ** 32;

/**
 * Neighbors, prefixes and attribute sets before the routes that refer to them. What appears meanwhile
 * comes with live batches.
 */
export function* rewrite(rib: Rib, now: () => number, sizes = pieceSizes): Generator<Append> {
  const piece = (part: Partial<Append>): Append => ({
    ...empty(),
    firstSeq: rib.seq,
    lastSeq: rib.seq,
    at: now(),
    ...part,
  });
  const neighbors = [...rib.neighbors.byId.values()];
  for (let i = 0; i < neighbors.length; i += sizes.neighbors) {
    const some = neighbors.slice(i, i + sizes.neighbors);
    // an empty range: it marks the piece as one whose sessions may be known
    const news = packNews({ neighbors: some, forgotten: [], events: some.flatMap(establishedEvent) });
    yield piece({ news, replaces: { first: 0, last: 0 } });
  }
  const { nlris, attributeSets } = rib;
  const [prefixIds, setIds] = [nlris.ids(), attributeSets.ids()];
  for (let i = 0; i < prefixIds.length; i += sizes.prefixes)
    yield piece({ nlris: nlris.pick(prefixIds.slice(i, i + sizes.prefixes).filter((id) => nlris.has(id))) });
  for (let i = 0; i < setIds.length; i += sizes.attributeSets) {
    const ids = setIds.slice(i, i + sizes.attributeSets).filter((id) => attributeSets.has(id));
    yield piece({ attributes: attributeSets.pick(ids) });
  }
  for (let from = { neighbor: 0, nlri: 0 }; ; ) {
    const { changes, next } = routesFrom(rib, from, sizes.routes);
    const last = next ? next.neighbor * keysPerNeighbor + next.nlri - 1 : lastKey;
    yield piece({ changes, replaces: { first: from.neighbor * keysPerNeighbor + from.nlri, last } });
    if (!next) break;
    from = next;
  }
}

/** At most `limit` routes from a key on, as changes that make them; `next`: the key of the route behind them. */
function routesFrom(
  rib: Rib,
  from: { neighbor: number; nlri: number },
  limit: number,
): Pick<Append, 'changes'> & { next?: { neighbor: number; nlri: number } } {
  const log = new ChangeLog(1_024);
  let count = 0;
  for (const neighbor of [...rib.tables.keys()].sort((a, b) => a - b)) {
    if (neighbor < from.neighbor) continue;
    const table = rib.tables.get(neighbor)!;
    for (const nlri of table.nlris(neighbor === from.neighbor ? from.nlri : 0)) {
      if (count++ === limit) return { changes: log.take(), next: { neighbor, nlri } };
      const { firstSeenAt, lastChangedAt, seq } = table.times(nlri);
      const attributes = table.get(nlri);
      const add = (action: number, at: number) => log.append(seq, at, action, neighbor, nlri, attributes, attributes);
      add(ActionCode.announced, firstSeenAt);
      if (lastChangedAt !== firstSeenAt) add(ActionCode.replaced, lastChangedAt);
      if (table.isStale(nlri)) add(ActionCode.stale, lastChangedAt);
    }
  }
  return { changes: log.take() };
}

/** What a restart needs to know of a session to read the journal behind it. */
function establishedEvent(neighbor: Neighbor): NeighborEvent[] {
  const { id, session, state, establishedAt, negotiated, sent, received, localAsn, auth } = neighbor;
  if (state !== 'established' || !negotiated || !received) return [];
  const { remoteAddress, localAddress, localPort } = neighbor;
  const endpoints = { remoteAddress, remotePort: 0, localAddress, localPort };
  const detail = { kind: 'established', endpoints, localAsn, sent, received, negotiated, auth };
  const text = `AS ${received.asn}, router ID ${received.routerId}, hold time ${negotiated.holdTime} s`;
  const at = establishedAt ?? neighbor.stateSince;
  return [
    { seq: 0, at, neighbor: id, session, kind: 'established', from: null, to: 'established', code: null, text, detail },
  ];
}

const empty = (): Append => ({
  kind: 'append',
  firstSeq: 0,
  lastSeq: 0,
  at: 0,
  batch: undefined,
  changes: new ChangeLog(1).take(),
  nlris: undefined,
  attributes: undefined,
  news: undefined,
});

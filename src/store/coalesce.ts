/** What the changes of many batches come to, route by route: the tables are written once per route and transaction. */
import { ActionCode, ChangeLog, ChangeReader } from '../rib/change-log.ts';
import type { Append } from './messages.ts';

/** The sum of a route's changes. */
export interface Net {
  /** routes.id: neighbor * 2^32 + nlri */
  key: number;
  /** id + 1; 0 = withdrawn */
  attributes: number;
  /** Announced within these changes: the row is made new, `firstSeen` counts. */
  fresh: boolean;
  firstSeen: number;
  /** epoch ms of the last change of attributes; 0 = only its staleness changed. */
  changed: number;
  seq: number;
  stale: 0 | 1;
}

/** Calls `visit` once per route, in order of key; the object is the same one each time. */
export function coalesce(appends: readonly Append[], visit: (net: Net) => void): void {
  const readers = appends.map((append) => new ChangeReader(append.changes));
  const count = readers.reduce((sum, reader) => sum + reader.count, 0);
  // Which reader and entry each change is; `order` sorts them by key, ties in order of arrival.
  const keys = new Float64Array(count);
  const owner = new Uint32Array(count);
  const index = new Uint32Array(count);
  let n = 0;
  let isSorted = true;
  for (let r = 0; r < readers.length; r++) {
    const reader = readers[r]!;
    for (let i = 0; i < reader.count; i++, n++) {
      keys[n] = reader.neighbor(i) * 2 ** 32 + reader.nlri(i);
      owner[n] = r;
      index[n] = i;
      if (n > 0 && keys[n]! < keys[n - 1]!) isSorted = false;
    }
  }
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  if (!isSorted) order.sort((a, b) => keys[a]! - keys[b]! || a - b);

  const net: Net = { key: 0, attributes: 0, fresh: false, firstSeen: 0, changed: 0, seq: 0, stale: 0 };
  for (let k = 0; k < count; k++) {
    const at = order[k]!;
    if (k === 0 || keys[order[k - 1]!] !== keys[at]) {
      net.key = keys[at]!;
      net.fresh = false;
      net.changed = net.stale = 0;
    }
    add(net, readers[owner[at]!]!, index[at]!);
    if (k + 1 === count || keys[order[k + 1]!] !== keys[at]) visit(net);
  }
}

/** The same tables from fewer changes: at most three entries a route, however often it changed. */
export function compact(appends: readonly Append[]): Append[] {
  const log = new ChangeLog();
  coalesce(appends, (net) => write(log, net));
  const definitions = appends.filter(({ nlris, attributes }) => nlris || attributes);
  const last = appends.at(-1)!;
  return [
    ...definitions.map((append) => ({ ...append, changes: new ChangeLog().take() })),
    { ...last, nlris: undefined, attributes: undefined, changes: log.take() },
  ];
}

function add(net: Net, changes: ChangeReader, i: number): void {
  const action = changes.action(i);
  net.attributes = changes.attributes(i);
  if (action === ActionCode.stale || action === ActionCode.refreshed) {
    net.stale = action === ActionCode.stale ? 1 : 0;
    return;
  }
  net.stale = 0;
  net.changed = changes.at(i);
  net.seq = changes.seq(i);
  if (action === ActionCode.announced) {
    net.fresh = true;
    net.firstSeen = net.changed;
  } else if (action === ActionCode.withdrawn) net.fresh = false;
}

function write(log: ChangeLog, net: Net): void {
  const neighbor = Math.floor(net.key / 2 ** 32);
  const nlri = net.key % 2 ** 32;
  const entry = (action: number, at: number) =>
    log.append(net.seq, at, action, neighbor, nlri, net.attributes, net.attributes);
  if (net.attributes === 0) {
    entry(ActionCode.withdrawn, net.changed);
    return;
  }
  if (net.fresh) entry(ActionCode.announced, net.firstSeen);
  if (net.changed > net.firstSeen || !net.fresh) if (net.changed > 0) entry(ActionCode.replaced, net.changed);
  if (net.stale === 1) entry(ActionCode.stale, net.changed);
  else if (net.changed === 0) entry(ActionCode.refreshed, 0);
}

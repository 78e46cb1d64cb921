/** Changes from the feed to the rows of a list since it was read. Pure. */
import type { Route, RouteMessage, VerdictWord } from '../../src/api/schemas.ts';
import type { Message } from './model.ts';

export interface Patches {
  /** The latest change of each row, by `routeKey`. */
  changes: ReadonlyMap<string, RouteMessage>;
  /** The latest verdict of each (prefix, neighbor). */
  verdicts: ReadonlyMap<string, VerdictWord | null>;
  /** Keys of withdrawn rows. */
  withdrawn: ReadonlySet<string>;
  /** Keys of new routes that the list lacks. */
  added: ReadonlySet<string>;
}

export const noPatches: Patches = { changes: new Map(), verdicts: new Map(), withdrawn: new Set(), added: new Set() };

/** Maximum new routes counted, and maximum verdicts kept. */
export const maxPatches = 10_000;

export const routeKey = (route: { prefix: string; pathId: number; neighbor: { id: number } }): string =>
  `${route.prefix} ${route.pathId} ${route.neighbor.id}`;

const verdictKey = (prefix: string, neighbor: number | null): string => `${prefix} ${neighbor}`;

/** `known`: the seq of each row when it was read; older changes are ignored. */
export function patchesWith(
  before: Patches,
  messages: readonly Message[],
  known: ReadonlyMap<string, number>,
): Patches {
  const relevant = messages.filter((message) => message.type === 'route' || message.type === 'verdict');
  if (relevant.length === 0) return before;
  const changes = new Map(before.changes);
  const verdicts = new Map(before.verdicts);
  const withdrawn = new Set(before.withdrawn);
  const added = new Set(before.added);
  for (const message of relevant) {
    if (message.type === 'verdict') {
      if (verdicts.size < maxPatches) verdicts.set(verdictKey(message.prefix, message.neighbor), message.to);
      continue;
    }
    const key = routeKey(message.route);
    const readAt = known.get(key);
    const isWithdrawn = message.action === 'withdrawn';
    if (readAt === undefined) {
      if (isWithdrawn) added.delete(key);
      else if (added.size < maxPatches) added.add(key);
    } else if (message.seq > readAt) {
      changes.set(key, message);
      if (isWithdrawn) withdrawn.add(key);
      else withdrawn.delete(key);
    }
  }
  return { changes, verdicts, withdrawn, added };
}

/** The updated row. A withdrawn row keeps its last attributes; the list marks it. */
export function patched(route: Route, { changes, verdicts }: Patches): Route {
  const change = changes.get(routeKey(route));
  const verdict = verdicts.get(verdictKey(route.prefix, route.neighbor.id));
  const updated = verdict === undefined ? route : { ...route, verdict };
  if (!change || change.action === 'withdrawn') return updated;
  const { at, seq, action } = change;
  return {
    ...updated,
    ...change.route,
    verdict: updated.verdict,
    staleUntil: action === 'stale' ? route.staleUntil : null,
    stale: action === 'stale',
    receivedAt: action === 'stale' ? route.receivedAt : at,
    firstSeenAt: route.firstSeenAt,
    lastChangedAt: action === 'refreshed' || action === 'stale' ? route.lastChangedAt : at,
    seq,
  };
}

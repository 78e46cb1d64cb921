/** What the feed has said about the rows of a list since they were read. Pure. */
import type { Route, RouteMessage, VerdictWord } from '../../src/api/schemas.ts';
import type { Message } from './model.ts';

export interface Patches {
  /** The last change of each row, by `routeKey`. */
  changes: ReadonlyMap<string, RouteMessage>;
  /** The last verdict on each (prefix, neighbor). */
  verdicts: ReadonlyMap<string, VerdictWord | null>;
  /** Keys of rows that are gone. */
  withdrawn: ReadonlySet<string>;
  /** Keys of routes that came and are not among the rows. */
  news: ReadonlySet<string>;
}

export const noPatches: Patches = { changes: new Map(), verdicts: new Map(), withdrawn: new Set(), news: new Set() };

/** Routes counted as news, and verdicts remembered; beyond that it is time to read the list again. */
export const maxNews = 10_000;

export const routeKey = (route: { prefix: string; pathId: number; neighbor: { id: number } }): string =>
  `${route.prefix} ${route.pathId} ${route.neighbor.id}`;

const verdictKey = (prefix: string, neighbor: number | null): string => `${prefix} ${neighbor}`;

/** `known`: the seq of each row when it was read, so that what it has already is not put on it again. */
export function patchesWith(
  before: Patches,
  messages: readonly Message[],
  known: ReadonlyMap<string, number>,
): Patches {
  const told = messages.filter((message) => message.type === 'route' || message.type === 'verdict');
  if (told.length === 0) return before;
  const changes = new Map(before.changes);
  const verdicts = new Map(before.verdicts);
  const withdrawn = new Set(before.withdrawn);
  const news = new Set(before.news);
  for (const message of told) {
    if (message.type === 'verdict') {
      if (verdicts.size < maxNews) verdicts.set(verdictKey(message.prefix, message.neighbor), message.to);
      continue;
    }
    const key = routeKey(message.route);
    const readAt = known.get(key);
    const gone = message.action === 'withdrawn';
    if (readAt === undefined) {
      if (gone) news.delete(key);
      else if (news.size < maxNews) news.add(key);
    } else if (message.seq > readAt) {
      changes.set(key, message);
      if (gone) withdrawn.add(key);
      else withdrawn.delete(key);
    }
  }
  return { changes, verdicts, withdrawn, news };
}

/** The row as it is now. One that was withdrawn stays as it was: the list says that it is gone. */
export function patched(route: Route, { changes, verdicts }: Patches): Route {
  const change = changes.get(routeKey(route));
  const verdict = verdicts.get(verdictKey(route.prefix, route.neighbor.id));
  const judged = verdict === undefined ? route : { ...route, verdict };
  if (!change || change.action === 'withdrawn') return judged;
  const { at, seq, action } = change;
  return {
    ...judged,
    ...change.route,
    verdict: judged.verdict,
    staleUntil: action === 'stale' ? route.staleUntil : null,
    stale: action === 'stale',
    receivedAt: action === 'stale' ? route.receivedAt : at,
    firstSeenAt: route.firstSeenAt,
    lastChangedAt: action === 'refreshed' || action === 'stale' ? route.lastChangedAt : at,
    seq,
  };
}

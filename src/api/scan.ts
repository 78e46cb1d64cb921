/** Looking through the live table without holding up anything else: a slice, a turn of the event loop, the next slice. */
import type { RibView, RouteCursor, RouteHandle } from '../rib/types.ts';
import { limits } from './limits.ts';
import type { CompiledFilter } from './route-filter.ts';
import { turn } from './turn.ts';

/** Looks at a route; false stops the scan behind it. A handle is only valid inside the call. */
export type Visit = (handle: RouteHandle) => boolean;

/**
 * Shows `visit` the routes that have the prefix and neighbor of the filter, in the order of `RibView.walk`, behind
 * `after`; the rest of the filter is for `visit`. Batches may be applied between slices: every route that is there
 * throughout is seen once. Answers where it was stopped; undefined at the end of the table.
 */
export async function scan(
  rib: RibView,
  filter: CompiledFilter,
  after: RouteCursor | undefined,
  visit: Visit,
): Promise<RouteCursor | undefined> {
  const { prefix, family } = filter;
  if (prefix && prefix.match !== 'longer') return visitPrefixes(rib, filter, after, visit);
  const [only, ...others] = filter.neighbors ?? [];
  const scope = {
    ...(only !== undefined && others.length === 0 && { neighbor: only }),
    ...(family !== undefined && { family }),
    ...(prefix && { within: prefix.text }),
  };
  for (let from = after; ; await turn()) {
    let end = 'table' as 'table' | 'slice' | 'visit';
    let seen = 0;
    const until = performance.now() + limits.sliceMs;
    rib.walk({ ...scope, ...(from && { after: from }) }, (handle) => {
      if (filter.neighbor(handle.neighbor) && !visit(handle)) end = 'visit';
      else if (++seen === limits.sliceRows || (seen % limits.sliceCheck === 0 && performance.now() > until))
        end = 'slice';
      if (end !== 'table') from = cursorOf(rib, handle);
      return end === 'table';
    });
    if (end === 'table') return undefined;
    if (end === 'visit') return from;
  }
}

/** The place of a route in the order of `walk`. */
export function cursorOf(rib: RibView, { nlri, neighbor }: RouteHandle): RouteCursor {
  return { prefix: rib.prefixText(nlri), pathId: rib.pathId(nlri), neighbor };
}

/** The few prefixes that contain the one asked for, in the order of `walk`, which is shortest first. */
function visitPrefixes(
  rib: RibView,
  filter: CompiledFilter,
  after: RouteCursor | undefined,
  visit: Visit,
): RouteCursor | undefined {
  for (const text of prefixesOf(rib, filter)) {
    const routes = routesOf(rib, filter, text).sort(
      (a, b) => rib.pathId(a.nlri) - rib.pathId(b.nlri) || a.neighbor - b.neighbor,
    );
    for (const handle of routes)
      if ((!after || isBehind(rib, handle, after)) && !visit(handle)) return cursorOf(rib, handle);
  }
  return undefined;
}

const routesOf = (rib: RibView, filter: CompiledFilter, prefix: string): RouteHandle[] =>
  rib.exact(prefix).filter(({ nlri, neighbor }) => filter.neighbor(neighbor) && filter.nlri(nlri));

function prefixesOf(rib: RibView, filter: CompiledFilter): string[] {
  const { text, match } = filter.prefix!;
  if (match === 'exact') return [text];
  const covering = rib.covering(text);
  if (match !== 'longest') return covering.filter((prefix) => match === 'covering' || prefix !== text);
  // the longest that one of the neighbors asked for has
  const longest = covering.reverse().find((prefix) => routesOf(rib, filter, prefix).length > 0);
  return longest === undefined ? [] : [longest];
}

/** Prefixes that contain one another differ in length, so that alone orders them. */
function isBehind(rib: RibView, { nlri, neighbor }: RouteHandle, after: RouteCursor): boolean {
  const lengthOf = (prefix: string) => Number(prefix.slice(prefix.indexOf('/') + 1));
  const byLength = lengthOf(rib.prefixText(nlri)) - lengthOf(after.prefix);
  return (byLength || rib.pathId(nlri) - after.pathId || neighbor - after.neighbor) > 0;
}

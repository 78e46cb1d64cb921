/** `GET /prefixes/{prefix}`: one prefix over all neighbors. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { shownRoute } from '../metallb/answers/shown.ts';
import type { RouteJson } from '../rib/types.ts';
import { neighborRef } from '../rib/view.ts';
import type { Verdict as InnerVerdict, VerdictKey } from '../verdicts/types.ts';
import { largeEnvelopeOf } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { multipath } from './ecmp.ts';
import { ApiError } from './errors.ts';
import { readPrefix } from './filter-tests.ts';
import { limits } from './limits.ts';
import { presentRoute } from './present.ts';
import { refuseTimeTravel } from './query.ts';
import type { Room } from './room.ts';
import { isReceived, saysOfCell } from './says.ts';
import { envelope, type PrefixCell, PrefixView, type Route } from './schemas.ts';
import { mapInTurns, turn } from './turn.ts';

const Query = z.strictObject({
  normalize: z.stringbool().optional().describe('Ignore host bits of the prefix'),
  at: z.string().max(64).optional(),
});
const text = z.string().min(1).max(64);

export const prefixes =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['prefixes'];
    const answer = async (prefix: string, query: z.infer<typeof Query>) => {
      refuseTimeTravel(query.at);
      return largeEnvelopeOf(deps, (room) => viewOf(deps, room, prefix, query.normalize));
    };
    app.get(
      '/prefixes/:prefix',
      {
        schema: {
          tags,
          summary: 'One prefix over all neighbors; the slash written as %2F',
          params: z.object({ prefix: text }),
          querystring: Query,
          response: { 200: envelope(PrefixView) },
        },
      },
      async ({ params, query }) => answer(params.prefix, query),
    );
    app.get(
      '/prefixes/:address/:length',
      {
        schema: {
          tags,
          summary: 'The same with the slash as it is',
          params: z.object({ address: text, length: z.string().max(3) }),
          querystring: Query,
          response: { 200: envelope(PrefixView) },
        },
      },
      async ({ params, query }) => answer(`${params.address}/${params.length}`, query),
    );
  };

/** Nothing received and nothing expected is a 404 that names what contains it. */
async function viewOf(deps: ApiDeps, room: Room, asked: string, normalize = false): Promise<PrefixView> {
  const { text: prefix, value } = readPrefix(asked, normalize);
  const { cells, best } = await readCells(deps, prefix);
  const covering = deps.rib.covering(prefix).filter((other) => other !== prefix);
  if (cells.length === 0)
    throw new ApiError(404, 'no-such-prefix', `${prefix} is neither received nor expected${nearText(covering)}`);
  const shown = await room.fit(cells, limits.cells);
  return {
    prefix,
    family: value.family,
    cells: shown,
    ecmp: best.map(({ neighbor, pathId, nextHop }) => ({ neighbor: neighbor.id, pathId, nextHop })),
    covering,
    truncated: shown.length < cells.length,
  };
}

/** Where one prefix (canonical) is expected or received, and which routes a router would use; thousands of sessions take a while. */
export async function readCells(deps: ApiDeps, prefix: string): Promise<{ cells: PrefixCell[]; best: RouteJson[] }> {
  const { rib, verdicts } = deps;
  const routes = await mapInTurns(rib.exact(prefix), (handle) => presentRoute(rib, verdicts, handle));
  const best = multipath(routes.map((route) => ({ route, internal: isInternal(deps, route) }))).map(
    ({ route }) => route,
  );
  const isBest = new Set<RouteJson>(best);
  const cells = cellsOf(deps, routes, await verdictsOf(deps, prefix), (route) => isBest.has(route));
  return { cells: await mapInTurns(cells, (cell) => withSaysOfPrefix(deps, prefix, cell)), best };
}

async function verdictsOf({ verdicts }: ApiDeps, prefix: string): Promise<InnerVerdict[]> {
  const found: InnerVerdict[] = [];
  for (let after: VerdictKey | undefined; ; await turn()) {
    const { rows, next } = verdicts.list({ prefix }, after, limits.verdictSlice);
    found.push(...rows);
    if (next === undefined) return found;
    after = next;
  }
}

/** One cell as it is shown, with what the cluster says of it. */
export function withSaysOfPrefix(deps: ApiDeps, prefix: string, cell: Omit<PrefixCell, 'says'>): PrefixCell {
  const says = saysOfCell(deps, { ...cell, prefix, received: cell.verdict ? isReceived(cell.verdict) : null });
  const expected = cell.expected && shownRoute(cell.expected);
  return { ...cell, expected, verdict: cell.verdict && { ...cell.verdict, expected }, says };
}

const nearText = (covering: string[]): string => (covering.length > 0 ? `; received is ${covering.at(-1)}` : '');

function isInternal({ rib }: ApiDeps, { neighbor }: Route): boolean {
  const { asn, localAsn } = rib.neighbors.get(neighbor.id) ?? {};
  return asn !== null && asn === localAsn;
}

/** A cell per verdict, which are all expected sessions and all neighbors that have it; and per neighbor without one. */
function cellsOf(
  { rib }: ApiDeps,
  routes: Route[],
  judged: InnerVerdict[],
  isBest: (route: Route) => boolean,
): Omit<PrefixCell, 'says'>[] {
  const byNeighbor = Map.groupBy(routes, ({ neighbor }) => neighbor.id);
  const cells = judged.map((verdict): Omit<PrefixCell, 'says'> => {
    const neighbor = verdict.neighbor === null ? undefined : rib.neighbors.get(verdict.neighbor);
    const received = (neighbor && byNeighbor.get(neighbor.id)) ?? [];
    return {
      neighbor: neighbor ? neighborRef(neighbor) : null,
      node: verdict.node,
      bgpPeer: verdict.bgpPeer,
      received,
      expected: verdict.expected,
      verdict,
      ecmp: received.some(isBest),
    };
  });
  const seen = new Set(judged.map(({ neighbor }) => neighbor));
  for (const [id, received] of byNeighbor) {
    if (seen.has(id)) continue;
    const { node, bgpPeer } = rib.neighbors.get(id)!;
    const neighbor = received[0]!.neighbor;
    cells.push({ neighbor, node, bgpPeer, received, expected: null, verdict: null, ecmp: received.some(isBest) });
  }
  return cells;
}

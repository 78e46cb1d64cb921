/** `GET /routes`: received routes, by any of the filters, in pages that stay in order while the table moves. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { canonicalPrefix } from '../ip.ts';
import type { RouteCursor } from '../rib/types.ts';
import { type Slice, sendList } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { countFacets, facetNames } from './facets.ts';
import { presentRoute } from './present.ts';
import { decodeCursor, listQuery } from './query.ts';
import { type CompiledFilter, compileFilter, matchesRoute } from './route-filter.ts';
import { scan } from './scan.ts';
import { page, Route, RouteFilter } from './schemas.ts';

export const RouteQuery = z.strictObject({
  ...listQuery,
  ...RouteFilter.shape,
  facets: z
    .preprocess((text) => (typeof text === 'string' ? text.split(',') : text), z.array(z.enum(facetNames)).max(8))
    .optional()
    .describe('Comma list: count values of these fields over all matching routes'),
});

const Cursor: z.ZodType<RouteCursor> = z.object({
  prefix: z
    .string()
    .max(64)
    .refine((text) => canonicalPrefix(text) === text),
  pathId: z.int(),
  neighbor: z.int(),
});

export const routes =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/routes',
      {
        schema: {
          tags: ['routes'],
          summary: 'Received routes',
          querystring: RouteQuery,
          response: { 200: page(Route) },
        },
      },
      async (request, reply) => {
        const { limit: _, cursor, fields: _fields, format: _format, at: _at, facets, ...filter } = request.query;
        const compiled = compileFilter(filter, deps);
        return sendList(deps, request, reply, {
          row: Route,
          after: decodeCursor(Cursor, cursor),
          read: (after, limit) => readRoutes(deps, compiled, after as RouteCursor | undefined, limit),
          ...(facets && { facets: () => countFacets(deps, compiled, facets) }),
        });
      },
    );
  };

/** At most `limit` routes behind `after`. */
export async function readRoutes(
  deps: ApiDeps,
  filter: CompiledFilter,
  after: RouteCursor | undefined,
  limit: number,
): Promise<Slice<Route>> {
  const rows: Route[] = [];
  let full: RouteCursor | undefined;
  const stopped = await scan(deps.rib, filter, after, (handle) => {
    if (!matchesRoute(filter, handle)) return true;
    if (rows.length === limit) return false; // there is one more
    const route = presentRoute(deps.rib, deps.verdicts, handle);
    rows.push(route);
    full = { prefix: route.prefix, pathId: route.pathId, neighbor: route.neighbor.id };
    return true;
  });
  return { rows, next: stopped && full ? full : null };
}

/** `GET /changes`: the log of changes, oldest first, from a seq on. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { formatPrefix } from '../ip.ts';
import type { RibView } from '../rib/types.ts';
import type { ChangeQuery } from '../store/types.ts';
import { sendList } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { readPrefix } from './filter-tests.ts';
import { presentChange } from './present.ts';
import { decodeCursor, listQuery } from './query.ts';
import { resolveNeighbor } from './resolve.ts';
import { Change, page } from './schemas.ts';
import { timeOf } from './time-of.ts';
import { mapInTurns } from './turn.ts';

const seq = z.coerce.number().int().min(0);
const ChangesQuery = z.strictObject({
  ...listQuery,
  since: seq.optional().describe('Changes with a higher seq; default 0, or the newest with order=desc'),
  until: seq.optional().describe('Changes up to and including this seq'),
  from: z.string().max(64).optional().describe('Changes at or after this time, RFC 3339'),
  to: z.string().max(64).optional().describe('Changes before or at this time'),
  prefix: z.string().max(64).optional().describe('Exactly this prefix'),
  normalize: z.stringbool().optional(),
  neighbor: z.string().min(1).max(253).optional().describe('Id, address or node name'),
  order: z.enum(['asc', 'desc']).default('asc').describe('By seq'),
});
type ChangesQuery = z.infer<typeof ChangesQuery>;

/** seq, and how many of its changes earlier pages have: see `ChangeAnswer`. */
const Position = z.tuple([z.int().min(0), z.int().min(0)]);
type Position = z.infer<typeof Position>;

const positionOf = ([seq, skip]: Position, reverse: boolean) => (reverse ? { until: seq, skip } : { since: seq, skip });

export const changes =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { rib, queries } = deps;
    app.get(
      '/changes',
      {
        schema: {
          tags: ['routes'],
          summary: 'The log of changes',
          querystring: ChangesQuery,
          response: { 200: page(Change) },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const asked = storeQuery(query, rib);
        const reverse = query.order === 'desc';
        return sendList(deps, request, reply, {
          row: Change,
          after: decodeCursor(Position, query.cursor),
          read: async (after, limit) => {
            const position = after === undefined ? { skip: 0 } : positionOf(after as Position, reverse);
            const answer = await queries.changes({ ...asked, ...position, limit });
            const rows = await mapInTurns(answer.changes, (change) => presentChange(rib, change));
            return { rows, next: answer.complete ? null : ([answer.through, answer.skip] satisfies Position) };
          },
        });
      },
    );
  };

function storeQuery(query: ChangesQuery, rib: RibView): Omit<ChangeQuery, 'limit'> {
  const { since, until, from, to, prefix, normalize, neighbor, order } = query;
  const exact = prefix === undefined ? undefined : readPrefix(prefix, normalize).value;
  return {
    since: since ?? 0,
    ...(until !== undefined && { until }),
    ...(from !== undefined && { from: timeOf('from', from) }),
    ...(to !== undefined && { to: timeOf('to', to) }),
    ...(neighbor !== undefined && { neighbor: resolveNeighbor(rib, neighbor).id }),
    ...(exact !== undefined && { prefix: formatPrefix(exact), nlris: rib.nlris(exact) }),
    ...(order === 'desc' && { reverse: true }),
  };
}

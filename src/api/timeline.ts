/** `GET /timeline/{prefix}`: edits of objects, what they made expected, sessions, routes and verdicts, newest first. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { contains, parsePrefix } from '../ip.ts';
import { keyOf } from '../metallb/objects/resources.ts';
import type { TimelineKind, TimelinePosition, TimelineQuery } from '../store/types.ts';
import { sendList } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { readPrefix } from './filter-tests.ts';
import { limits } from './limits.ts';
import { decodeCursor, listQuery } from './query.ts';
import { resolveNeighbor } from './resolve.ts';
import { type OverlayRule, page, TimelineColumns, TimelineEntry } from './schemas.ts';
import { timeOf } from './time-of.ts';
import { presentEntry } from './timeline-entry.ts';
import { mapInTurns } from './turn.ts';

const kinds = ['object', 'expectation', 'session', 'route', 'verdict'] as const satisfies TimelineKind[];
const text = z.string().min(1).max(64);
const name = z.string().min(1).max(253);
const moment = z.string().max(64).optional();
const Query = z.strictObject({
  ...listQuery,
  since: moment.describe('RFC 3339, included'),
  until: moment.describe('RFC 3339, included'),
  kind: z
    .preprocess((list) => (typeof list === 'string' ? list.split(',') : list), z.array(z.enum(kinds)).min(1).max(5))
    .optional()
    .describe('Comma list'),
  node: name.optional(),
  neighbor: name.optional().describe('Id, address or node name'),
  normalize: z.stringbool().optional(),
});
type Query = z.infer<typeof Query>;

const Position: z.ZodType<TimelinePosition> = z.object({
  at: z.int(),
  rank: z.int(),
  id: z.int(),
  event: z.int(),
  seq: z.int(),
});

export const timeline =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const schema = {
      tags: ['prefixes'],
      querystring: Query,
      response: { 200: page(TimelineEntry) },
    };
    app.get(
      '/timeline/:prefix',
      {
        schema: {
          ...schema,
          summary: 'What happened to one prefix, newest first; the slash written as %2F',
          params: z.object({ prefix: text }),
        },
      },
      async (request, reply) => answer(deps, request.params.prefix, request.query, request, reply),
    );
    app.get(
      '/timeline/:address/:length',
      {
        schema: {
          ...schema,
          summary: 'The same with the slash as it is',
          params: z.object({ address: text, length: z.string().max(3) }),
        },
      },
      async (request, reply) => {
        const { address, length } = request.params;
        return answer(deps, `${address}/${length}`, request.query, request, reply);
      },
    );
  };

type SendList = typeof sendList;

function answer(
  deps: ApiDeps,
  prefix: string,
  query: Query,
  request: Parameters<SendList>[1],
  reply: Parameters<SendList>[2],
): Promise<never> {
  const asked = askedOf(deps, prefix, query);
  return sendList(deps, request, reply, {
    row: TimelineColumns,
    after: decodeCursor(Position, query.cursor),
    // what the store writes follows a moment behind what is known here
    state: Math.floor(deps.now() / limits.timelineAge),
    async read(after, limit) {
      const { rows, next } = await deps.queries.timeline({
        ...asked,
        ...(after !== undefined && { after: after as TimelinePosition }),
        limit,
      });
      return { rows: await mapInTurns(rows, (row) => presentEntry(deps, asked.prefix, row)), next };
    },
  });
}

function askedOf(deps: ApiDeps, asked: string, query: Query): Omit<TimelineQuery, 'limit'> {
  const { rib, verdicts } = deps;
  const { text: prefix, value } = readPrefix(asked, query.normalize);
  const nlris = rib.nlris(value);
  const holders = rib.exact(prefix).map(({ neighbor }) => neighbor);
  const judged = verdicts.ofPrefix(prefix).flatMap(({ neighbor }) => neighbor ?? []);
  const { since, until, kind, node } = query;
  return {
    prefix,
    nlris,
    neighbors: [...new Set([...holders, ...judged])],
    objects: presentObjects(deps, prefix),
    kinds: kind ?? [...kinds],
    ...(since !== undefined && { since: timeOf('since', since) }),
    ...(until !== undefined && { until: timeOf('until', until) }),
    ...(node !== undefined && { node, only: neighborsOf(deps, node) }),
    ...(query.neighbor !== undefined && oneNeighbor(deps, query.neighbor, node)),
  };
}

const neighborsOf = ({ rib }: ApiDeps, node: string): number[] =>
  [...rib.neighbors.values()].filter((neighbor) => neighbor.node === node).map(({ id }) => id);

/** What concerns one neighbor, and nothing where it is not of the node that is asked for too. */
function oneNeighbor({ rib }: ApiDeps, asked: string, node: string | undefined): Partial<TimelineQuery> {
  const neighbor = resolveNeighbor(rib, asked);
  const isOther = node !== undefined && neighbor.node !== node;
  return {
    only: isOther ? [] : [neighbor.id],
    ...(neighbor.node !== null && { node: node ?? neighbor.node }),
    ...(neighbor.bgpPeer !== null && { bgpPeer: neighbor.bgpPeer }),
  };
}

/**
 * Pools, advertisements and peers that the route comes from now, and hand-written rules about it. Services and their EndpointSlices are found by their
 * addresses, and Nodes by what their changes did.
 */
function presentObjects({ expectations, expect, overlay, now }: ApiDeps, prefix: string): TimelineQuery['objects'] {
  const table = expectations();
  const found = new Map<string, [string, string]>();
  const add = (kind: string, key: string) => found.set(`${kind} ${key}`, [kind, key]);
  let looked = 0;
  for (const { node, bgpPeer } of table?.sessions ?? []) {
    const route = table!.route(node, bgpPeer, prefix);
    if (!route) continue;
    add('BGPPeer', `${expect.namespace}/${bgpPeer}`);
    for (const { objects } of route.chain.slice(0, limits.timelineObjects))
      for (const object of objects) if (object.kind !== 'Service') add(object.kind, keyOf(object));
    if (++looked >= limits.timelineRoutes) break;
  }
  for (const { rule } of overlay.view(now()).rules) if (isAbout(rule, prefix)) add('OverlayRule', rule.id);
  return [...found.values()].slice(0, limits.timelineObjects);
}

function isAbout({ prefix, match }: { prefix: string; match: OverlayRule['match'] }, asked: string): boolean {
  if (prefix === asked) return true;
  const [named, other] = [parsePrefix(prefix), parsePrefix(asked)];
  if (!named || !other) return false;
  return (match === 'longer' && contains(named, other)) || (match === 'covering' && contains(other, named));
}

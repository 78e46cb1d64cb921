/** `/expectations`: the routes that should be there, with the chain of objects that says so; and what else objects say. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { shownRoute } from '../metallb/answers/shown.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import { largeEnvelopeOf, type Slice, sendList } from './answer.ts';
import { whyNotAnnounced } from './cluster.ts';
import type { ApiDeps } from './deps.ts';
import { chainTest, readPrefix } from './filter-tests.ts';
import { limits } from './limits.ts';
import { decodeCursor, listQuery } from './query.ts';
import type { Room } from './room.ts';
import { ExpectationNotes, ExpectedRoute, envelope, type ExpectationNotes as Notes, page } from './schemas.ts';
import { turn } from './turn.ts';

const name = z.string().min(1).max(253);
const Query = z.strictObject({
  ...listQuery,
  node: name.optional(),
  bgpPeer: name.optional(),
  prefix: z.string().max(64).optional().describe('Exactly this prefix'),
  normalize: z.stringbool().optional(),
  service: z.string().max(512).optional().describe('namespace/name'),
  pool: name.optional(),
  advertisement: name.optional(),
});
type Filter = Pick<z.infer<typeof Query>, 'node' | 'bgpPeer' | 'prefix' | 'service' | 'pool' | 'advertisement'>;

/** A place in (sessions in the table's order, prefix text). */
const Cursor = z.object({ node: z.string(), bgpPeer: z.string(), prefix: z.string() });
type Cursor = z.infer<typeof Cursor>;

export const expectations =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['expectations'];
    app.get(
      '/expectations',
      {
        schema: {
          tags,
          summary: 'Expected routes with their chain',
          querystring: Query,
          response: { 200: page(ExpectedRoute) },
        },
      },
      async (request, reply) => {
        const { prefix, normalize, ...rest } = request.query;
        const filter: Filter = {
          ...rest,
          prefix: prefix === undefined ? undefined : readPrefix(prefix, normalize).text,
        };
        return sendList(deps, request, reply, {
          row: ExpectedRoute,
          after: decodeCursor(Cursor, request.query.cursor),
          read: (after, limit) => readExpected(deps.expectations(), filter, after as Cursor | undefined, limit),
        });
      },
    );

    app.get(
      '/expectations/notes',
      {
        schema: {
          tags,
          summary: 'Refused objects, services that are not announced and why, lint',
          response: { 200: envelope(ExpectationNotes) },
        },
      },
      async () => largeEnvelopeOf(deps, (room) => notesOf(deps, room)),
    );
  };

async function readExpected(
  table: ExpectationTable | null,
  filter: Filter,
  after: Cursor | undefined,
  limit: number,
): Promise<Slice<ExpectedRoute>> {
  const rows: ExpectedRoute[] = [];
  if (!table) return { rows, next: null };
  const { node, bgpPeer, prefix } = filter;
  const inChain = chainTest(filter);
  const sessions = table.sessions.filter(
    (one) => (node === undefined || one.node === node) && (bgpPeer === undefined || one.bgpPeer === bgpPeer),
  );
  const start = after ? sessions.findIndex((one) => one.node === after.node && one.bgpPeer === after.bgpPeer) : 0;
  let seen = 0;
  let last: Cursor | undefined;
  for (const session of start < 0 ? [] : sessions.slice(start)) {
    const one = prefix === undefined ? undefined : table.route(session.node, session.bgpPeer, prefix);
    const routes = prefix === undefined ? table.routes(session.node, session.bgpPeer) : one ? [one] : [];
    if (++seen % limits.sliceCheck === 0) await turn();
    for (const route of routes) {
      if (++seen % limits.sliceCheck === 0) await turn();
      const isBefore = after && session === sessions[start] && route.prefix <= after.prefix;
      if (isBefore || !(inChain?.(route.chain) ?? true)) continue;
      if (rows.length === limit) return { rows, next: last };
      rows.push(shownRoute(route));
      last = { node: route.node, bgpPeer: route.bgpPeer, prefix: route.prefix };
    }
  }
  return { rows, next: null };
}

/** The first of each list. Of what is not announced no more is worked out: it may be every service on every node. */
async function notesOf({ expectations, resources }: ApiDeps, room: Room): Promise<Notes> {
  const table = expectations();
  const objects = resources();
  const { refusals = [], lint = [], l2 = [], options } = table ?? {};
  const notAnnounced =
    table && objects ? await whyNotAnnounced({ table, resources: objects }, objects.Service.keys()) : [];
  const shown = {
    refusals: await room.fit(refusals, limits.notes),
    notAnnounced: await room.fit(notAnnounced, limits.notes),
    lint: await room.fit(lint, limits.notes),
    l2: await room.fit(l2, limits.notes),
  };
  const all = { refusals, notAnnounced, lint, l2 };
  const isCut = (name: keyof typeof all): boolean => shown[name].length < all[name].length;
  return {
    mode: options?.mode ?? null,
    ...shown,
    truncated: (Object.keys(all) as (keyof typeof all)[]).some(isCut),
  };
}

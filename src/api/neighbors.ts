/** `/neighbors`: every remote that ever connected, what was agreed with it, its life, and the two things to be done. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { Neighbor as InnerNeighbor } from '../rib/types.ts';
import { neighborRef } from '../rib/view.ts';
import { explainCapabilities } from '../session/explain.ts';
import { envelopeOf, metaOf, sendList } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { presentEvent, presentNeighbor } from './present.ts';
import { decodeCursor, ListQuery, listQuery, refuseTimeTravel } from './query.ts';
import { findNeighbors, resolveNeighbor } from './resolve.ts';
import { envelope, Meta, Neighbor, NeighborCapabilities, NeighborEvent, page, SessionState } from './schemas.ts';

const Params = z.object({
  id: z.string().min(1).max(253).describe('Id, or an address or node name that identifies one neighbor'),
});
const NeighborQuery = z.strictObject({
  ...listQuery,
  neighbor: z.string().min(1).max(253).optional().describe('Id, address or node name; several may match'),
  node: z.string().min(1).max(253).optional(),
  state: SessionState.optional(),
});
const ResetBody = z
  .strictObject({ text: z.string().max(128).default('').describe('Sent to the neighbor (RFC 9003)') })
  .nullish();
const Done = z.object({ data: z.object({ neighbor: z.number().int(), done: z.literal(true) }), meta: Meta });
const at = z.object({ at: listQuery.at });

export const neighbors =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { rib } = deps;
    const tags = ['neighbors'];

    app.get(
      '/neighbors',
      { schema: { tags, summary: 'All neighbors', querystring: NeighborQuery, response: { 200: page(Neighbor) } } },
      async (request, reply) => {
        const { neighbor, node, state, cursor } = request.query;
        const candidates = neighbor === undefined ? [...rib.neighbors.values()] : findNeighbors(rib, neighbor);
        const found = candidates
          .filter((one) => (node === undefined || one.node === node) && (state === undefined || one.state === state))
          .sort((a, b) => a.id - b.id);
        return sendList(deps, request, reply, {
          row: Neighbor,
          after: decodeCursor(z.number(), cursor),
          read: (after, limit) => pageById(found, after as number | undefined, limit),
        });
      },
    );

    app.get(
      '/neighbors/:id',
      {
        schema: {
          tags,
          summary: 'One neighbor',
          params: Params,
          querystring: at,
          response: { 200: envelope(Neighbor) },
        },
      },
      async ({ params, query }) => {
        refuseTimeTravel(query.at);
        return envelopeOf(deps, presentNeighbor(resolveNeighbor(rib, params.id)));
      },
    );

    app.get(
      '/neighbors/:id/capabilities',
      {
        schema: {
          tags,
          summary: 'Capabilities announced, received and negotiated, and why not',
          params: Params,
          querystring: at,
          response: { 200: envelope(NeighborCapabilities) },
        },
      },
      async ({ params, query }) => {
        refuseTimeTravel(query.at);
        const neighbor = resolveNeighbor(rib, params.id);
        const { sent, received, negotiated } = neighbor;
        return envelopeOf(deps, {
          neighbor: neighborRef(neighbor),
          announced: sent,
          received,
          negotiated,
          rows: sent && received ? explainCapabilities(sent, received) : [],
        });
      },
    );

    app.get(
      '/neighbors/:id/events',
      {
        schema: {
          tags,
          summary: 'Every transition and every oddity, newest first',
          params: Params,
          querystring: ListQuery,
          response: { 200: page(NeighborEvent) },
        },
      },
      async (request, reply) => {
        const neighbor = resolveNeighbor(rib, request.params.id).id;
        return sendList(deps, request, reply, {
          row: NeighborEvent,
          after: decodeCursor(z.number(), request.query.cursor),
          read: async (before, limit) => {
            const asked = { neighbor, limit, ...(before !== undefined && { before: before as number }) };
            const events = await deps.queries.neighborEvents(asked);
            return { rows: events.map(presentEvent), next: events.length < limit ? null : events.at(-1)!.id };
          },
        });
      },
    );

    app.post(
      '/neighbors/:id/refresh',
      {
        schema: {
          tags,
          summary: 'Ask for all routes again (ROUTE-REFRESH, RFC 2918)',
          params: Params,
          response: { 202: Done },
        },
        config: { access: 'operate' },
      },
      async ({ params }, reply) => {
        const { id } = resolveNeighbor(rib, params.id);
        if (!deps.refresh(id)) throw notEstablished(id);
        reply.code(202);
        return { data: { neighbor: id, done: true as const }, meta: metaOf(deps) };
      },
    );

    app.post(
      '/neighbors/:id/reset',
      {
        schema: {
          tags,
          summary: 'End the session (Cease, Administrative Reset); the speaker comes back by itself',
          params: Params,
          body: ResetBody,
          response: { 202: Done },
        },
        config: { access: 'operate' },
      },
      async ({ params, body }, reply) => {
        const { id } = resolveNeighbor(rib, params.id);
        if (!deps.reset(id, body?.text ?? '')) throw notEstablished(id);
        reply.code(202);
        return { data: { neighbor: id, done: true as const }, meta: metaOf(deps) };
      },
    );
  };

function pageById(sorted: InnerNeighbor[], after: number | undefined, limit: number) {
  const start = after === undefined ? 0 : sorted.findIndex(({ id }) => id > after);
  const rows = start < 0 ? [] : sorted.slice(start, start + limit);
  return {
    rows: rows.map(presentNeighbor),
    next: start >= 0 && start + limit < sorted.length ? rows.at(-1)!.id : null,
  };
}

const notEstablished = (id: number) =>
  new ApiError(409, 'not-established', `Neighbor ${id} has no established session`);

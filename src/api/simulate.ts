/** `POST /simulate`: manifests in, what would be expected with them and how that differs from now out. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { metaOf } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';
import { decodeCursor, encodeCursor } from './query.ts';
import { SimulationAnswer } from './schemas.ts';
import { Simulations } from './simulation/client.ts';
import type { Place } from './simulation/simulate.ts';

const mediaTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'application/json'];

const Query = z.strictObject({
  replace: z
    .stringbool()
    .prefault('false')
    .describe('The posted objects are all there are; otherwise they are applied to those that are there'),
  limit: z.coerce.number().int().min(1).max(limits.simulatedRows).default(limits.defaultRows).describe('Expectations'),
  cursor: z.string().max(1024).optional().describe('`page.nextCursor` of the answer before, with the same objects'),
});
const Cursor: z.ZodType<Place> = z.object({ node: z.string(), bgpPeer: z.string(), prefix: z.string() });

export const simulate =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const simulations = new Simulations();
    app.addHook('onClose', () => simulations.stop());
    // parsed in the simulation's thread
    app.addContentTypeParser(mediaTypes, { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.post(
      '/simulate',
      {
        bodyLimit: limits.simulatedBytes,
        schema: {
          tags: ['expectations'],
          summary: 'What would be expected with these objects, and how that differs from now',
          description:
            'Nothing is changed anywhere. What the objects would meet: the API server, webhooks and speakers of a ' +
            'cluster that runs with the present objects, so that what these refuse leaves in force what was before.',
          consumes: mediaTypes,
          body: z.unknown().describe('Manifests: YAML documents, or one JSON object, a List, or an array of objects'),
          querystring: Query,
          response: { 200: SimulationAnswer },
        },
        config: { access: 'read' },
      },
      async (request, reply) => {
        const { replace, limit, cursor } = request.query;
        const { body } = request;
        if (typeof body !== 'string') throw new ApiError(400, 'invalid-request', 'Post manifests as YAML or JSON');
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        const question = {
          options: deps.expect,
          text: body,
          replace,
          after: decodeCursor(Cursor, cursor),
          limit,
        };
        const { simulation, next } = await simulations.run(question, deps.resources(), gone.signal);
        const page = { nextCursor: next && encodeCursor(next) };
        const text = `{"data":${simulation},"meta":${JSON.stringify(metaOf(deps))},"page":${JSON.stringify(page)}}`;
        return reply.type('application/json; charset=utf-8').send(text as never);
      },
    );
  };

/** `POST /simulate`: manifests in, what would be expected with them and how that differs from now out. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { kindNames } from '../metallb/objects/kinds.ts';
import type { Kind } from '../metallb/objects/resources.ts';
import type { MetalLBVersion } from '../metallb/versions.ts';
import { didYouMean } from '../suggest.ts';
import { metaOf } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { readPrefix } from './filter-tests.ts';
import { limits } from './limits.ts';
import { decodeCursor, encodeCursor } from './query.ts';
import { SimulationAnswer } from './schemas.ts';
import { Simulations } from './simulation/client.ts';
import type { Place } from './simulation/routes.ts';
import type { SimulationRequest } from './simulation/simulate.ts';

const mediaTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'application/json'];
const name = z.string().min(1).max(253);

const Replace = z
  .string()
  .max(1024)
  .transform((text, context): readonly Kind[] | 'all' => {
    const word = text.toLowerCase();
    if (word === 'true' || word === '1') return 'all';
    if (word === 'false' || word === '0') return [];
    const kinds = text.split(',').map((kind) => kind.trim());
    for (const kind of kinds)
      if (!kindNames.includes(kind as Kind)) {
        const near = didYouMean(kind, kindNames);
        const message = `${kind} is no kind that plays a part${near === undefined ? '' : `; did you mean ${near}?`}`;
        context.addIssue({ code: 'custom', message });
      }
    return kinds as Kind[];
  });

const Version = z
  .string()
  .regex(/^(0\.1[456](\.\d{1,3})?|newest)$/, { error: 'expected 0.14, 0.15, 0.16, a patch of those, or newest' })
  .transform((text) => text as MetalLBVersion);

const Query = z.strictObject({
  replace: Replace.prefault('false').describe(
    'true: the posted objects are all there are. A comma list of kinds: they are all there are of these kinds. ' +
      'Otherwise they are applied to the current objects',
  ),
  base: z
    .enum(['current', 'empty'])
    .default('current')
    .describe('What the posted objects apply to: the current objects, or an empty cluster'),
  mode: z.enum(['native', 'frr', 'frr-k8s']).optional().describe('Mode of the speakers after the change'),
  version: Version.optional().describe('MetalLB version after the change'),
  prefix: z.string().max(64).optional().describe('Only routes for exactly this prefix'),
  service: z.string().max(512).optional().describe('Only entries about this Service, namespace/name'),
  node: name.optional().describe('Only routes of this node'),
  bgpPeer: name.optional().describe('Only routes to this BGPPeer'),
  limit: z.coerce.number().int().min(1).max(limits.simulatedRows).default(limits.defaultRows).describe('Expectations'),
  cursor: z.string().max(1024).optional().describe('`page.nextCursor` of the previous answer to the same request'),
});
const Cursor: z.ZodType<Place> = z.object({ node: z.string(), bgpPeer: z.string(), prefix: z.string() });

/** For the documentation. */
export const simulationExample = {
  objects: [
    {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'BGPAdvertisement',
      metadata: { name: 'web', namespace: 'metallb-system' },
      spec: { ipAddressPools: ['public'], aggregationLength: 28, communities: ['64512:100'] },
    },
  ],
  delete: [{ kind: 'Node', name: 'node-c' }],
};

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
          summary: 'Expected routes with these objects, and how they differ from now',
          description:
            'Changes nothing. The objects pass the API server, webhooks and speakers of a cluster with the current ' +
            'objects: a rejected change leaves the previous version in effect.',
          consumes: mediaTypes,
          body: z
            .unknown()
            .describe(
              'Manifests: YAML documents, one JSON object, a List, or an array of objects. Or changes: an object with ' +
                '`objects` and objects to `delete`',
            )
            .meta({ examples: [simulationExample] }),
          querystring: Query,
          response: { 200: SimulationAnswer },
        },
        config: { access: 'read' },
      },
      async (request, reply) => {
        const { mode, version, base, replace, limit, cursor, prefix, ...asked } = request.query;
        const { body } = request;
        if (typeof body !== 'string')
          throw new ApiError(400, 'invalid-request', 'Send manifests as YAML or JSON in the body');
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        const question: SimulationRequest = {
          options: deps.expect,
          overrides: { ...(mode && { mode }), ...(version && { version }) },
          base,
          replace,
          text: body,
          rules: deps.overlay
            .view(deps.now())
            .rules.filter(({ replaced, expired }) => !replaced && !expired)
            .map(({ rule }) => rule),
          asked: { ...asked, prefix: prefix === undefined ? undefined : readPrefix(prefix).text },
          page: { after: decodeCursor(Cursor, cursor), limit },
        };
        const { simulation, next } = await simulations.run(question, deps.resources(), gone.signal);
        const page = { nextCursor: next && encodeCursor(next) };
        const text = `{"data":${simulation},"meta":${JSON.stringify(metaOf(deps))},"page":${JSON.stringify(page)}}`;
        return reply.type('application/json; charset=utf-8').send(text as never);
      },
    );
  };

/** OpenAPI 3.1, made from the schemas, and a page to browse it; both from this server alone. */
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';

export const docs = (): FastifyPluginAsyncZod => async (app) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'open' };
    route.schema = { ...route.schema, hide: true };
  });
  app.get('/api/v1/openapi.json', async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  );
  await app.register(swaggerUi, {
    routePrefix: '/api/v1/docs',
    staticCSP: true,
    uiConfig: { docExpansion: 'list', deepLinking: true, tryItOutEnabled: true },
    theme: { title: 'Peerglass API' },
  });
};

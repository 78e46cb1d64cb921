/** `/healthz`, `/readyz` and `/metrics`, at the root, where probes and Prometheus look. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { Connections } from './connections.ts';
import type { ApiDeps } from './deps.ts';
import { createMetrics } from './metrics.ts';
import { shortened } from './status.ts';
import type { Clients } from './stream/clients.ts';

const Health = z.object({ status: z.literal('ok') });
const Readiness = z.object({
  ready: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
});

export const health =
  (deps: ApiDeps, clients: Clients, connections: Connections): FastifyPluginAsyncZod =>
  async (app) => {
    const metrics = createMetrics(deps, clients, connections);
    const tags = ['health'];

    app.get(
      '/healthz',
      { schema: { tags, summary: 'The process answers', response: { 200: Health } }, config: { access: 'open' } },
      async () => ({ status: 'ok' as const }),
    );

    app.get(
      '/readyz',
      {
        schema: {
          tags,
          summary: 'Listening, database open, sources synced',
          response: { 200: Readiness, 503: Readiness },
        },
        config: { access: 'open' },
      },
      async (_request, reply) => {
        const readiness = readReadiness(deps);
        reply.code(readiness.ready ? 200 : 503);
        return readiness;
      },
    );

    app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.text()),
    );
  };

/**
 * A database that cannot be written to at the moment does not count as not ready: sessions, table and page go on, and
 * taking the collector out of service would end the sessions.
 */
function readReadiness({ status }: ApiDeps): z.infer<typeof Readiness> {
  const { listening, degraded, sources } = status();
  const checks = [
    { name: 'listening', ok: listening.length > 0, text: listening.join(', ') || 'not listening for BGP yet' },
    { name: 'database', ok: true, text: degraded?.text ?? 'open' },
    ...sources.map(({ name, synced, problems, kinds }) => ({
      name: `source ${name}`,
      ok: synced,
      text: synced
        ? (kinds?.find(({ state }) => state === 'failing' || state === 'forbidden')?.text ?? 'synced')
        : shortened(problems[0]?.text ?? 'not read yet'),
    })),
  ];
  return { ready: checks.every(({ ok }) => ok), checks };
}

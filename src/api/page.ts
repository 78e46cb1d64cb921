/** The page: what `npm run build` made of web/, or how to make it. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';

const built = fileURLToPath(new URL('../../web/dist', import.meta.url));

const howToBuild = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Peerglass</title>
<h1>Peerglass is running</h1>
<p>The page is not built. Run <code>npm run build</code> and reload, or use the <a href="/api/v1/docs">API</a>.</p>
</html>`;

/** `folder`: where the built page is. */
export const webPage =
  (folder = built): FastifyPluginAsync =>
  async (app) => {
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' };
      route.schema = { ...route.schema, hide: true };
    });
    if (!existsSync(`${folder}/index.html`)) {
      app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(howToBuild));
      return;
    }
    await app.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      // names under assets/ carry a hash of their content
      setHeaders: (reply, path) =>
        reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'),
    });
  };

/**
 * The HTTP side: one Fastify server with the REST resources, the live feed, the metrics, the documentation and the
 * page. What it needs comes in with `deps`; it owns nothing but its sockets.
 */
import accepts from '@fastify/accepts';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { type FastifyPluginAsyncZod, serializerCompiler, validatorCompiler } from '@fastify/type-provider-zod';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from 'fastify';
import { maxHttpConnections } from '../descriptors.ts';
import { libc } from '../libc.ts';
import { addAcceptors } from './acceptors.ts';
import { guard, streamProtocol } from './access.ts';
import { advertisements } from './advertisements.ts';
import { Bodies } from './bodies.ts';
import { changes } from './changes.ts';
import { checks } from './checks.ts';
import { checksRun } from './checks-run.ts';
import { Connections } from './connections.ts';
import type { ApiDeps } from './deps.ts';
import { diagnoses } from './diagnoses.ts';
import { docs } from './docs.ts';
import { type ApiError, problem, problemType, sendClientError, sendError } from './errors.ts';
import { expectations } from './expectations.ts';
import { explain } from './explain.ts';
import { health } from './health.ts';
import { l2 } from './l2.ts';
import { limits } from './limits.ts';
import { lookup } from './lookup.ts';
import { neighbors } from './neighbors.ts';
import { nodes } from './nodes.ts';
import { describeApi } from './openapi.ts';
import { overlay } from './overlay.ts';
import { keepPace } from './pace.ts';
import { webPage } from './page.ts';
import { pools } from './pools.ts';
import { prefixes } from './prefixes.ts';
import { tooMany } from './room.ts';
import { routes } from './routes.ts';
import { services } from './services.ts';
import { simulate } from './simulate.ts';
import { status } from './status.ts';
import { Clients } from './stream/clients.ts';
import { stream } from './stream.ts';
import { timeline } from './timeline.ts';

export interface ServerOptions {
  /** Where to log; nothing is logged without it. */
  logger?: FastifyBaseLogger;
  /** Folder of the built page. */
  page?: string;
  /** Connections of clients; their bounds come from the limit of open files. */
  connections?: Connections;
}

/** The resources below /api/v1, in the order of the documentation. */
const resources: ((deps: ApiDeps, clients: Clients, connections: Connections) => FastifyPluginAsyncZod)[] = [
  status,
  neighbors,
  routes,
  prefixes,
  lookup,
  changes,
  timeline,
  expectations,
  overlay,
  explain,
  checks,
  checksRun,
  diagnoses,
  services,
  nodes,
  pools,
  advertisements,
  l2,
  simulate,
  stream,
];

/** A server that is ready to listen. Closing it ends all streams. */
export async function buildServer(deps: ApiDeps, options: ServerOptions = {}): Promise<FastifyInstance> {
  const { connections = new Connections(maxHttpConnections) } = options;
  const app = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAlive,
    http: { headersTimeout: limits.headersTimeout, connectionsCheckingInterval: limits.connectionsCheck },
    routerOptions: { maxParamLength: limits.paramLength },
    schemaController: { compilersFactory },
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    clientErrorHandler: sendClientError,
  });
  connections.watch(app.server);
  let closeAcceptors = (): void => {};
  app.addHook('onListen', async () => {
    closeAcceptors = addAcceptors(app.server, libc);
  });
  app.addHook('preClose', async () => closeAcceptors());
  app.addHook('onSend', async (_request, reply, payload) => {
    const length = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
    if (length > limits.smallAnswer && connections.unsent + length > limits.unsentBytes)
      throw tooMany('Other clients have not taken their answers yet');
    keepPace(reply.raw);
  });
  app.setErrorHandler<FastifyError | ApiError>((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler({ preHandler: [] }, (request, reply) =>
    reply
      .code(404)
      .type(problemType)
      .send(JSON.stringify(problem(404, 'no-such-resource', `${request.method} ${request.url.slice(0, 200)}`))),
  );
  await app.register(websocket, {
    options: {
      maxPayload: limits.messageBytes,
      autoPong: false,
      perMessageDeflate: false,
      handleProtocols: (offered: Set<string>) => (offered.has(streamProtocol) ? streamProtocol : false),
    },
  });
  await app.register(helmet, { contentSecurityPolicy: { directives: contentPolicy }, hsts: false });
  await app.register(rateLimit, { max: limits.requestsPerMinute, timeWindow: 60_000 });
  await guard(app, deps.http);
  const bodies = new Bodies();
  app.addHook('preParsing', async ({ headers }, { raw }, body) => {
    const length = headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity;
    return length > limits.bodyBytes ? bodies.count(body, raw) : body;
  });
  await app.register(accepts);
  await describeApi(app, deps);

  const clients = new Clients();
  for (const resource of resources) await app.register(resource(deps, clients, connections), { prefix: '/api/v1' });
  await app.register(docs());
  await app.register(health(deps, clients, connections));
  await app.register(webPage(options.page));
  return app;
}

/** Given to Fastify at its start, so that it does not load its own compilers. Its types know only those. */
const compilersFactory = {
  buildValidator: () => validatorCompiler as never,
  buildSerializer: () => serializerCompiler as never,
};

/** Everything comes from this server; what is typed into the page goes nowhere else. */
const contentPolicy = {
  defaultSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  styleSrc: ["'self'"],
  scriptSrc: ["'self'"],
  objectSrc: ["'none'"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
};

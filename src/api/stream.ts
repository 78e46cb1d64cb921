/** The live feed: `/stream` as WebSocket, `/stream/sse` as server-sent events with the same JSON. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { FastifyReply } from 'fastify';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Connections } from './connections.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';
import { compileFilter } from './route-filter.ts';
import { RouteFilter, SubscribeMessage } from './schemas.ts';
import type { Clients } from './stream/clients.ts';
import { Hub } from './stream/hub.ts';
import { type Transport, tryAgainLater } from './stream/outbox.ts';

const SseQuery = z.strictObject({
  ...RouteFilter.omit({ since: true }).shape,
  snapshot: z.stringbool().optional(),
  resumeFrom: z.coerce.number().int().min(0).optional().describe('A seq; use it instead of the header Last-Event-ID'),
  epoch: SubscribeMessage.shape.epoch,
  verdicts: z.stringbool().optional(),
  includeRaw: z.stringbool().optional(),
  coalesce: z.enum(['none', 'prefix']).optional(),
});

export const stream =
  (deps: ApiDeps, clients: Clients, connections: Connections): FastifyPluginAsyncZod =>
  async (app) => {
    const hub = new Hub(deps, clients);
    app.addHook('preClose', async () => {
      hub.close();
      // one that was told to come back later has time to read what it was sent, but not now
      setTimeout(() => {
        for (const socket of app.websocketServer.clients) socket.terminate();
      }, limits.closeGrace).unref();
    });

    app.get('/stream', { websocket: true, schema: { hide: true } }, (socket, request) => {
      const giveBack = connections.takeLasting();
      const client = giveBack && hub.join(webSocketTransport(socket));
      socket.on('close', () => giveBack?.());
      if (!client) {
        socket.close(tryAgainLater, 'too many live clients');
        // a client that does not close its side would keep the connection
        const grace = setTimeout(() => socket.terminate(), limits.closeGrace);
        return void socket.on('error', () => {}).on('close', () => clearTimeout(grace));
      }
      const pings = keepAlive(socket);
      request.raw.socket.on('data', (octets: Buffer) => client.takes(octets.length));
      socket.on('message', (data, isBinary) => {
        if (isBinary) client.close(1003, 'expected text');
        else client.receive(data.toString());
      });
      socket.on('ping', (data) => {
        if (client.takesMessage()) socket.pong(data);
      });
      socket.on('error', () => socket.terminate()); // 'close' follows
      socket.on('close', () => {
        clearInterval(pings);
        hub.leave(client);
      });
    });

    app.get(
      '/stream/sse',
      {
        schema: {
          tags: ['stream'],
          summary: 'The live feed as server-sent events; one subscription, from the query',
          querystring: SseQuery,
          response: { 200: z.string().describe('text/event-stream; `data` of each event is a message') },
        },
      },
      (request, reply) => {
        const { snapshot, resumeFrom, epoch, verdicts, includeRaw, coalesce, ...filter } = request.query;
        const position =
          resumeFrom === undefined ? readPosition(request.headers['last-event-id']) : { resumeFrom, epoch };
        compileFilter(filter, deps); // a filter that cannot be is a problem with a status, not an event
        if (request.method === 'HEAD') {
          openEvents(reply);
          reply.raw.end();
          return;
        }
        if (clients.subscriptions >= limits.allSubscriptions)
          throw new ApiError(503, 'too-many-subscriptions', `At most ${limits.allSubscriptions}; try again later`);
        const giveBack = connections.takeLasting();
        reply.raw.on('close', () => giveBack?.());
        const client = giveBack && hub.join(eventTransport(reply, deps.feed.epoch));
        if (!client) throw new ApiError(503, 'too-many-clients', 'No more live clients; try again later');
        openEvents(reply);
        reply.raw.on('close', () => hub.leave(client));
        client.subscribe({
          type: 'subscribe',
          id: 'sse',
          filter,
          ...(snapshot !== undefined && { snapshot }),
          ...position,
          ...(verdicts !== undefined && { verdicts }),
          ...(includeRaw !== undefined && { includeRaw }),
          ...(coalesce && { coalesce }),
        });
      },
    );
  };

function webSocketTransport(socket: WebSocket): Transport {
  return {
    get buffered() {
      return socket.bufferedAmount;
    },
    send: (octets, _, sent) => socket.send(octets, { binary: false }, () => sent()),
    close(code, reason) {
      socket.close(code, reason);
      if (code === tryAgainLater) return; // it may be slow, and still read what it was sent
      // a client that sends too much is not listened to any more, not even for its close frame
      socket.pause();
      const grace = setTimeout(() => socket.terminate(), limits.closeGrace);
      socket.once('close', () => clearTimeout(grace));
    },
  };
}

/** Pings; a client that answered none since the last but one is gone without saying so. */
function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let unanswered = 0;
  socket.on('pong', () => {
    unanswered = 0;
  });
  return setInterval(() => {
    // one that is being closed may still read what it was sent; ws ends it after a while
    if (socket.readyState !== socket.OPEN) return;
    if (unanswered++ >= 2) socket.terminate();
    else socket.ping();
  }, limits.heartbeat);
}

/** Takes the response out of Fastify's hands, with the headers that hooks have set. */
function openEvents(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    ...eventHeaders,
  });
}

const eventHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** `Last-Event-ID` as a position. An id that Peerglass did not issue is a position that no database has: a gap. */
function readPosition(id: string | string[] | undefined): Pick<SubscribeMessage, 'resumeFrom' | 'epoch'> {
  if (id === undefined || id === '') return {};
  const [, epoch, seq] = /^([0-9a-f]{16}):(\d{1,15})$/.exec(String(id)) ?? [];
  return seq === undefined ? { resumeFrom: 0, epoch: '' } : { resumeFrom: Number(seq), epoch };
}

function eventTransport({ raw }: FastifyReply, epoch: string): Transport {
  return {
    get buffered() {
      return raw.writableLength;
    },
    send(octets, seq, sent) {
      raw.cork();
      raw.write(`${seq ? `id: ${epoch}:${seq}\n` : ''}data: `);
      raw.write(octets);
      raw.write('\n\n', () => sent());
      raw.uncork();
    },
    close: () => {
      raw.end();
      // who does not read would keep the socket, and what waits in it, for good
      const grace = setTimeout(() => raw.destroy(), limits.closeGrace);
      raw.once('close', () => clearTimeout(grace));
    },
  };
}

/** A server on fakes, and a live client of it whose messages can be awaited. */

import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import type { ApiDeps } from '../../src/api/deps.ts';
import type { ServerMessage } from '../../src/api/schemas.ts';
import { buildServer, type ServerOptions } from '../../src/api/server.ts';
import type { FeedFrame } from '../../src/feed.ts';
import type { StoredChange } from '../../src/rib/types.ts';
import { type FakeDeps, fakeDeps, neighbor } from '../support/fake-views.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Body = any;

export interface Scene {
  app: FastifyInstance;
  deps: FakeDeps;
  /** Status and parsed body of a GET. */
  get(
    url: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Body; headers: Record<string, unknown> }>;
  /** Publishes changes as one frame, and puts them into the log. */
  publish(changes: StoredChange[], more?: Partial<FeedFrame>): void;
  connect(headers?: Record<string, string>): Promise<TestClient>;
}

/** A server with the neighbors 1 and 2; `set` prepares more. */
export async function scene(
  set: (deps: FakeDeps) => void = () => {},
  some: Partial<ApiDeps> = {},
  options: ServerOptions = {},
): Promise<Scene> {
  const deps = fakeDeps(some);
  for (const id of [1, 2]) deps.rib.neighbors.set(id, neighbor(id));
  set(deps);
  const app = await buildServer(deps, options);
  await app.ready();
  onTestFinished(() => app.close());
  return {
    app,
    deps,
    async get(url, headers = {}) {
      const answer = await app.inject({ url, headers });
      const isJson = /^application\/(problem\+)?json/.test(String(answer.headers['content-type']));
      return { status: answer.statusCode, body: isJson ? answer.json() : answer.body, headers: answer.headers };
    },
    publish(changes, more = {}) {
      deps.queries.log.push(...changes);
      deps.feed.publish({
        seq: changes.at(-1)?.seq ?? deps.feed.seq,
        changes,
        sessions: [],
        verdicts: [],
        gap: null,
        ...more,
      });
    },
    async connect(headers = {}) {
      const socket = await app.injectWS('/api/v1/stream', {
        headers: { host: 'localhost', ...headers },
        socket: { remoteAddress: '127.0.0.1', on() {} } as never,
      });
      onTestFinished(() => socket.terminate());
      return new TestClient(socket);
    },
  };
}

/** Collects what the server sends. */
export class TestClient {
  readonly socket: WebSocket;
  readonly received: ServerMessage[] = [];
  #wake = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage | ServerMessage[];
      this.received.push(...[message].flat());
      this.#wake();
    });
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Waits until `isDone` holds of what came, then answers all of it and forgets it. */
  async until(isDone: (received: ServerMessage[]) => boolean): Promise<ServerMessage[]> {
    while (!isDone(this.received)) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.received.splice(0);
  }

  /** Everything up to the next message of a type, that one included. */
  upTo(type: ServerMessage['type']): Promise<ServerMessage[]> {
    return this.until((received) => received.at(-1)?.type === type);
  }

  /** Everything that was sent before an answer to `ping`. */
  async settled(): Promise<ServerMessage[]> {
    this.send({ type: 'ping' });
    return (await this.upTo('pong')).slice(0, -1);
  }
}

/** `announced 10.0.0.1/32@1 #3`: a message in one line. */
export function brief(message: ServerMessage): string {
  switch (message.type) {
    case 'route':
      return `${message.action} ${message.route.prefix}@${message.route.neighbor.id} #${message.seq}`;
    case 'verdict':
      return `verdict ${message.from}→${message.to} ${message.prefix}`;
    case 'session':
      return `session ${message.id} ${message.state}`;
    case 'gap':
      return `gap ${message.from}–${message.to} ${message.reason}`;
    case 'subscribed':
    case 'snapshot_end':
      return `${message.type} #${message.seq}`;
    case 'error':
      return `error ${message.code}`;
    default:
      return message.type;
  }
}

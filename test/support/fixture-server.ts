/**
 * The page's contract, served from made-up data (fixture-data.ts): REST, the live feed and the built page with the
 * same security headers as the product. Tests push through `control` what a cluster would do.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type {
  ClientMessage,
  Diagnosis,
  Explanation,
  L2Row,
  Page,
  PrefixCell,
  Problem,
  ServerMessage,
  SubscribeMessage,
  TimelineEntry,
  Verdict,
} from '../../src/api/schemas.ts';
import { changeOf, type Fixture, summaryOf } from './fixture-data.ts';
import { catalogOf, countsOf } from './fixture-diagnoses.ts';
import { capabilitiesOf, eventsOf, refOf } from './fixture-neighbors.ts';
import { advertisementView, explanation, lookUp, nodeView, poolView, serviceView } from './fixture-objects.ts';
import { makeTimeline } from './fixture-timeline.ts';

export interface FixtureServer {
  url: string;
  fixture: Fixture;
  /** Sends to every page; more than one go in one WebSocket message. Route changes go to subscriptions for routes only. */
  send: (...messages: ServerMessage[]) => void;
  /** Changes one verdict, and says so. */
  judge: (index: number, to: Verdict['verdict'], reasonText: string) => void;
  /** Announces route `index` again with this community. */
  announce: (index: number, community: string) => void;
  /** Cuts every live connection. */
  cut: () => void;
  /** What pages subscribed to, in order. */
  subscriptions: SubscribeMessage[];
  close: () => Promise<void>;
}

export interface FixtureServerOptions {
  fixture: Fixture;
  /** Folder of the built page; none: API only. */
  page?: string;
  /** A bearer token that is asked for. */
  token?: string;
  port?: number;
}

const contentSecurityPolicy =
  "default-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; frame-ancestors 'none'";

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export async function startFixtureServer({
  fixture,
  page,
  token,
  port = 0,
}: FixtureServerOptions): Promise<FixtureServer> {
  const subscriptions: SubscribeMessage[] = [];
  const clients = new Map<WebSocket, Map<string, SubscribeMessage>>();

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fixture');
    response.setHeader('content-security-policy', contentSecurityPolicy);
    if (!url.pathname.startsWith('/api/v1/')) return sendFile(response, page, url.pathname);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return sendProblem(response, 401, 'unauthorized', 'Send a token');
    const answer = answerTo(fixture, decodeURIComponent(url.pathname.slice('/api/v1'.length)), url.searchParams);
    if (answer === undefined) return sendProblem(response, 404, 'no-such-resource', url.pathname);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });

  const sockets = new WebSocketServer({
    server,
    path: '/api/v1/stream',
    handleProtocols: () => 'peerglass.v1',
    verifyClient: ({ req }: { req: IncomingMessage }) => mayStream(req, token),
  });
  sockets.on('connection', (socket) => {
    const own = new Map<string, SubscribeMessage>();
    clients.set(socket, own);
    socket.on('close', () => clients.delete(socket));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ClientMessage;
      if (message.type === 'unsubscribe') own.delete(message.id);
      if (message.type !== 'subscribe') return;
      own.set(message.id, message);
      subscriptions.push(message);
      socket.send(JSON.stringify({ type: 'subscribed', id: message.id, seq: fixture.seq } satisfies ServerMessage));
    });
  });

  const send = (...messages: ServerMessage[]) => {
    for (const [socket, own] of clients) {
      const wanted = [...own.values()];
      const fitting = messages.filter(
        (message) => message.type !== 'route' || wanted.some((subscription) => wants(subscription, message)),
      );
      if (fitting.length > 0) socket.send(JSON.stringify(fitting.length === 1 ? fitting[0] : fitting));
    }
  };

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');

  return {
    url: `http://127.0.0.1:${address.port}`,
    fixture,
    send,
    judge(index, to, reasonText) {
      const verdict = fixture.verdicts[index]!;
      const from = verdict.verdict;
      const since = changeOf(0, Date.now(), 'announced', fixture.routes[0]!).at;
      Object.assign(verdict, { verdict: to, reasonText, since });
      send({ type: 'verdict', from, to, ...verdict });
    },
    announce(index, community) {
      const route = fixture.routes[index]!;
      const change = changeOf(++fixture.seq, Date.now(), 'replaced', { ...route, communities: [community] });
      fixture.routes[index] = { ...route, communities: [community], seq: fixture.seq, lastChangedAt: change.at };
      send({ type: 'route', ...change });
    },
    cut: () => {
      for (const socket of clients.keys()) socket.terminate();
    },
    subscriptions,
    close: async () => {
      for (const socket of clients.keys()) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function mayStream(request: IncomingMessage, token: string | undefined): boolean {
  if (token === undefined) return true;
  return (request.headers['sec-websocket-protocol'] ?? '').includes(
    `bearer.${Buffer.from(token).toString('base64url')}`,
  );
}

function wants(
  { routes, filter = {} }: SubscribeMessage,
  { route }: Extract<ServerMessage, { type: 'route' }>,
): boolean {
  if (routes === false) return false;
  if (filter.prefix !== undefined && filter.match === 'exact' && filter.prefix !== route.prefix) return false;
  return (
    filter.node === undefined ||
    String(filter.node)
      .split(',')
      .includes(route.neighbor.node ?? '')
  );
}

/** The JSON for a path below /api/v1; undefined = there is no such thing. */
export function answerTo(fixture: Fixture, path: string, query: URLSearchParams): unknown {
  const meta = { generatedAt: fixture.status.startedAt, seq: fixture.seq, collector: 'rack-7' };
  const one = (data: unknown) => ({ data, meta });
  const [, resource, subject = '', detail = ''] = /^\/([a-z]+)\/?(.*?)(?:\/(capabilities|events))?$/.exec(path) ?? [];
  if (path === '/status')
    return one({
      ...fixture.status,
      diagnoses: countsOf(fixture.diagnoses),
      seq: fixture.seq,
      uptimeSeconds: (Date.now() - Date.parse(fixture.status.startedAt)) / 1000,
    });
  if (path === '/checks/summary') return one(summaryOf(fixture));
  if (path === '/neighbors') return paged(fixture.neighbors, query, meta);
  if (path === '/checks') return paged(fixture.verdicts.filter(checkFilter(query)), query, meta);
  if (path === '/routes') return routes(fixture, query, meta);
  if (path === '/changes') return paged(changes(fixture, query), query, meta);
  if (path === '/lookup') return one(lookUp(fixture, query.get('q') ?? ''));
  if (path === '/explain') return one(explained(fixture, query));
  if (path === '/expectations/overlay') return one(fixture.overlay);
  if (path === '/diagnoses/catalog') return one(catalogOf(fixture.diagnoses, fixture.status.startedAt));
  if (path === '/diagnoses') return faceted(fixture.diagnoses, query, meta, diagnosisFields);
  if (path === '/l2') return faceted(fixture.l2, query, meta, l2Fields);
  if (resource === 'timeline') return paged(timeline(fixture, subject, query), query, meta);
  const view = resource && objectViews[resource]?.(fixture, subject);
  if (view) return one(view);
  if (resource === 'prefixes') return prefix(fixture, subject, one);
  const neighbor = resource === 'neighbors' ? fixture.neighbors.find(({ id }) => String(id) === subject) : undefined;
  if (!neighbor) return undefined;
  if (detail === 'capabilities') return one(capabilitiesOf(neighbor));
  return detail === 'events' ? paged(eventsOf(fixture.now, neighbor), query, meta) : one(neighbor);
}

function paged<T>(rows: readonly T[], query: URLSearchParams, meta: Page<T>['meta']): Page<T> {
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('limit') ?? 250);
  return { data: rows.slice(start, end), meta, page: { nextCursor: end < rows.length ? String(end) : null } };
}

/** Whether the comma list `name` of the query has `value`, or is not there. */
const asks = (query: URLSearchParams, name: string, value: string | number | null | undefined) =>
  query.get(name)?.split(',').includes(String(value)) ?? true;

function checkFilter(query: URLSearchParams): (verdict: Verdict) => boolean {
  return ({ verdict, prefix, node, neighbor, bgpPeer, expected }) =>
    asks(query, 'verdict', verdict) &&
    asks(query, 'prefix', prefix) &&
    asks(query, 'node', node) &&
    asks(query, 'neighbor', neighbor) &&
    asks(query, 'bgpPeer', bgpPeer) &&
    asks(query, 'service', expected?.chain[0]?.service);
}

function routes(fixture: Fixture, query: URLSearchParams, meta: Page<unknown>['meta']): Page<unknown> {
  const wanted = query.get('prefix');
  const inPrefix = (prefix: string) => {
    if (wanted === null) return true;
    if (query.get('match') === 'longer') return prefix.startsWith(wanted.replace(/(\.0)*\/\d+$|::\/\d+$/, ''));
    return prefix.split('/')[0] === wanted.split('/')[0];
  };
  const found = fixture.routes.filter(
    (route) =>
      inPrefix(route.prefix) &&
      asks(query, 'verdict', route.verdict) &&
      asks(query, 'node', route.neighbor.node) &&
      asks(query, 'neighbor', route.neighbor.id) &&
      (!query.has('community') || route.communities.some((community) => asks(query, 'community', community))),
  );
  const answer = paged(found, query, meta);
  if (!query.has('facets')) return answer;
  return {
    ...answer,
    facets: {
      node: facet(found.map((route) => route.neighbor.node ?? '')),
      verdict: facet(found.map((route) => route.verdict ?? '')),
      community: facet(found.flatMap((route) => route.communities)),
    },
  };
}

const facet = (values: string[]) => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return {
    values: [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count),
    truncated: false,
  };
};

type Fields<Row> = Readonly<Record<string, (row: Row) => string | number | null | undefined>>;
const diagnosisFields: Fields<Diagnosis> = {
  code: ({ code }) => code,
  severity: ({ severity }) => severity,
  node: ({ node }) => node,
  neighbor: ({ neighbor }) => neighbor,
  prefix: ({ prefix }) => prefix,
  service: ({ service }) => service,
};
const l2Fields: Fields<L2Row> = {
  verdict: ({ verdict }) => verdict,
  node: ({ elected }) => elected?.node,
  service: ({ service }) => service,
  address: ({ address }) => address,
};

/** Rows that fit what the query asks of `fields`, with the facets that it asks for. */
function faceted<Row>(
  rows: readonly Row[],
  query: URLSearchParams,
  meta: Page<Row>['meta'],
  fields: Fields<Row>,
): Page<Row> {
  const found = rows.filter((row) => Object.entries(fields).every(([name, read]) => asks(query, name, read(row))));
  const names = query.get('facets')?.split(',') ?? [];
  const facets = names.map((name) => [name, facet(found.flatMap((row) => fields[name]?.(row) ?? []).map(String))]);
  return { ...paged(found, query, meta), ...(names.length > 0 && { facets: Object.fromEntries(facets) }) };
}

function timeline(fixture: Fixture, prefix: string, query: URLSearchParams): TimelineEntry[] {
  const since = query.get('since') ?? '';
  return makeTimeline(fixture, prefix).filter(({ kind, at }) => asks(query, 'kind', kind) && at >= since);
}

const objectViews: Readonly<Record<string, (fixture: Fixture, name: string) => unknown>> = {
  services: serviceView,
  nodes: nodeView,
  pools: poolView,
  advertisements: advertisementView,
};

function explained(fixture: Fixture, query: URLSearchParams): Explanation {
  const text = query.get('prefix') ?? '';
  const prefix = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  return explanation(prefix, cellsOf(fixture, prefix), query.get('node'), query.get('bgpPeer'));
}

function cellsOf({ verdicts, neighbors, routes }: Fixture, subject: string): PrefixCell[] {
  const own = routes.filter((route) => route.prefix === subject);
  return verdicts
    .filter((verdict) => verdict.prefix === subject)
    .map((verdict) => {
      const neighbor = neighbors.find(({ id }) => id === verdict.neighbor);
      const received = own.filter((route) => route.neighbor.id === verdict.neighbor);
      return {
        neighbor: neighbor ? refOf(neighbor) : null,
        node: verdict.node,
        bgpPeer: verdict.bgpPeer,
        received,
        expected: verdict.expected,
        verdict,
        ecmp: verdict.verdict === 'ok',
        says: verdict.says,
      };
    });
}

function prefix(fixture: Fixture, subject: string, one: (data: unknown) => unknown): unknown {
  const cells = cellsOf(fixture, subject);
  if (cells.length === 0) return undefined;
  const ecmp = cells
    .filter((cell) => cell.ecmp)
    .map(({ received: [route] }) => ({ neighbor: route!.neighbor.id, pathId: 0, nextHop: route!.nextHop }));
  return one({ prefix: subject, family: subject.includes(':') ? 6 : 4, cells, ecmp, covering: [], truncated: false });
}

function changes({ routes, now }: Fixture, query: URLSearchParams) {
  return routes
    .filter((route) => asks(query, 'prefix', route.prefix))
    .map((route, i) =>
      changeOf(route.seq - i, now - (i + 1) * 190_000, i % 3 === 2 ? 'withdrawn' : 'announced', route),
    );
}

async function sendFile(response: ServerResponse, folder: string | undefined, path: string): Promise<void> {
  const file = normalize(path === '/' ? '/index.html' : path);
  const bytes = folder === undefined ? undefined : await readFile(join(folder, file)).catch(() => undefined);
  if (!bytes) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': contentTypes[extname(file)] ?? 'application/octet-stream' }).end(bytes);
}

function sendProblem(response: ServerResponse, status: number, code: string, detail: string): void {
  const problem: Problem = { type: 'about:blank', title: code, status, code, detail };
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
}

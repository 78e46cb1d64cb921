/**
 * An API server for tests: HTTPS with its own CA, bearer tokens and client certificates, LIST with pages of one
 * snapshot, WATCH as a chunked stream with bookmarks, and every way in which those go wrong. It speaks the protocol
 * as the Kubernetes API concepts describe it and shares no code with what it tests.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { type Authority, createAuthority } from './certificates.ts';
import { type ApiObject, type ClusterEvent, FakeCluster, type Resource, resources } from './cluster.ts';

/** One request as it came. */
export interface Seen {
  path: string;
  query: Record<string, string>;
  watch: boolean;
  /** epoch ms */
  at: number;
}

/** What RBAC decides about. */
export interface Access {
  verb: 'list' | 'watch';
  group: string;
  plural: string;
  /** undefined: all of them. */
  namespace: string | undefined;
  /** The one object that a field selector asks for; undefined: all. */
  name: string | undefined;
}

/** An answer instead of the real one. */
export interface Fault {
  status: number;
  retryAfter?: number;
  message?: string;
}

interface Watcher {
  resource: Resource;
  namespace: string | undefined;
  name: string | undefined;
  bookmarks: boolean;
  response: ServerResponse;
}

const token = 'test-token-of-peerglass';

export class KubeApi {
  readonly cluster = new FakeCluster();
  readonly authority: Authority;
  /** All requests, oldest first. */
  readonly seen: Seen[] = [];
  /** Bearer tokens that are let in. */
  readonly tokens = new Set([token]);
  /** `ipaddresspools` = everywhere; `ipaddresspools@cluster` = over all namespaces. */
  readonly forbidden = new Set<string>();
  /** RBAC: what may be done beyond `forbidden`; undefined = everything. */
  allows: ((request: Access) => boolean) | undefined;
  /** Plural → answers to come, one per request. */
  readonly faults = new Map<string, Fault[]>();
  /** Milliseconds before a list is answered. */
  slow = 0;
  /** Most items of a page, whatever is asked for. */
  pageSize = Number.POSITIVE_INFINITY;
  /** Tells of versions that are too old in an ERROR event (as the watch cache does), not by status (as etcd does). */
  expiresInStream = true;
  /** Watches are let in and ended. */
  endsAtOnce = false;
  /** Octets go into watches one by one. */
  dribble = false;
  readonly #watchers = new Set<Watcher>();
  readonly #sockets = new Set<Duplex>();
  readonly #snapshots = new Map<string, { items: ApiObject[]; version: number }>();
  #server: Server | undefined;
  #port = 0;
  #frozen = false;

  private constructor() {
    this.authority = createAuthority();
    this.cluster.onEvent((resource, event) => this.#tell(resource, event));
  }

  static async start(objects: readonly ApiObject[] = []): Promise<KubeApi> {
    const api = new KubeApi();
    for (const object of objects) api.cluster.apply(object);
    await api.open();
    return api;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Open watches of a plural, or of all. */
  watching(plural?: string): number {
    return [...this.#watchers].filter(({ resource }) => plural === undefined || resource.plural === plural).length;
  }

  /** `Secret`, or `ConfigMap/bgpextras` for a watch of one object. */
  isWatched(what: string): boolean {
    const [kind, name] = what.split('/');
    return [...this.#watchers].some((watcher) => watcher.resource.kind === kind && watcher.name === name);
  }

  /** Listens, on the same port as before. */
  async open(): Promise<void> {
    const { cert, key } = this.authority.issue({ commonName: 'kube-apiserver', addresses: ['127.0.0.1'] });
    const server = createServer({ cert, key, ca: this.authority.cert, requestCert: true, rejectUnauthorized: false });
    server.on('request', (request, response) => void this.#answer(request, response).catch(() => response.destroy()));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Gone, connections and all. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#frozen = false;
    this.#watchers.clear();
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  /** Writes a kubeconfig with a token, or with whatever `user` says; answers its path. */
  kubeconfig(folder: string, user: Record<string, unknown> = { token }): string {
    const file = join(folder, 'kubeconfig');
    const ca = Buffer.from(this.authority.cert).toString('base64');
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: this.url, 'certificate-authority-data': ca } }],
      users: [{ name: 'peerglass', user }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'peerglass' } }],
      'current-context': 'test',
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  /** BOOKMARK to every watch that allows it. */
  bookmark(): void {
    const version = String(this.cluster.version);
    for (const { resource, bookmarks, response } of this.#watchers)
      if (bookmarks)
        this.#send(response, {
          type: 'BOOKMARK',
          object: { ...kindOf(resource), metadata: { resourceVersion: version } },
        });
  }

  /** An event that never was, to the watches of a plural: an ERROR, or something that is none. */
  say(plural: string, event: unknown): void {
    for (const { resource, response } of this.#watchers) if (resource.plural === plural) this.#send(response, event);
  }

  /** Raw text to the watches of a plural. */
  write(plural: string, text: string): void {
    for (const { resource, response } of this.#watchers) if (resource.plural === plural) response.write(text);
  }

  /** Ends watches as a server does at their timeout. */
  end(plural?: string): void {
    for (const watcher of this.#watchers) {
      if (plural !== undefined && watcher.resource.plural !== plural) continue;
      this.#watchers.delete(watcher);
      watcher.response.end();
    }
  }

  /** Cuts the connections of watches, in the middle of an event. */
  cut(plural?: string): void {
    for (const watcher of this.#watchers) {
      if (plural !== undefined && watcher.resource.plural !== plural) continue;
      this.#watchers.delete(watcher);
      watcher.response.write('{"type":"MODIFIED","object":{"metadata":{"na', () => watcher.response.socket?.destroy());
    }
  }

  /** Watches stay open and hear nothing more, as behind a firewall that lost its state. */
  freeze(): void {
    this.#frozen = true;
  }

  /** New watches hear things again; those that were frozen never do. */
  thaw(): void {
    this.#watchers.clear();
    this.#frozen = false;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const query = Object.fromEntries(url.searchParams);
    const watch = query['watch'] === 'true' || query['watch'] === '1';
    this.seen.push({ path: url.pathname, query, watch, at: Date.now() });
    const fail = (status: number, message: string, reason = '', retryAfter?: number) => {
      const details = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      });
      response.end(
        JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, details, code: status }),
      );
    };
    if (!this.#isKnown(request)) return fail(401, 'Unauthorized', 'Unauthorized');

    const name = nameIn(query);
    const [, group = '', version, namespace, plural] =
      /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+)(?=\/))?(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const served = resources.filter(
      (each) => each.group === group && each.version === version && !this.cluster.absent.has(each.plural),
    );
    if (plural === undefined) {
      if (served.length === 0) return fail(404, 'the server could not find the requested resource', 'NotFound');
      response.setHeader('content-type', 'application/json');
      return void response.end(
        JSON.stringify({
          kind: 'APIResourceList',
          groupVersion: version,
          resources: served.map(({ plural: name, kind, namespaced }) => ({ name, kind, namespaced })),
        }),
      );
    }
    // RBAC comes before routing: a kind that does not exist is forbidden as well
    const isForbidden =
      this.forbidden.has(plural) || (namespace === undefined && this.forbidden.has(`${plural}@cluster`));
    if (isForbidden || this.allows?.({ verb: watch ? 'watch' : 'list', group, plural, namespace, name }) === false) {
      const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
      return fail(
        403,
        `${plural}${group && `.${group}`} is forbidden: User "peerglass" cannot list resource "${plural}" in API group "${group}" ${where}`,
        'Forbidden',
      );
    }
    const resource = served.find((each) => each.plural === plural);
    if (!resource) return fail(404, 'the server could not find the requested resource', 'NotFound');
    const fault = this.faults.get(plural)?.shift();
    if (fault) return fail(fault.status, fault.message ?? `fault ${fault.status}`, '', fault.retryAfter);
    if (watch) return this.#watch(resource, namespace, query, response, fail);
    if (this.slow > 0) await delay(this.slow);
    this.#list(resource, namespace, query, response, fail);
  }

  #isKnown({ headers, socket }: IncomingMessage): boolean {
    if ((socket as TLSSocket).authorized) return true;
    return this.tokens.has(/^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1] ?? '');
  }

  #list(
    resource: Resource,
    namespace: string | undefined,
    query: Record<string, string>,
    response: ServerResponse,
    fail: (status: number, message: string, reason?: string) => void,
  ): void {
    const [id, at] = (query['continue'] ?? '').split(':');
    const snapshot = id
      ? this.#snapshots.get(id)
      : {
          items: this.cluster.list(resource, namespace).filter(isCalled(nameIn(query))),
          version: this.cluster.version,
        };
    if (!snapshot || this.cluster.isForgotten(snapshot.version)) {
      fail(410, 'The provided continue parameter is too old to display a consistent list result', 'Expired');
      return;
    }
    const start = Number(at ?? 0);
    const end =
      start + Math.min(Number(query['limit'] ?? Number.POSITIVE_INFINITY) || Number.POSITIVE_INFINITY, this.pageSize);
    const hasMore = end < snapshot.items.length;
    const key = id || `${resource.plural}-${this.seen.length}`;
    if (hasMore) this.#snapshots.set(key, snapshot);
    // kinds with Go types of their own do not repeat them in each item
    const items = snapshot.items.slice(start, end).map((item) => {
      if (resource.group.endsWith('metallb.io')) return item;
      const { apiVersion: _, kind: __, ...rest } = item;
      return rest;
    });
    const metadata = { resourceVersion: String(snapshot.version), ...(hasMore && { continue: `${key}:${end}` }) };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...kindOf(resource, 'List'), metadata, items: items.length > 0 ? items : null }));
  }

  #watch(
    resource: Resource,
    namespace: string | undefined,
    query: Record<string, string>,
    response: ServerResponse,
    fail: (status: number, message: string, reason?: string) => void,
  ): void {
    const version = Number(query['resourceVersion']);
    const isForgotten = this.cluster.isForgotten(version);
    const tooOld = `too old resource version: ${version}`;
    if (isForgotten && !this.expiresInStream) {
      fail(410, tooOld, 'Expired');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (isForgotten) {
      this.#send(response, {
        type: 'ERROR',
        object: { kind: 'Status', code: 410, reason: 'Expired', message: tooOld },
      });
      response.end();
      return;
    }
    if (this.endsAtOnce) {
      response.end();
      return;
    }
    const name = nameIn(query);
    const watcher = { resource, namespace, name, bookmarks: query['allowWatchBookmarks'] === 'true', response };
    for (const event of this.cluster.since(resource, version)) this.#event(watcher, event);
    this.#watchers.add(watcher);
    const timer = setTimeout(() => response.end(), Number(query['timeoutSeconds'] ?? 3600) * 1000);
    response.on('close', () => {
      clearTimeout(timer);
      this.#watchers.delete(watcher);
    });
  }

  #tell(resource: Resource, event: ClusterEvent): void {
    for (const watcher of this.#watchers) if (watcher.resource === resource) this.#event(watcher, event);
  }

  #event({ namespace, name, response }: Watcher, { type, object }: ClusterEvent): void {
    if (!isCalled(name)(object)) return;
    if (namespace === undefined || object.metadata.namespace === namespace) this.#send(response, { type, object });
  }

  #send(response: ServerResponse, event: unknown): void {
    if (this.#frozen) return;
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    if (this.dribble) for (const octet of line) response.write(Buffer.of(octet));
    else response.write(line);
  }
}

const kindOf = ({ group, version, kind }: Resource, suffix = ''): { apiVersion: string; kind: string } => ({
  apiVersion: group ? `${group}/${version}` : version,
  kind: kind + suffix,
});

const nameIn = (query: Record<string, string>): string | undefined =>
  /^metadata\.name=(.+)$/.exec(query['fieldSelector'] ?? '')?.[1];

const isCalled =
  (name: string | undefined) =>
  ({ metadata }: ApiObject): boolean =>
    name === undefined || metadata.name === name;

/**
 * Requests to one API server. @kubernetes/client-node provides the credentials (kubeconfig, in-cluster, certificates,
 * tokens, exec plugins). It is large, so the first request loads it. Its watch and informer are not used: they do not
 * page, do not notice dead connections, and drop truncated events.
 */
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { wholeBody } from './body.ts';
import { ApiFailure, failureOf } from './failure.ts';

// `import` would read every export of node:http, and one of them loads undici: 13 MiB
const { request: httpRequest } = process.getBuiltinModule('node:http');

/** The cluster and the credentials. */
export interface ClusterOptions {
  /** Run as a pod, with the ServiceAccount's token. */
  inCluster: boolean;
  /** null: $KUBECONFIG, or ~/.kube/config. */
  kubeconfig: string | null;
  /** null: the kubeconfig's current context. */
  context: string | null;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Maximum size of a response other than a list: a Status object, or the kinds of a group; octets. */
const maxSmallBytes = 1024 * 1024;
/** Idle time before TCP keep-alive probes, ms. */
const keepAliveAfter = 30_000;
/** Minimum time between two reads of the credentials after failures, ms. */
const rereadAfter = 1_000;

export class ApiClient {
  readonly #options: ClusterOptions;
  readonly #userAgent: string;
  readonly #answerWithin: number;
  /** Keeps connections open for the pages of a list; TLS options come with each request. */
  readonly #agent = new Agent({ keepAlive: true });
  #config: Promise<KubeConfig> | undefined;
  #readAt = 0;
  #authorising: Promise<unknown> = Promise.resolve();
  /** The pending request for credentials. */
  #asking: Promise<void> | undefined;

  /** `answerWithin`: maximum time from a request to the response headers, ms. */
  constructor(options: ClusterOptions, userAgent: string, answerWithin: number) {
    this.#options = options;
    this.#userAgent = userAgent;
    this.#answerWithin = answerWithin;
  }

  /**
   * GET. Resolves with a 200 response whose body is not read yet; `signal` aborts it. Rejects with ApiFailure for any
   * other status, and with an Error if no response comes in time.
   */
  async get(path: string, query: Query, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      const answer = await this.#send(path, query, signal);
      if (answer.statusCode === 200) return answer;
      throw failureOf(answer.statusCode ?? 0, await this.#small(answer), answer.headers);
    } catch (error) {
      // the token may have expired or the certificate been replaced: read the credentials again
      const mayBeUs = !(error instanceof ApiFailure) || error.status === 401;
      if (mayBeUs && performance.now() - this.#readAt > rereadAfter) this.#config = undefined;
      throw error;
    }
  }

  /** Names of the resources at the path of a group's version. Rejects like `get`. */
  async resources(path: string, signal: AbortSignal): Promise<string[]> {
    const body = await this.#small(await this.get(path, {}, signal));
    const { resources } = (body ?? {}) as { resources?: { name?: unknown }[] };
    if (!Array.isArray(resources)) throw new Error(`invalid response of ${path}: expected a list of resources`);
    return resources.map(({ name }) => String(name));
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(path: string, query: Query, signal: AbortSignal): Promise<IncomingMessage> {
    const { server, options } = await this.#authorised();
    const url = new URL(server + path);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const headers = { ...options.headers, accept: 'application/json', 'user-agent': this.#userAgent };
    return new Promise((resolve, reject) => {
      const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const request = send(url, { ...options, headers, signal });
      const late = () => request.destroy(new Error(`no response within ${this.#answerWithin / 1000} s`));
      const timer = setTimeout(late, this.#answerWithin);
      request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveAfter));
      request.on('close', () => clearTimeout(timer));
      request.on('error', reject);
      request.on('response', (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      request.end();
    });
  }

  /** Gets credentials for one request at a time, so that the next finds the exec plugin's result in the cache. */
  #authorised(): Promise<{ server: string; options: RequestOptions }> {
    const next = this.#authorising.then(async () => {
      this.#config ??= this.#read();
      const config = await this.#config;
      const cluster = config.getCurrentCluster();
      if (!cluster)
        throw new Error(`the kubeconfig has no cluster for its context "${config.getCurrentContext() ?? ''}"`);
      const options: RequestOptions = {};
      // wait for an exec plugin that hangs instead of starting another one
      if (this.#asking) await within(this.#asking, this.#answerWithin);
      this.#asking = config.applyToHTTPSOptions(options).finally(() => {
        this.#asking = undefined;
      });
      await within(this.#asking, this.#answerWithin);
      // a proxy needs the library's agent
      if (!cluster.proxyUrl && cluster.server.startsWith('https:')) options.agent = this.#agent;
      return { server: cluster.server, options };
    });
    this.#authorising = next.catch(() => {});
    return next;
  }

  async #read(): Promise<KubeConfig> {
    this.#readAt = performance.now();
    const library = await import('@kubernetes/client-node');
    const config = new library.KubeConfig();
    const { inCluster, kubeconfig, context } = this.#options;
    if (inCluster) {
      if (!process.env['KUBERNETES_SERVICE_HOST'])
        throw new Error(
          'not running in a pod: KUBERNETES_SERVICE_HOST is not set; use kubeconfig instead of inCluster',
        );
      config.loadFromCluster();
    } else if (kubeconfig !== null) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
    if (context !== null) {
      if (!config.getContextObject(context))
        throw new Error(
          `the kubeconfig has no context "${context}", only ${config
            .getContexts()
            .map(({ name }) => name)
            .join(', ')}`,
        );
      config.setCurrentContext(context);
    }
    if (config.getCurrentContext() === placeholder)
      throw new Error('no kubeconfig found at $KUBECONFIG or ~/.kube/config');
    return config;
  }

  /** The JSON of a small response; undefined if it is not JSON, such as a proxy's error page. */
  async #small(answer: IncomingMessage): Promise<unknown> {
    const body = await wholeBody(answer, this.#answerWithin, maxSmallBytes);
    try {
      return JSON.parse(body?.toString('utf8') ?? '');
    } catch {
      return undefined;
    }
  }
}

/** The library's name for the context that it makes up if it finds no kubeconfig. */
const placeholder = 'loaded-context';

/** @throws after `ms`: an exec plugin that prompts for input never returns. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no credentials within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

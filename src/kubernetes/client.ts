/**
 * Requests to one API server. Who we are there (kubeconfig, in-cluster, certificates, tokens, exec plugins) is
 * answered by @kubernetes/client-node, loaded with the first request: it is large. Its watch and informer are not
 * used, since they neither page nor notice dead connections, and drop events that were cut.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { wholeBody } from './body.ts';
import { ApiFailure, failureOf } from './failure.ts';

/** Which cluster, and as whom. */
export interface ClusterOptions {
  /** As a pod: by the service account's token. */
  inCluster: boolean;
  /** null: $KUBECONFIG, or ~/.kube/config. */
  kubeconfig: string | null;
  /** null: the kubeconfig's current context. */
  context: string | null;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Octets of an answer that is no list: a Status object, or the kinds of a group. */
const maxSmallBytes = 1024 * 1024;
/** When the kernel starts to ask whether the other end is still there, ms. */
const keepAliveAfter = 30_000;
/** Credentials are read anew after a failure, but not more often than this, ms. */
const rereadAfter = 1_000;

export class ApiClient {
  readonly #options: ClusterOptions;
  readonly #userAgent: string;
  readonly #answerWithin: number;
  /** Connections are kept for the pages of a list; TLS options come with each request. */
  readonly #agent = new Agent({ keepAlive: true });
  #config: Promise<KubeConfig> | undefined;
  #readAt = 0;
  #authorising: Promise<unknown> = Promise.resolve();
  /** Credentials that are still being asked for. */
  #asking: Promise<void> | undefined;

  /** `answerWithin`: from a request to the head of its answer, ms. */
  constructor(options: ClusterOptions, userAgent: string, answerWithin: number) {
    this.#options = options;
    this.#userAgent = userAgent;
    this.#answerWithin = answerWithin;
  }

  /**
   * GET; resolves with a 200 whose body is still to come, and which `signal` cuts off. Rejects with ApiFailure for
   * every other status, with an Error when there is no answer in time.
   */
  async get(path: string, query: Query, signal: AbortSignal): Promise<IncomingMessage> {
    try {
      const answer = await this.#send(path, query, signal);
      if (answer.statusCode === 200) return answer;
      throw failureOf(answer.statusCode ?? 0, await this.#small(answer), answer.headers);
    } catch (error) {
      // a token that has expired, a certificate that was replaced: what is on disk now may do better
      const mayBeUs = !(error instanceof ApiFailure) || error.status === 401;
      if (mayBeUs && performance.now() - this.#readAt > rereadAfter) this.#config = undefined;
      throw error;
    }
  }

  /** The names of the resources that the API server has at the path of a group's version. Rejects like `get`. */
  async resources(path: string, signal: AbortSignal): Promise<string[]> {
    const body = await this.#small(await this.get(path, {}, signal));
    const { resources } = (body ?? {}) as { resources?: { name?: unknown }[] };
    if (!Array.isArray(resources)) throw new Error(`${path} is no list of resources`);
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
      const late = () => request.destroy(new Error(`no answer within ${this.#answerWithin / 1000} s`));
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

  /** One after the other: the second one finds in the cache what an exec plugin told the first. */
  #authorised(): Promise<{ server: string; options: RequestOptions }> {
    const next = this.#authorising.then(async () => {
      this.#config ??= this.#read();
      const config = await this.#config;
      const cluster = config.getCurrentCluster();
      if (!cluster)
        throw new Error(`the kubeconfig has no cluster for its context "${config.getCurrentContext() ?? ''}"`);
      const options: RequestOptions = {};
      // an exec plugin that hangs is waited for, not started again and again
      if (this.#asking) await within(this.#asking, this.#answerWithin);
      this.#asking = config.applyToHTTPSOptions(options).finally(() => {
        this.#asking = undefined;
      });
      await within(this.#asking, this.#answerWithin);
      // behind a proxy the library's agent knows the way
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
        throw new Error('this is no pod: KUBERNETES_SERVICE_HOST is not set; name a kubeconfig instead of inCluster');
      config.loadFromCluster();
    } else if (kubeconfig !== null) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
    if (context !== null) {
      if (!config.getContextObject(context))
        throw new Error(
          `the kubeconfig has no context "${context}"; it has ${config
            .getContexts()
            .map(({ name }) => name)
            .join(', ')}`,
        );
      config.setCurrentContext(context);
    }
    if (config.getCurrentContext() === placeholder)
      throw new Error('there is no kubeconfig at $KUBECONFIG or ~/.kube/config');
    return config;
  }

  /** A small answer; undefined where it is no JSON: a proxy's page. */
  async #small(answer: IncomingMessage): Promise<unknown> {
    const body = await wholeBody(answer, this.#answerWithin, maxSmallBytes);
    try {
      return JSON.parse(body?.toString('utf8') ?? '');
    } catch {
      return undefined;
    }
  }
}

/** What the library calls the context that it makes up where it finds no kubeconfig. */
const placeholder = 'loaded-context';

/** @throws after `ms`: an exec plugin that asks a question waits for ever. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no credentials within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

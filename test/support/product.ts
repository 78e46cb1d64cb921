/** Peerglass as a user runs it: its own process, a configuration file, a data folder, REST and the live feed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Meta, Neighbor, Page, Route, Status, Summary, Verdict } from '../../src/api/schemas.ts';
import { type Child, type Exit, start } from './processes.ts';
import { StreamClient, type Subscription } from './product-stream.ts';
import { until } from './wait.ts';

const project = join(import.meta.dirname, '../..');
const defaultStartTimeout = 20_000;

/** peerglass.yaml; what is left out is what the product itself takes. */
export interface ProductConfig {
  bgp?: Record<string, unknown>;
  expect?: Record<string, unknown>;
  http?: { listen?: string; [key: string]: unknown };
  [key: string]: unknown;
}

export interface ProductOptions {
  config?: ProductConfig;
  /** File name → YAML; written to the folder that expect.manifests names. */
  manifests?: Record<string, string>;
  /** Words before the program's: a wrapper that limits or isolates it. */
  wrapper?: string[];
  /** Folder of the database, where it is not to be below the product's own. */
  data?: string;
  /** Milliseconds until a start is given up. */
  startTimeout?: number;
}

export type Query = Record<string, string | number | boolean>;

export class Product {
  /** Everything of this product: configuration, manifests, data. */
  readonly directory: string;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly database: string;
  readonly #wrapper: string[];
  readonly #fixed: ProductConfig;
  readonly #startTimeout: number;
  #child: Child | undefined;

  private constructor(directory: string, listen: string, data: string, options: ProductOptions) {
    this.directory = directory;
    this.url = `http://${listen}`;
    this.database = join(data, 'peerglass.db');
    const { wrapper = [], manifests, startTimeout = defaultStartTimeout } = options;
    this.#wrapper = wrapper;
    this.#startTimeout = startTimeout;
    this.#fixed = { data, http: { listen }, ...(manifests && { expect: { manifests: ['manifests'] } }) };
  }

  /** Writes the configuration, starts the product and waits until /readyz says so. */
  static async start(options: ProductOptions = {}): Promise<Product> {
    const { config = {}, manifests, data } = options;
    const directory = mkdtempSync(join(tmpdir(), 'peerglass-'));
    const listen = config.http?.listen ?? `127.0.0.1:${await freePort()}`;
    const product = new Product(directory, listen, data ?? join(directory, 'data'), options);
    if (manifests) {
      mkdirSync(join(directory, 'manifests'));
      for (const [name, text] of Object.entries(manifests)) product.manifest(name, text);
    }
    product.configure(config);
    try {
      await product.restart();
    } catch (error) {
      await product.remove();
      throw error;
    }
    return product;
  }

  /** Starts the process again, on the same data. */
  async restart(): Promise<void> {
    await this.#child?.stop();
    const program = [
      process.execPath,
      join(project, 'src/main.mjs'),
      'serve',
      '--config',
      join(this.directory, 'peerglass.yaml'),
    ];
    const child = start([...this.#wrapper, ...program], { cwd: this.directory });
    this.#child = child;
    let ended: Exit | undefined;
    void child.exited.then((exit) => {
      ended = exit;
    });
    const ready = async (): Promise<boolean> => ended !== undefined || (await fetch(`${this.url}/readyz`)).ok;
    await until('the product is ready', ready, { timeout: this.#startTimeout, context: () => child.log() });
    if (ended) throw new Error(`the product ended with ${ended.signal ?? ended.code}\n${child.log()}`);
  }

  /** Writes the configuration file anew; it is read at the next start, or on SIGHUP. */
  configure(config: ProductConfig): void {
    const { data, http, expect } = this.#fixed;
    const whole = { ...config, data, http: { ...config.http, ...http }, expect: { ...expect, ...config.expect } };
    // JSON is YAML
    writeFileSync(join(this.directory, 'peerglass.yaml'), JSON.stringify(whole, null, 2));
  }

  /** Writes one manifest file. */
  manifest(name: string, text: string): void {
    writeFileSync(join(this.directory, 'manifests', name), text);
  }

  get pid(): number {
    return this.#child!.pid;
  }

  log(): string {
    return this.#child?.log() ?? '';
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.signal(signal);
  }

  /** How the present process ends, whoever ends it. */
  exited(): Promise<Exit> {
    return this.#child!.exited;
  }

  /** kill -9. */
  async kill(): Promise<Exit> {
    return this.#child!.stop('SIGKILL');
  }

  /** SIGTERM; answers how it ended. */
  async stop(): Promise<Exit> {
    return this.#child!.stop();
  }

  /** Ends the process however it is, and removes its folder. */
  async remove(): Promise<void> {
    await this.#child?.stop('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The answer's body. @throws with the problem when it is not 2xx. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    const answer = await fetch(`${this.url}${path}?${parameters}`, { signal: AbortSignal.timeout(10_000) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`GET ${path}?${parameters}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }

  status = async (): Promise<Status> => (await this.get<{ data: Status; meta: Meta }>('/api/v1/status')).data;
  summary = async (): Promise<Summary> => (await this.get<{ data: Summary }>('/api/v1/checks/summary')).data;
  neighbors = (query: Query = {}): Promise<Neighbor[]> => this.#rows<Neighbor>('neighbors', query);
  routes = (query: Query = {}): Promise<Route[]> => this.#rows<Route>('routes', query);
  checks = (query: Query = {}): Promise<Verdict[]> => this.#rows<Verdict>('checks', query);

  /** Opens the live feed with one subscription, and waits until it is confirmed. */
  stream(subscription: Subscription = {}): Promise<StreamClient> {
    return StreamClient.open(`${this.url.replace('http', 'ws')}/api/v1/stream`, subscription);
  }

  async #rows<T>(resource: string, query: Query): Promise<T[]> {
    return (await this.get<Page<T>>(`/api/v1/${resource}`, { limit: 10_000, ...query })).data;
  }
}

/** A TCP port of 127.0.0.1 that nobody has. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

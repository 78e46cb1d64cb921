/** Everything that a scenario can act on, and what it has to say when something is wrong. */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit } from '../support/processes.ts';
import type { Product } from '../support/product.ts';
import { within } from '../support/wait.ts';
import type { Clients } from './clients.ts';
import type { Faults } from './faults.ts';
import { lostChanges } from './ledger.ts';
import type { Probe } from './probe.ts';
import type { Random } from './random.ts';
import type { Remote } from './rpc.ts';
import type { Speakers } from './speakers.ts';

/** How long the collector may take to end after SIGTERM, ms: what Kubernetes grants by default. */
const stopTimeout = 30_000;
const logLines = 15;

export interface Failure {
  scenario: string;
  /** Name of the invariant, or `scenario`. */
  check: string;
  /** The first time. */
  text: string;
  times: number;
}

export interface WorldParts {
  product: Product;
  data: string;
  faults: Faults;
  speakers: Remote<Speakers>;
  clients: Remote<Clients>;
  probe: Remote<Probe>;
}

export class World {
  readonly product: Product;
  readonly data: string;
  readonly faults: Faults;
  readonly speakers: Remote<Speakers>;
  readonly clients: Remote<Clients>;
  readonly probe: Remote<Probe>;
  readonly failures: Failure[] = [];
  random!: Random;
  /** The scenario that runs. */
  scenario = 'start';
  /** Status, method and path of answers that were seen, with how often. */
  readonly answers = new Map<string, number>();
  #isStopping = false;

  constructor(parts: WorldParts) {
    this.product = parts.product;
    this.data = parts.data;
    this.faults = parts.faults;
    this.speakers = parts.speakers;
    this.clients = parts.clients;
    this.probe = parts.probe;
  }

  /** Notes a failure; one of the same kind in the same scenario is counted. */
  readonly fail = (check: string, text: string): void => {
    const known = this.failures.find((failure) => failure.scenario === this.scenario && failure.check === check);
    if (known) {
      known.times++;
      return;
    }
    this.failures.push({ scenario: this.scenario, check, text, times: 1 });
    console.log(`  ✗ ${this.scenario}: ${check}: ${text}`);
  };

  /** Starts to watch the running process: its delays, and that it does not end. */
  async watch(): Promise<void> {
    this.#isStopping = false;
    void this.product.exited().then((exit) => this.#isStopping || this.#died(exit));
    await this.probe.watch(this.product.pid, this.product.url, this.data);
  }

  /** The process has ended by itself; the next `ensureRunning` starts it again. */
  hasDied = false;

  /** kill -9 or SIGTERM, then a start on the same data: nothing that was published may be missing. */
  async restart(signal: 'SIGKILL' | 'SIGTERM', downFor = 0): Promise<void> {
    await this.stop(signal);
    const { changes, highest } = await this.clients.ledger();
    await delay(downFor);
    await this.#start();
    for (const text of await lostChanges(this.product, changes, highest)) this.fail('published is durable', text);
    await this.speakers.settled();
    await this.speakers.blameless(false);
  }

  /** Ends the process; the sessions that this takes are no loss until `restart` or `ensureRunning`. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#isStopping = true;
    await this.probe.pause();
    await this.speakers.blameless(true);
    if (signal === 'SIGKILL') return void (await this.product.kill());
    this.product.signal('SIGTERM');
    try {
      const { code, signal: by } = await within('end after SIGTERM', stopTimeout, this.product.exited());
      if (code !== 0) this.fail('SIGTERM', `the collector ended with ${by ?? code}, not 0${this.logTail()}`);
    } catch (error) {
      this.fail('SIGTERM', `${(error as Error).message}${this.logTail()}`);
      await this.product.kill();
    }
  }

  /** After a crash: starts the collector, with an empty database when it does not start with the one it has. */
  async ensureRunning(): Promise<void> {
    if (!this.hasDied) return;
    this.hasDied = false;
    await this.speakers.blameless(true);
    this.faults.clear();
    try {
      await this.#start();
    } catch (error) {
      this.fail('restart after a crash', `${(error as Error).message.slice(0, 500)}${this.logTail()}`);
      this.#isStopping = true;
      await this.product.kill();
      rmSync(this.data, { recursive: true, force: true });
      await this.clients.forget();
      await this.#start();
    }
    await this.speakers.settled();
    await this.speakers.blameless(false);
  }

  async #start(): Promise<void> {
    await this.product.restart();
    await this.watch();
  }

  /** Holds the process for `ms`, as a hypervisor or a debugger does. Sessions may end when `blameless`. */
  async hold(ms: number, blameless: boolean): Promise<void> {
    await this.probe.pause();
    if (blameless) await this.speakers.blameless(true);
    process.kill(this.product.pid, 'SIGSTOP');
    await delay(ms);
    process.kill(this.product.pid, 'SIGCONT');
    if (blameless) {
      // what ended meanwhile is seen within a moment
      await delay(1_500);
      await this.speakers.settled();
      await this.speakers.blameless(false);
    }
    await this.probe.resume();
  }

  /** One request; its status is counted and answered with the body. */
  async request(method: string, path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
    const answer = await fetch(`${this.product.url}${path}`, {
      method,
      signal: AbortSignal.timeout(60_000),
      ...init,
    });
    const text = await answer.text();
    const seen = `${answer.status}`;
    this.answers.set(seen, (this.answers.get(seen) ?? 0) + 1);
    return { status: answer.status, text };
  }

  /** The last lines of the collector's log, to be added to a failure. */
  logTail(): string {
    return `\n${this.product
      .log()
      .trim()
      .split('\n')
      .slice(-logLines)
      .map((line) => `      ${line.slice(0, 400)}`)
      .join('\n')}`;
  }

  #died({ code, signal }: Exit): void {
    this.hasDied = true;
    void this.probe.pause();
    this.fail('the process lives', `the collector ended with ${signal ?? code}${this.logTail()}`);
  }
}

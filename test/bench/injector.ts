/** Compiles inject.c and runs it: the peers that send the load. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { peerAsn, type Scenario } from './scenarios.ts';

/** Lines that inject.c prints. `t`: epoch seconds. */
export type InjectorEvent =
  | { event: 'built'; peers: number; routes: number; bytes: number }
  | { event: 'established'; t: number }
  | { event: 'first'; t: number }
  | { event: 'sent'; t: number; seconds: number; bytes: number; closed: number }
  | { event: 'closed'; lost: number; updates_received: number };

/** The compiled injector's path, in `folder`. */
export function compileInjector(folder: string): string {
  const program = join(folder, 'inject');
  const sources = ['inject.c', 'inject-table.c'].map((name) => join(import.meta.dirname, name));
  execFileSync('cc', ['-O2', '-o', program, ...sources], { stdio: ['ignore', 'inherit', 'inherit'], timeout: 60_000 });
  return program;
}

function loadArguments({ peers, routes, mode, distinct }: Scenario): string[] {
  const options = ['--peers', String(peers), '--routes', String(routes), '--mode', mode];
  if (mode === 'metallb') options.push('--ibgp');
  if (distinct) options.push('--distinct');
  return options;
}

/** Writes the octets that the peers of `scenario` would send, one peer after the other, to `file`. */
export function dumpLoad(program: string, scenario: Scenario, file: string): void {
  execFileSync(program, ['--dump', file, '--as', String(peerAsn(scenario)), ...loadArguments(scenario)]);
}

/** A running injector and what it has said so far. */
export class Injector {
  readonly process: ChildProcess;
  readonly #said = new Map<string, InjectorEvent>();
  readonly #waiting = new Map<string, (event: InjectorEvent) => void>();
  #complaints = '';

  constructor(program: string, scenario: Scenario, port: number) {
    const options = ['--port', String(port), '--as', String(peerAsn(scenario)), ...loadArguments(scenario)];
    this.process = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface(this.process.stdout!).on('line', (line) => this.#heard(JSON.parse(line)));
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-2000);
    });
  }

  /** What it wrote to stderr, at most the last 2,000 characters. */
  get complaints(): string {
    return this.#complaints;
  }

  said<K extends InjectorEvent['event']>(name: K): Extract<InjectorEvent, { event: K }> | undefined {
    return this.#said.get(name) as Extract<InjectorEvent, { event: K }> | undefined;
  }

  /** The event `name`, as soon as it is there; rejects after `patience` ms or when the injector ended without it. */
  async heard<K extends InjectorEvent['event']>(
    name: K,
    patience: number,
  ): Promise<Extract<InjectorEvent, { event: K }>> {
    const { promise, resolve, reject } = Promise.withResolvers<InjectorEvent>();
    const known = this.said(name);
    if (known) return known;
    this.#waiting.set(name, resolve);
    const fail = (why: string) => reject(new Error(`injector: no "${name}" ${why} ${this.#complaints}`));
    const ended = () => fail('before it ended:');
    const timer = setTimeout(() => fail(`within ${patience / 1000} s:`), patience);
    this.process.once('exit', ended);
    try {
      return (await promise) as Extract<InjectorEvent, { event: K }>;
    } finally {
      clearTimeout(timer);
      this.process.off('exit', ended);
    }
  }

  #heard(event: InjectorEvent): void {
    this.#said.set(event.event, event);
    this.#waiting.get(event.event)?.(event);
  }
}

/**
 * Looks at the collector several times a second from a process of its own: how late its threads are, how long an answer
 * takes, its memory, and the size of its database.
 *
 * On a busy machine every thread is late. What the kernel made a thread wait for a processor although it could run
 * (/proc/PID/task/TID/schedstat, "run delay") is therefore subtracted from the lateness that the thread reports, and
 * the waits of the collector's main thread and of this process from the time an answer took. A measurement in which the
 * machine took more than `maxStolenShare` of the time is counted and not judged: work that piles up meanwhile makes the
 * rest late as well.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../../src/api/schemas.ts';
import { serve } from './rpc.ts';

const healthEveryMs = 250;
const statusEveryMs = 500;
const maxStolenShare = 0.4;
/** The window of a reported lateness: it is the worst of a second, and up to a second old. */
const windowMs = 2_500;
const answerTimeout = 30_000;

/** The worst since the last report; delays in ms without what the machine took, and in brackets as measured. */
export interface Report {
  healthMs: number;
  rawHealthMs: number;
  speakerMs: number;
  rawSpeakerMs: number;
  collectorMs: number;
  rawCollectorMs: number;
  /** Largest run delay of the collector's main thread within a window, ms. */
  stolenMs: number;
  /** Measurements, and those among them that the machine spoiled. */
  measured: number;
  spoiled: number;
  /** Resident memory without pages of files, octets: its peak, and now. */
  peakMemory: number;
  memory: number;
  /** Octets of the database's files: the worst. */
  databaseBytes: number;
  descriptors: number;
  failures: string[];
  /** Resident memory at each look, with its time in ms. */
  memorySamples: [number, number][];
}

interface Wait {
  at: number;
  /** Milliseconds that each thread has waited for a processor so far. */
  main: number;
  speaker: number;
  own: number;
}

export class Probe {
  #url = '';
  #data = '';
  #pid = 0;
  #speakerThread = 0;
  #isWatching = false;
  /** Counts pauses: an answer that was asked for before one is not judged. */
  #era = 0;
  #waits: Wait[] = [];
  #worst = emptyReport();
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 4 });

  constructor() {
    void this.#repeat(healthEveryMs, () => this.#health());
    void this.#repeat(statusEveryMs, () => this.#status());
  }

  /** Begins to watch a process that is ready. */
  watch(pid: number, url: string, data: string): void {
    this.#pid = pid;
    this.#url = url;
    this.#data = data;
    this.#speakerThread = threadNamed(pid, 'speaker');
    this.#waits = [];
    this.#era++;
    this.#isWatching = true;
  }

  /** The soak is about to stop or hold the process. */
  pause(): void {
    this.#era++;
    this.#isWatching = false;
  }

  resume(): void {
    this.#waits = [];
    this.#era++;
    this.#isWatching = true;
  }

  report(): Report {
    const report = this.#worst;
    const { memory, databaseBytes } = report;
    this.#worst = { ...emptyReport(), memory, databaseBytes };
    return report;
  }

  /** One question at a time: those that wait for one another would all be called late. */
  async #repeat(everyMs: number, ask: () => Promise<void>): Promise<void> {
    for (;;) {
      await delay(everyMs);
      if (this.#isWatching) await this.#look(ask);
    }
  }

  async #look(at: () => Promise<void>): Promise<void> {
    const era = this.#era;
    try {
      await at();
    } catch (error) {
      if (era === this.#era && this.#worst.failures.length < 20) this.#worst.failures.push((error as Error).message);
    }
  }

  async #health(): Promise<void> {
    const era = this.#era;
    const before = this.#wait();
    const started = performance.now();
    await this.#get('/healthz');
    const took = performance.now() - started;
    if (era !== this.#era) return;
    const after = this.#wait();
    const worst = this.#worst;
    worst.rawHealthMs = Math.max(worst.rawHealthMs, took);
    const stolen = after.main - before.main + after.own - before.own;
    if (this.#isFair(stolen, took)) worst.healthMs = Math.max(worst.healthMs, took - stolen);
  }

  async #status(): Promise<void> {
    const era = this.#era;
    const { threads } = (JSON.parse(await this.#get('/api/v1/status')) as { data: Status }).data;
    if (era !== this.#era) return;
    const now = this.#wait();
    this.#waits.push(now);
    while (this.#waits[0]!.at < now.at - windowMs) this.#waits.shift();
    const first = this.#waits[0]!;
    const worst = this.#worst;
    const stolen = { main: now.main - first.main, speaker: now.speaker - first.speaker };
    const { collector, speaker } = threads;
    // the first looks after a pause see what was before it
    if (now.at - first.at > windowMs / 2) {
      worst.rawCollectorMs = Math.max(worst.rawCollectorMs, collector.loopDelayMs);
      worst.rawSpeakerMs = Math.max(worst.rawSpeakerMs, speaker.loopDelayMs);
      if (this.#isFair(stolen.main, now.at - first.at))
        worst.collectorMs = Math.max(worst.collectorMs, collector.loopDelayMs - stolen.main);
      if (this.#isFair(stolen.speaker, now.at - first.at))
        worst.speakerMs = Math.max(worst.speakerMs, speaker.loopDelayMs - stolen.speaker);
    }
    worst.stolenMs = Math.max(worst.stolenMs, stolen.main);
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    // pages of files count against no limit: the kernel drops them when memory is short
    const memory = kibibytes(status, 'RssAnon') + kibibytes(status, 'RssShmem');
    worst.memory = memory;
    worst.peakMemory = Math.max(worst.peakMemory, memory);
    worst.memorySamples.push([performance.now(), memory]);
    worst.databaseBytes = Math.max(worst.databaseBytes, folderBytes(this.#data));
    worst.descriptors = Math.max(worst.descriptors, readdirSync(`/proc/${this.#pid}/fd`).length);
  }

  /** Whether a measurement can be judged: the machine left enough of the time. */
  #isFair(stolenMs: number, ms: number): boolean {
    this.#worst.measured++;
    const isFair = stolenMs <= ms * maxStolenShare;
    if (!isFair) this.#worst.spoiled++;
    return isFair;
  }

  #wait(): Wait {
    return {
      at: performance.now(),
      main: runDelay(this.#pid, this.#pid),
      speaker: runDelay(this.#pid, this.#speakerThread),
      own: runDelay(process.pid, process.pid),
    };
  }

  #get(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = http.get(`${this.#url}${path}`, { agent: this.#agent, timeout: answerTimeout }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece) => {
          text += piece;
        });
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(text)
            : reject(new Error(`GET ${path}: ${response.statusCode} ${text}`)),
        );
      });
      request.on('timeout', () => request.destroy(new Error(`GET ${path}: no answer for ${answerTimeout / 1_000} s`)));
      request.on('error', (error) =>
        // a connection that was kept may have ended just now
        request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
          ? resolve(this.#get(path))
          : reject(new Error(`GET ${path}: ${error.message}`)),
      );
    });
  }
}

function emptyReport(): Report {
  const nothing = { healthMs: 0, rawHealthMs: 0, speakerMs: 0, rawSpeakerMs: 0, collectorMs: 0, rawCollectorMs: 0 };
  const sizes = { measured: 0, spoiled: 0, stolenMs: 0, peakMemory: 0, memory: 0, databaseBytes: 0, descriptors: 0 };
  return { ...nothing, ...sizes, failures: [], memorySamples: [] };
}

const kibibytes = (status: string, name: string): number =>
  1_024 * Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);

/** Milliseconds for which a thread could run and got no processor; 0 where the kernel does not count it. */
function runDelay(pid: number, thread: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

function threadNamed(pid: number, name: string): number {
  const isSo = (id: string): boolean => readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim() === name;
  return Number(readdirSync(`/proc/${pid}/task`).find(isSo) ?? 0);
}

function folderBytes(folder: string): number {
  let sum = 0;
  for (const name of readdirSync(folder)) sum += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return sum;
}

serve(new Probe());

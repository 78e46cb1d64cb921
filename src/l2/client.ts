/**
 * The collector's side of the layer-2 thread: starts it, restarts it after it died, repeats the last command, and
 * stops it.
 */
import { Worker } from 'node:worker_threads';
import { libc } from '../libc.ts';
import { L2Listener } from './listener.ts';
import type { WatchCommand, WatchMessage } from './messages.ts';

/** Pause before a dead thread is restarted, ms. Doubles up to the maximum with each death. */
const minRestartMs = 1_000;
const maxRestartMs = 60_000;
/** Time for a thread that has closed everything to exit before it is terminated, ms. */
const exitTimeoutMs = 1_000;

/** The thread holds packets only briefly. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

export interface L2ClientOptions {
  onMessage: (message: WatchMessage) => void;
  /** Run in the calling thread. */
  singleThread?: boolean;
  /** Entry point of the thread; default: thread.ts. */
  thread?: URL;
}

export interface L2Client {
  post(command: WatchCommand): void;
  stop(): Promise<void>;
}

export function startL2({
  onMessage,
  singleThread = false,
  thread = new URL('./thread.ts', import.meta.url),
}: L2ClientOptions): L2Client {
  return singleThread ? inProcess(onMessage) : new Client(onMessage, thread);
}

function inProcess(onMessage: (message: WatchMessage) => void): L2Client {
  // asynchronously, as from a thread: never before the caller has the result
  const listener = new L2Listener(libc, (message) => setImmediate(onMessage, message));
  return {
    post: (command) => listener.command(command),
    stop: async () => listener.command({ kind: 'stop' }),
  };
}

class Client implements L2Client {
  readonly #onMessage: (message: WatchMessage) => void;
  readonly #thread: URL;
  #worker: Worker;
  #last: WatchCommand | undefined;
  #restartMs = minRestartMs;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(onMessage: (message: WatchMessage) => void, thread: URL) {
    this.#onMessage = onMessage;
    this.#thread = thread;
    this.#worker = this.#start();
  }

  post(command: WatchCommand): void {
    this.#last = command;
    this.#worker.postMessage(command);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (worker.threadId === -1) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage({ kind: 'stop' } satisfies WatchCommand);
    const timer = setTimeout(() => void worker.terminate(), exitTimeoutMs);
    await ended;
    clearTimeout(timer);
  }

  #start(): Worker {
    const worker = new Worker(this.#thread, { name: 'l2', resourceLimits });
    worker.on('message', this.#onMessage);
    // `exit` follows with the same result
    worker.on('error', (error) => this.#died(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#died(`exit code ${code}`));
    return worker;
  }

  #died(text: string): void {
    if (this.#isStopping || this.#timer) return;
    this.#onMessage({ kind: 'failed', text: `layer-2 thread died: ${text}` });
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#worker = this.#start();
      if (this.#last) this.#worker.postMessage(this.#last);
    }, this.#restartMs);
    this.#restartMs = Math.min(maxRestartMs, this.#restartMs * 2);
  }
}

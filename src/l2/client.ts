/**
 * The collector's side of the thread that watches layer 2: starts it, tells it again what to watch when it had to be
 * started again, and ends it.
 */
import { Worker } from 'node:worker_threads';
import { libc } from '../libc.ts';
import { L2Listener } from './listener.ts';
import type { WatchCommand, WatchMessage } from './messages.ts';

/** Pause before a dead thread is started again, ms; doubled up to the longest for each death. */
const firstRestartMs = 1_000;
const longestRestartMs = 60_000;
/** How long a thread that has closed everything may take to end by itself, ms. */
const endWithinMs = 1_000;

/** Heap of the thread: it holds packets for a moment. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

export interface L2ClientOptions {
  onMessage: (message: WatchMessage) => void;
  /** Run in this thread. */
  singleThread?: boolean;
  /** The file that runs as the thread. */
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
  // as from a thread: never before whoever starts it has what it returns
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
  #restartMs = firstRestartMs;
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
    const timer = setTimeout(() => void worker.terminate(), endWithinMs);
    await ended;
    clearTimeout(timer);
  }

  #start(): Worker {
    const worker = new Worker(this.#thread, { name: 'l2', resourceLimits });
    worker.on('message', this.#onMessage);
    // `exit` follows, and says the same
    worker.on('error', (error) => this.#died(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#died(`exit code ${code}`));
    return worker;
  }

  #died(text: string): void {
    if (this.#isStopping || this.#timer) return;
    this.#onMessage({ kind: 'failed', text: `the thread that watches layer 2 ended: ${text}` });
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#worker = this.#start();
      if (this.#last) this.#worker.postMessage(this.#last);
    }, this.#restartMs);
    this.#restartMs = Math.min(longestRestartMs, this.#restartMs * 2);
  }
}

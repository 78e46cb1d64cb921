/**
 * The collector's side of the speaker. Starts it in its own thread or in process, and restarts it when the thread
 * dies. Reports the sessions lost with the thread as down, in a normal batch.
 */
import { Worker } from 'node:worker_threads';
import {
  BatchWriter,
  type SessionEvent,
  type SpeakerCommand,
  type SpeakerConfig,
  type SpeakerMessage,
} from '../events.ts';
import { type Clock, systemClock } from './clock.ts';
import type { SessionRecord } from './outbox.ts';
import { Speaker, stopTimeoutMs } from './speaker.ts';
import type { ThreadMessage } from './thread.ts';

/** Pause before a dead thread is restarted, ms. Doubles up to the maximum while the thread dies soon after starts. */
const minRestartMs = 100;
const maxRestartMs = 10_000;
/** Time for a thread that has closed everything to exit before it is terminated, ms. */
const exitTimeoutMs = 1_000;
/** A thread that ran this long did not fail to start, ms. */
const healthyAfterMs = 60_000;

/** The thread holds octets, not objects. A small young generation costs no speed and saves 30 MB. */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 12 };

export interface SpeakerClientOptions {
  config: SpeakerConfig;
  onMessage: (message: SpeakerMessage) => void;
  /** Run in the calling thread (tests, `--single-thread`). */
  singleThread?: boolean;
  /** Entry point of the thread; default: thread.ts. */
  thread?: URL;
  clock?: Clock;
}

export interface SpeakerClient {
  post(command: SpeakerCommand): void;
  /** Sends Cease / Administrative Shutdown with `text` (RFC 9003) to all neighbors; resolves when all is closed. */
  stop(text?: string): Promise<void>;
}

/** A running speaker, in a thread or in process. */
interface Running {
  post(command: SpeakerCommand): void;
  /** Resolves when the speaker has exited after `stopped` or `failed`; terminates a thread that does not exit. */
  ended(): Promise<void>;
}

/** Starts the speaker. A message reports that the listeners are open, or why not. */
export function startSpeaker(options: SpeakerClientOptions): SpeakerClient {
  return new Client(options);
}

class Client implements SpeakerClient {
  readonly #onMessage: (message: SpeakerMessage) => void;
  readonly #singleThread: boolean;
  readonly #thread: URL;
  readonly #clock: Clock;
  #config: SpeakerConfig;
  #running: Running | undefined;
  #startedAt = 0;
  #restartMs = minRestartMs;
  #restarted = false;
  /** Sessions reported to the collector and not down, with the last event reported. */
  readonly #open = new Map<number, Extract<SessionEvent, { kind: 'state' | 'established' }>>();
  /** Batches delivered to the collector and not yet acknowledged. */
  #outstanding = 0;
  /** The oldest of them, from a thread that has died. */
  #orphaned = 0;
  #stopped: (() => void) | undefined;
  #cancelRestart: () => void = () => {};

  constructor(options: SpeakerClientOptions) {
    const { config, onMessage, singleThread = false, clock = systemClock() } = options;
    this.#config = config;
    this.#onMessage = onMessage;
    this.#singleThread = singleThread;
    this.#thread = options.thread ?? new URL('./thread.ts', import.meta.url);
    this.#clock = clock;
    this.#start();
  }

  post(command: SpeakerCommand): void {
    if (command.kind === 'configure') this.#config = { ...this.#config, neighbors: command.neighbors };
    if (command.kind === 'ack') this.#acknowledge(command.batches);
    else this.#running?.post(command);
  }

  /** Forwards acknowledgements of the current thread's batches, not of a dead thread's batches or our own. */
  #acknowledge(batches: number): void {
    const orphaned = Math.min(this.#orphaned, batches);
    this.#orphaned -= orphaned;
    this.#outstanding -= batches;
    if (batches > orphaned) this.#running?.post({ kind: 'ack', batches: batches - orphaned });
  }

  async stop(text = ''): Promise<void> {
    this.#cancelRestart();
    const running = this.#running;
    if (!running) return;
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    running.post({ kind: 'stop', text });
    // the thread limits the time of its own stop; this covers a thread that hangs
    const forget = this.#clock.after(2 * stopTimeoutMs, () => this.#stopped?.());
    await stopped;
    forget();
    this.#running = undefined;
    await running.ended();
  }

  #start(): void {
    this.#startedAt = this.#clock.now();
    this.#running = this.#singleThread ? this.#inProcess() : this.#inThread();
  }

  #inThread(): Running {
    const worker = new Worker(this.#thread, { workerData: this.#config, name: 'speaker', resourceLimits });
    const ended = (text: string): void => {
      if (this.#running !== running) return;
      if (this.#stopped) this.#stopped();
      else this.#died(text);
    };
    worker.on('message', ({ message, events }: ThreadMessage) => this.#take(message, events));
    worker.on('error', (error) => ended(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => ended(`exit code ${code}`));
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const running: Running = {
      post: (command) => worker.postMessage(command),
      ended: async () => {
        const forget = this.#clock.after(exitTimeoutMs, () => void worker.terminate());
        await exited;
        forget();
      },
    };
    return running;
  }

  #inProcess(): Running {
    const starting = Speaker.start({
      config: this.#config,
      post: (message, events) => this.#take(message, events),
      clock: this.#clock,
    }).catch((error: Error) => this.#take({ kind: 'failed', text: error.message, restarting: false }, []));
    return {
      post: (command) => void starting.then((speaker) => speaker?.command(command)),
      ended: async () => void (await starting),
    };
  }

  #take(message: SpeakerMessage, events: SessionRecord[]): void {
    for (const { session, event } of events) {
      if (event.kind === 'down' || (event.kind === 'state' && event.to === 'idle')) this.#open.delete(session);
      else if (event.kind === 'state' || event.kind === 'established') this.#open.set(session, event);
      this.#config = { ...this.#config, firstSession: Math.max(this.#config.firstSession, session + 1) };
    }
    if (message.kind === 'batch') this.#outstanding++;
    // a restarted thread listens on the same ports, even if the first one was given port 0
    if (message.kind === 'listening' && message.skipped.length === 0)
      this.#config = { ...this.#config, listen: message.addresses };
    if (message.kind === 'failed') this.#failed(message.text);
    else this.#onMessage(message);
    if (message.kind === 'stopped') this.#stopped?.();
  }

  /** The listeners could not be opened. The first start fails for good; a restart is retried. */
  #failed(text: string): void {
    const running = this.#running;
    this.#running = undefined;
    void running?.ended();
    this.#onMessage({ kind: 'failed', text, restarting: this.#restarted });
    if (this.#restarted) this.#restart();
    this.#stopped?.();
  }

  /** The thread died with its sockets: the neighbors see closed connections. */
  #died(text: string): void {
    this.#running = undefined;
    if (this.#clock.now() - this.#startedAt > healthyAfterMs) this.#restartMs = minRestartMs;
    this.#orphaned = this.#outstanding;
    this.#onMessage({ kind: 'failed', text: `speaker thread died: ${text}`, restarting: true });
    this.#reportDown();
    this.#restart();
  }

  #restart(): void {
    this.#restarted = true;
    this.#cancelRestart = this.#clock.after(this.#restartMs, () => this.#start());
    this.#restartMs = Math.min(maxRestartMs, this.#restartMs * 2);
  }

  /** Reports `down` for every session that the collector takes to be open. */
  #reportDown(): void {
    if (this.#open.size === 0) return;
    const writer = new BatchWriter();
    for (const [session, last] of this.#open) {
      writer.appendEvent(session, this.#clock.now(), {
        endpoints: last.endpoints,
        kind: 'down',
        from: last.kind === 'established' ? 'established' : last.to,
        ...(last.kind === 'established' ? { asn: last.received.asn } : last.asn !== undefined && { asn: last.asn }),
        reason: {
          direction: 'local',
          code: 'speaker-restarted',
          text: 'the speaker thread of Peerglass died and is restarting',
        },
        // not the neighbor's fault: keep its routes until it is back, as after a restart of Peerglass
        retainRoutes: 'all',
      });
    }
    this.#open.clear();
    this.#outstanding++;
    this.#orphaned++;
    this.#onMessage({ kind: 'batch', batch: writer.take() });
  }
}

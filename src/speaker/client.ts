/**
 * The collector's side of the speaker: starts it in a thread of its own or in process, and starts it again when the
 * thread dies. Sessions that died with it are reported as down, in a batch like any other.
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
import { Speaker, stopWithinMs } from './speaker.ts';
import type { ThreadMessage } from './thread.ts';

/** Pause before a dead thread is started again, ms; doubled up to the longest for each death soon after a start. */
const firstRestartMs = 100;
const longestRestartMs = 10_000;
/** How long a thread that has closed everything may take to end by itself, ms. */
const endWithinMs = 1_000;
/** A thread that lived this long did not die of its start, ms. */
const healthyAfterMs = 60_000;

/** Heap of the thread: it holds octets, not objects. A small young generation costs nothing and saves 30 MB. */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 12 };

export interface SpeakerClientOptions {
  config: SpeakerConfig;
  onMessage: (message: SpeakerMessage) => void;
  /** Run in this thread (tests, `--single-thread`). */
  singleThread?: boolean;
  /** The file that runs as the thread. */
  thread?: URL;
  clock?: Clock;
}

export interface SpeakerClient {
  post(command: SpeakerCommand): void;
  /** Cease/Administrative Shutdown with `text` (RFC 9003) to all neighbors; resolves when all is closed, within seconds. */
  stop(text?: string): Promise<void>;
}

/** What either form of a running speaker offers. */
interface Running {
  post(command: SpeakerCommand): void;
  /** Resolves when it is gone, which is soon after it said `stopped` or `failed`; made to where it is not. */
  ended(): Promise<void>;
}

/** Starts the speaker. That listeners are open, or why not, arrives as a message. */
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
  #restartMs = firstRestartMs;
  /** Is this not the first thread? */
  #restarted = false;
  /** Sessions that the collector was told of and that are not down, with the last that it heard. */
  readonly #open = new Map<number, Extract<SessionEvent, { kind: 'state' | 'established' }>>();
  /** Batches given to the collector and not acknowledged. */
  #outstanding = 0;
  /** The oldest so many of them are from a thread that is no more. */
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

  /** Passes on what the present thread sent; batches of one that is no more, and our own, end here. */
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
    // the thread bounds its own stop; this bounds a thread that does not answer any more
    const forget = this.#clock.after(2 * stopWithinMs, () => this.#stopped?.());
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
        const forget = this.#clock.after(endWithinMs, () => void worker.terminate());
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
    // a thread that is started again is to be found where the first one was, port 0 or not
    if (message.kind === 'listening' && message.skipped.length === 0)
      this.#config = { ...this.#config, listen: message.addresses };
    if (message.kind === 'failed') this.#failed(message.text);
    else this.#onMessage(message);
    if (message.kind === 'stopped') this.#stopped?.();
  }

  /** The listeners could not be opened: for good at the first start, to be tried again after a death. */
  #failed(text: string): void {
    const running = this.#running;
    this.#running = undefined;
    void running?.ended();
    this.#onMessage({ kind: 'failed', text, restarting: this.#restarted });
    if (this.#restarted) this.#restart();
    this.#stopped?.();
  }

  /** The thread is gone, and with it its sockets: the neighbors see a connection that closed. */
  #died(text: string): void {
    this.#running = undefined;
    if (this.#clock.now() - this.#startedAt > healthyAfterMs) this.#restartMs = firstRestartMs;
    this.#orphaned = this.#outstanding;
    this.#onMessage({ kind: 'failed', text: `the speaker's thread ended: ${text}`, restarting: true });
    this.#reportDown();
    this.#restart();
  }

  #restart(): void {
    this.#restarted = true;
    this.#cancelRestart = this.#clock.after(this.#restartMs, () => this.#start());
    this.#restartMs = Math.min(longestRestartMs, this.#restartMs * 2);
  }

  /** `down` for every session that the collector believes to be there. */
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
          text: 'our own speaker ended unexpectedly and starts again',
        },
        // not the neighbor's doing: as after a restart of the whole collector, its routes stay until it is back
        retainRoutes: 'all',
      });
    }
    this.#open.clear();
    this.#outstanding++;
    this.#orphaned++;
    this.#onMessage({ kind: 'batch', batch: writer.take() });
  }
}

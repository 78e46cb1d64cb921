/**
 * One TCP connection of a neighbor: octets → messages → state machine → actions. session/ and wire/ implement RFC 4271.
 * This file has the socket, the timers and the fast path of a clean UPDATE.
 */
import type { Socket } from 'node:net';
import type { SessionEndpoints, SpeakerConfig, WireEvent } from '../events.ts';
import {
  type Action,
  type Delivered,
  type Event,
  initialState,
  type State,
  step,
  type TimerName,
} from '../session/fsm.ts';
import { updateContext } from '../session/negotiate.ts';
import { isCleanUpdate } from '../wire/check.ts';
import type { UpdateContext } from '../wire/context.ts';
import { SessionError } from '../wire/errors.ts';
import { Framer } from '../wire/framer.ts';
import { afiOf, MessageType, Safi, Subcode } from '../wire/iana.ts';
import { decodeMessage, encodeMessage } from '../wire/message.ts';
import { treatUpdate } from '../wire/update.ts';
import type { Clock } from './clock.ts';
import { farewell } from './farewell.ts';
import type { ConfiguredNeighbor } from './neighbors.ts';
import type { BatchOutbox } from './outbox.ts';
import { Timer } from './timer.ts';

/** Time for a neighbor to send its whole OPEN, seconds. RFC 4271's 240 s would help slow-loris attacks. */
export const maxOpenSeconds = 30;
/** After a read this large more is waiting, so other sockets get a turn first. libuv reads up to 64 KiB at a time. */
const turnBytes = 60 * 1024;
/** RFC 4271 §10: jitter shortens a timer by up to a quarter. */
const jitter = 0.25;

/** Why reading is paused: the collector's disk is behind, or the neighbor does not read what we send. */
export type HoldReason = 'collector' | 'neighbor';

export interface ConnectionOptions {
  /** Paused. */
  socket: Socket;
  session: number;
  endpoints: SessionEndpoints;
  neighbor: ConfiguredNeighbor;
  config: SpeakerConfig;
  clock: Clock;
  outbox: BatchOutbox;
  /** Report nothing before a valid OPEN: this address fails repeatedly. */
  quiet: boolean;
  /** Called on a valid OPEN, with the remote AS. */
  identified: (asn: number) => void;
  /**
   * Called when the session ends. `failed`: it was never established, or we ended it. `known`: it had a valid OPEN.
   * Returns how many ends before this one were not reported; undefined: do not report this one either.
   */
  ended: (failed: boolean, known: boolean) => number | undefined;
}

export class Connection {
  readonly endpoints: SessionEndpoints;
  readonly neighbor: ConfiguredNeighbor;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #framer = new Framer();
  readonly #timers: Record<TimerName, Timer>;
  #state: State;
  /** A valid OPEN was received. */
  #known = false;
  /** How to read UPDATEs; set while established. */
  #context: UpdateContext | undefined;
  /** Why reading is paused. The hold timer is paused too: we stopped reading, the neighbor did not stop sending. */
  readonly #holds = new Set<HoldReason>();
  /** Period of the hold timer when reading resumes, ms. */
  #holdMs = 0;
  /** When the current chunk and the last UPDATE arrived, epoch ms. */
  #at = 0;
  #updatedAt = 0;

  constructor(options: ConnectionOptions) {
    const { socket, endpoints, neighbor, config, clock } = options;
    this.#options = options;
    this.#socket = socket;
    this.endpoints = endpoints;
    this.neighbor = neighbor;
    this.#timers = {
      hold: new Timer(clock, () => this.#holdExpired()),
      keepalive: new Timer(clock, () => this.#step({ kind: 'expired', timer: 'keepalive' })),
      'send-hold': new Timer(clock, () => this.#step({ kind: 'expired', timer: 'send-hold' })),
    };
    this.#state = initialState({
      localAsn: neighbor.localAsn ?? config.asn,
      remoteAsn: neighbor.configs.map(({ asn }) => asn),
      routerId: config.routerId,
      holdTime: config.holdTime,
      hostname: config.hostname,
      softwareVersion: config.softwareVersion,
    });
  }

  /** Remote AS; undefined before a valid OPEN. */
  get asn(): number | undefined {
    return this.#state.name === 'open-confirm' || this.#state.name === 'established'
      ? this.#state.received.asn
      : undefined;
  }

  get established(): boolean {
    return this.#state.name === 'established';
  }

  /** Sends our OPEN and starts to read; if the collector is `behind`, reading starts when it has caught up. */
  start(behind: boolean): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#closed('the neighbor closed the connection'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#closed(`the connection failed: ${error.code ?? error.message}`),
    );
    socket.on('close', () => this.#closed('the connection was closed'));
    socket.on('drain', () => this.hold('neighbor', false));
    if (behind) this.#holds.add('collector');
    this.#step({ kind: 'start' });
    this.#step({ kind: 'accepted' });
    if (!behind) socket.resume();
  }

  /** Ends the session with Cease / `subcode`, and with `text` where RFC 9003 allows it. */
  stop(subcode: number, text = ''): void {
    this.#step({ kind: 'stop', subcode, text });
  }

  /** A new connection of the same neighbor takes over. */
  supersede(): void {
    // RFC 4724 §5: without a NOTIFICATION, routes survive a graceful restart
    if (this.#state.name === 'established' && this.#state.negotiated.gracefulRestart)
      this.drop('the neighbor opened a new connection');
    else this.stop(Subcode.connectionCollision);
  }

  /** Ends the session at once, without a NOTIFICATION. */
  drop(text: string): void {
    this.#closed(text);
    this.#socket.destroy();
  }

  /** Sends ROUTE-REFRESH for every negotiated family (RFC 2918), if the neighbor supports it. */
  refresh(): void {
    const state = this.#state;
    if (state.name !== 'established' || !state.negotiated.routeRefresh) return;
    for (const family of state.negotiated.families)
      this.#send(encodeMessage({ kind: 'route-refresh', afi: afiOf(family), safi: Safi.unicast, subtype: 'request' }));
  }

  /** Pauses reading for `reason`, or drops that reason. Reading resumes when no reason is left. */
  hold(reason: HoldReason, on: boolean): void {
    const was = this.#onHold;
    if (on) this.#holds.add(reason);
    else this.#holds.delete(reason);
    if (was === this.#onHold || this.#state.name === 'idle') return;
    if (on) {
      this.#timers.hold.stop();
      this.#socket.pause();
    } else {
      if (this.#holdMs > 0) this.#timers.hold.start(this.#holdMs);
      this.#socket.resume();
    }
  }

  get #onHold(): boolean {
    return this.#holds.size > 0;
  }

  #read(chunk: Uint8Array): void {
    this.#at = this.#options.clock.now();
    try {
      this.#framer.push(chunk, this.#onMessage);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      this.#step({ kind: 'failed', error });
    }
    if (chunk.length >= turnBytes && !this.#onHold) this.#yieldTurn();
  }

  #yieldTurn(): void {
    this.#socket.pause();
    setImmediate(() => {
      if (!this.#onHold) this.#socket.resume();
    });
  }

  /** Returns false when the session has ended, so that the rest of the chunk is ignored. */
  readonly #onMessage = (bytes: Uint8Array, start: number, end: number, type: number): boolean => {
    const { session, outbox } = this.#options;
    if (type === MessageType.update && this.#context) {
      this.#timers.hold.touch(this.#at);
      this.#updatedAt = this.#at;
      if (isCleanUpdate(bytes, start, end, this.#context)) outbox.message(session, this.#at, bytes, start, end);
      else this.#treat(bytes.slice(start, end), this.#context);
      return true;
    }
    const message = decodeMessage(bytes, start, end);
    if (type === MessageType.notification || (type === MessageType.routeRefresh && this.#context))
      outbox.message(session, this.#at, bytes, start, end);
    this.#step({ kind: 'received', message });
    return this.#state.name !== 'idle';
  };

  /** Handles a malformed UPDATE (RFC 7606). Throws SessionError if the session must end. */
  #treat(raw: Uint8Array, context: UpdateContext): void {
    const { session, outbox } = this.#options;
    try {
      const { effective, problems } = treatUpdate(raw, 0, raw.length, context);
      outbox.treated(session, this.#at, effective, raw, problems);
    } catch (error) {
      if (error instanceof SessionError)
        outbox.treated(session, this.#at, none, raw, error.problem ? [error.problem] : []);
      throw error;
    }
  }

  #holdExpired(): void {
    const expiredAt = this.#options.clock.now();
    // after a stall, timers run before sockets are read: messages that came in time may still be unread
    setImmediate(() => {
      if (this.#timers.hold.running || this.#onHold || this.#state.name === 'idle') return;
      if (this.#updatedAt >= expiredAt) this.#timers.hold.start(this.#holdMs);
      else this.#step({ kind: 'expired', timer: 'hold' });
    });
  }

  #closed(text: string): void {
    const { pending } = this.#framer;
    this.#step({ kind: 'closed', text: pending === 0 ? text : `${text}, ${pending} octets into a message` });
  }

  #step(event: Event): void {
    const [state, actions] = step(this.#state, event);
    this.#state = state;
    for (const action of actions) this.#perform(action);
  }

  #perform(action: Action): void {
    switch (action.kind) {
      case 'send':
        this.#send(encodeMessage(action.message));
        break;
      case 'start-timer':
        this.#startTimer(action.timer, action.seconds);
        break;
      case 'stop-timer':
        if (action.timer === 'hold') this.#holdMs = 0;
        this.#timers[action.timer].stop();
        break;
      case 'close':
        farewell(this.#socket, this.#options.clock);
        break;
      case 'deliver':
        this.#deliver(action.event);
        break;
      default:
        action satisfies never;
    }
  }

  #send(bytes: Uint8Array): void {
    const room = this.#socket.write(bytes, (error) => {
      if (!error) this.#step({ kind: 'sent' });
    });
    // answers fill memory: stop reading requests until the neighbor reads them (in the end RFC 9687 ends the session)
    if (!room) this.hold('neighbor', true);
  }

  #startTimer(name: TimerName, seconds: number): void {
    const { clock } = this.#options;
    let ms = seconds * 1000;
    if (name === 'keepalive') ms *= 1 - jitter * clock.random();
    if (name === 'hold') {
      if (this.#state.name === 'open-sent') ms = Math.min(ms, maxOpenSeconds * 1000);
      this.#holdMs = ms;
      if (this.#onHold) return;
    }
    if (ms === 0) this.#timers[name].stop();
    else this.#timers[name].start(ms);
  }

  #deliver(event: Delivered): void {
    const { neighbor, quiet, identified, ended } = this.#options;
    switch (event.kind) {
      case 'state':
        if (event.to === 'open-confirm') {
          this.#known = true;
          identified(this.asn!);
        }
        if (this.#known || !quiet) this.#report(event);
        break;
      case 'established': {
        const { negotiated, received, sent } = event;
        this.#framer.extendedMessage = negotiated.extendedMessage;
        this.#context = updateContext(negotiated, received.asn === sent.asn);
        this.#report({ ...event, auth: neighbor.password === undefined ? 'none' : 'md5' });
        break;
      }
      case 'down': {
        this.#context = undefined;
        const failed = event.reason.direction === 'sent' || event.from !== 'established';
        const suppressed = ended(failed, this.#known);
        if (suppressed !== undefined) this.#report({ ...event, suppressed });
        break;
      }
      default:
        event satisfies never;
    }
  }

  #report(event: WireEvent): void {
    const { session, endpoints, outbox, clock } = this.#options;
    // messages in the rest of the chunk follow this event, so they get a later time
    this.#at = clock.now();
    outbox.event(session, this.#at, { endpoints, ...event });
  }
}

const none = new Uint8Array(0);

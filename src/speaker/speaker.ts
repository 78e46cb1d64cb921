/**
 * The BGP speaker: listeners, admission of neighbors, a Connection per TCP connection, and the outbox to the collector.
 * It never opens connections. It runs in its own thread (thread.ts) or in process (client.ts).
 */
import type { Socket } from 'node:net';
import type {
  NeighborConfig,
  SessionEndpoints,
  SpeakerCommand,
  SpeakerConfig,
  SpeakerMessage,
  TableUse,
} from '../events.ts';
import { Subcode } from '../wire/iana.ts';
import { encodeMessage } from '../wire/message.ts';
import { cease } from '../wire/notification.ts';
import { type Clock, systemClock } from './clock.ts';
import { Connection } from './connection.ts';
import { Damping, ReportBudget } from './damping.ts';
import { farewell } from './farewell.ts';
import { watchHealth } from './health.ts';
import { type ConfiguredNeighbor, ConfiguredNeighbors, sameNeighbor } from './neighbors.ts';
import { BatchOutbox, type SessionRecord } from './outbox.ts';
import { type Listener, openListeners } from './sockets.ts';
import { Strangers } from './strangers.ts';
import { CountByKey } from './tally.ts';
import { maxDelayed, maxDelayedPerRange, WaitingRoom } from './waiting-room.ts';

/** Connections from one remote address: a few BGPPeers, each with a second connection while it reconnects. */
export const maxConnectionsPerAddress = 16;
/** Connections without a valid OPEN; at the bound the oldest is dropped. */
export const maxOpening = 1024;
/** A connection without a valid OPEN may be dropped for another after this time, ms: speakers send theirs at once. */
export const minOpeningMs = 1_000;
/** Time for the neighbors to receive their NOTIFICATION in `stop`, ms. */
export const stopTimeoutMs = 2_000;

export interface SpeakerOptions {
  config: SpeakerConfig;
  /** Receives the speaker's messages; `events`: the session events inside a batch. */
  post: (message: SpeakerMessage, events: SessionRecord[]) => void;
  clock?: Clock;
}

/** Why a connection is rejected before its OPEN: Cease / `subcode`, with the code and text of the event. */
interface Refusal {
  subcode: number;
  code: string;
  text: string;
}

export class Speaker {
  readonly #config: SpeakerConfig;
  readonly #post: SpeakerOptions['post'];
  readonly #clock: Clock;
  readonly #outbox: BatchOutbox;
  readonly #damping = new Damping();
  readonly #budget = new ReportBudget();
  readonly #delayed: WaitingRoom;
  readonly #strangers: Strangers;
  /** Connections without a valid OPEN, oldest first, with their arrival (epoch ms). */
  readonly #opening = new Map<Connection, number>();
  readonly #maxOpening: number;
  /** Connections rejected because too many others had no valid OPEN. */
  #openingOverflows = 0;
  readonly #listeners: Listener[] = [];
  /** Open connections by session number. */
  readonly #connections = new Map<number, Connection>();
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new CountByKey();
  #neighbors = ConfiguredNeighbors.install([], []);
  #nextSession: number;
  /** Configuration changes so recent that the accept queue may hold connections with older keys. */
  #settling = 0;
  /** Connections reset because too many were open. */
  #refused = 0;
  #stopping = false;
  #stopHealth: () => void = () => {};

  private constructor({ config, post, clock = systemClock() }: SpeakerOptions) {
    this.#config = config;
    this.#post = post;
    this.#clock = clock;
    this.#nextSession = config.firstSession;
    this.#delayed = new WaitingRoom(clock, maxDelayed, maxDelayedPerRange);
    this.#strangers = new Strangers(clock, config.maxStrangers);
    this.#maxOpening = config.maxOpening ?? maxOpening;
    this.#outbox = new BatchOutbox(
      clock,
      (batch, events) => post({ kind: 'batch', batch }, events),
      (full) => {
        for (const connection of this.#connections.values()) connection.hold('collector', full);
      },
    );
  }

  /** Opens the listeners; rejects if one cannot be opened. */
  static async start(options: SpeakerOptions): Promise<Speaker> {
    const speaker = new Speaker(options);
    const { listeners, addresses, skipped } = await openListeners(
      options.config.listen,
      (bound) => {
        speaker.#neighbors = ConfiguredNeighbors.install(options.config.neighbors, bound);
      },
      (socket) => speaker.#accept(socket),
      () => speaker.#refused++,
    );
    speaker.#listeners.push(...listeners);
    options.post({ kind: 'listening', addresses, skipped }, []);
    speaker.#stopHealth = watchHealth(speaker.#clock, (loopDelayMs) => speaker.#health(loopDelayMs));
    return speaker;
  }

  command(command: SpeakerCommand): void {
    switch (command.kind) {
      case 'ack':
        this.#outbox.acknowledge(command.batches);
        break;
      case 'configure':
        this.#configure(command.neighbors);
        break;
      case 'reset': {
        const subcode = command.maxPrefixes ? Subcode.maximumPrefixes : Subcode.administrativeReset;
        this.#connections.get(command.session)?.stop(subcode, command.text);
        break;
      }
      case 'refresh':
        this.#connections.get(command.session)?.refresh();
        break;
      case 'stop':
        this.#stop(command.text);
        break;
      default:
        command satisfies never;
    }
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {});
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    // without addresses: closed before it was accepted
    if (!remoteAddress || !remotePort || !localAddress || !localPort || this.#stopping) {
      socket.destroy();
      return;
    }
    const neighbor = this.#neighbors.match(remoteAddress);
    if (this.#sockets.size >= this.#config.maxConnections && !(neighbor && this.#makeRoom())) {
      this.#refused++;
      socket.resetAndDestroy();
      return;
    }
    this.#sockets.add(socket);
    this.#perAddress.add(remoteAddress);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#perAddress.remove(remoteAddress);
    });
    if (this.#settling > 0 && neighbor?.protected) {
      socket.resetAndDestroy();
      return;
    }
    const endpoints: SessionEndpoints = { remoteAddress, remotePort, localAddress, localPort };
    if (!neighbor) {
      this.#strangers.receive(socket, remoteAddress, () => this.#admit(socket, endpoints, true));
      return;
    }
    const pause = this.#damping.pause(remoteAddress, this.#clock.now());
    if (pause === 0) this.#admit(socket, endpoints, false);
    else {
      const range = neighbor.configs[0]!.range;
      this.#delayed.enter(socket, remoteAddress, range, pause, () => this.#admit(socket, endpoints, true));
    }
  }

  /** Makes room for a neighbor's connection; evicts strangers first. */
  #makeRoom(): boolean {
    return this.#strangers.evict() || this.#dropOpening();
  }

  /** Drops the oldest connection without a valid OPEN; returns false if it is younger than `minOpeningMs`. */
  #dropOpening(): boolean {
    const [oldest] = this.#opening;
    if (!oldest || this.#clock.now() - oldest[1] < minOpeningMs) return false;
    this.#openingOverflows++;
    oldest[0].drop('no OPEN received, and too many connections were waiting for theirs');
    return true;
  }

  /** `damped`: the address fails repeatedly. */
  #admit(socket: Socket, endpoints: SessionEndpoints, damped: boolean): void {
    const neighbor = this.#neighbors.match(endpoints.remoteAddress);
    if (!neighbor) {
      this.#strangers.answer(socket, endpoints.remoteAddress);
      return;
    }
    const refusal = this.#refusal(neighbor, endpoints.remoteAddress);
    if (refusal) this.#reject(socket, endpoints, refusal);
    else this.#connect(socket, endpoints, neighbor, damped);
  }

  #refusal(neighbor: ConfiguredNeighbor, address: string): Refusal | undefined {
    if (neighbor.unprotected !== undefined)
      return {
        subcode: Subcode.connectionRejected,
        code: 'protection-unsupported',
        text: `cannot enforce the configured protection: ${neighbor.unprotected}`,
      };
    if (this.#opening.size >= this.#maxOpening && !this.#dropOpening()) {
      this.#openingOverflows++;
      return tooMany(`${this.#maxOpening} connections without an OPEN`);
    }
    if (this.#perAddress.of(address) > maxConnectionsPerAddress)
      return tooMany(`${maxConnectionsPerAddress} connections from this address`);
    return undefined;
  }

  /** Sends the NOTIFICATION and reports an event, unless this address was reported recently. */
  #reject(socket: Socket, endpoints: SessionEndpoints, { subcode, code, text }: Refusal): void {
    const notification = cease(subcode);
    socket.write(encodeMessage(notification));
    farewell(socket, this.#clock);
    const now = this.#clock.now();
    this.#damping.failed(endpoints.remoteAddress, now);
    const suppressed = this.#report(endpoints.remoteAddress, now);
    if (suppressed === undefined) return;
    this.#outbox.event(this.#nextSession++, this.#clock.now(), {
      endpoints,
      kind: 'refused',
      reason: { direction: 'sent', code, text, notification: { code: notification.code, subcode, data: '' } },
      suppressed,
    });
  }

  #connect(socket: Socket, endpoints: SessionEndpoints, neighbor: ConfiguredNeighbor, damped: boolean): void {
    const session = this.#nextSession++;
    const acceptedAt = this.#clock.now();
    const quiet = damped || !this.#budget.take(acceptedAt);
    const connection: Connection = new Connection({
      socket,
      session,
      endpoints,
      neighbor,
      config: this.#config,
      clock: this.#clock,
      outbox: this.#outbox,
      quiet,
      identified: (asn) => {
        this.#opening.delete(connection);
        this.#replaceTwin(connection, asn);
      },
      ended: (failed, known) => {
        this.#connections.delete(session);
        this.#opening.delete(connection);
        const now = this.#clock.now();
        if (failed) this.#damping.failed(endpoints.remoteAddress, now);
        return quiet && !known ? this.#report(endpoints.remoteAddress, now) : 0;
      },
    });
    this.#connections.set(session, connection);
    this.#opening.set(connection, acceptedAt);
    connection.start(this.#outbox.full);
  }

  /** Call after a failure. Returns how many of the address's failures went unreported; undefined: do not report. */
  #report(address: string, now: number): number | undefined {
    return this.#budget.take(now) ? this.#damping.report(address, now) : undefined;
  }

  /**
   * A neighbor is (remote address, local address, local port, remote AS). A passive speaker has no collisions (RFC 4271
   * §6.8), so a second valid OPEN means that the neighbor gave up its first connection, even if that one still looks
   * alive (RFC 4724 §5). The new connection takes over.
   */
  #replaceTwin(connection: Connection, asn: number): void {
    for (const other of this.#connections.values())
      if (other !== connection && other.asn === asn && sameEnds(other.endpoints, connection.endpoints))
        other.supersede();
  }

  #configure(configs: NeighborConfig[]): void {
    this.#neighbors = ConfiguredNeighbors.install(configs, this.#listeners);
    // the next poll, between two immediates, returns what the kernel accepted with the old keys
    this.#settling++;
    setImmediate(() => setImmediate(() => this.#settling--));
    for (const connection of this.#connections.values()) {
      const neighbor = this.#neighbors.match(connection.endpoints.remoteAddress);
      if (!neighbor) connection.stop(Subcode.peerDeconfigured);
      // a connection keeps the TCP key that it was accepted with, so a new key needs a new connection
      else if (!sameNeighbor(connection.neighbor, neighbor)) connection.stop(Subcode.otherConfigurationChange);
    }
  }

  #stop(text: string): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#stopHealth();
    for (const listener of this.#listeners) listener.close();
    this.#delayed.close();
    this.#strangers.close();
    for (const connection of this.#connections.values()) connection.stop(Subcode.administrativeShutdown, text);
    let finished = false;
    const finish = (): void => {
      if (finished) return;
      finished = true;
      forget();
      for (const socket of this.#sockets) socket.destroy();
      this.#outbox.flush();
      this.#post({ kind: 'stopped' }, []);
    };
    const forget = this.#clock.after(stopTimeoutMs, finish);
    for (const socket of this.#sockets) socket.once('close', () => this.#sockets.size === 0 && finish());
    if (this.#sockets.size === 0) finish();
  }

  #health(loopDelayMs: number): void {
    let sessions = 0;
    for (const { established } of this.#connections.values()) if (established) sessions++;
    const { full, unacknowledgedBatches } = this.#outbox;
    const connections = this.#sockets.size;
    const strangers = this.#strangers.take();
    this.#post(
      {
        kind: 'health',
        sessions,
        connections,
        refused: this.#refused,
        paused: full,
        unacknowledged: unacknowledgedBatches,
        loopDelayMs,
        tables: this.#tables(),
        ...(strangers && { strangers }),
      },
      [],
    );
  }

  #tables(): TableUse[] {
    const { size, max, overflows } = this.#strangers;
    return [
      { name: 'opening', used: this.#opening.size, max: this.#maxOpening, overflows: this.#openingOverflows },
      { name: 'delayed', used: this.#delayed.size, max: maxDelayed, overflows: this.#delayed.overflows },
      { name: 'strangers', used: size, max, overflows },
    ];
  }
}

const tooMany = (bound: string): Refusal => ({
  subcode: Subcode.outOfResources,
  code: 'too-many-connections',
  text: `more than ${bound}`,
});

const sameEnds = (a: SessionEndpoints, b: SessionEndpoints): boolean =>
  a.remoteAddress === b.remoteAddress && a.localAddress === b.localAddress && a.localPort === b.localPort;

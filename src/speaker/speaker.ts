/**
 * Everything that touches the network: listeners, who is let in, one Connection per TCP life, and the outbox towards
 * the collector. It never dials. It runs in a thread of its own (thread.ts) or in process (client.ts).
 */
import type { Socket } from 'node:net';
import type { Endpoints, NeighborConfig, SpeakerCommand, SpeakerConfig, SpeakerMessage } from '../events.ts';
import { Subcode } from '../wire/iana.ts';
import { encodeMessage } from '../wire/message.ts';
import { cease } from '../wire/notification.ts';
import { type Clock, systemClock } from './clock.ts';
import { Connection } from './connection.ts';
import { Damping } from './damping.ts';
import { farewell } from './farewell.ts';
import { watchHealth } from './health.ts';
import { type Neighbor, Neighbors, sameNeighbor } from './neighbors.ts';
import { Outbox, type SessionRecord } from './outbox.ts';
import { type Listener, openListeners } from './sockets.ts';

/** Sessions, handshakes and pauses together; each may cost a 64 KiB read buffer. */
export const maxConnections = 8192;
/** From one remote address: several BGPPeers, twins and a few broken ones. */
export const maxConnectionsPerAddress = 16;
/** Connections that wait out a pause (damping.ts), from one address and from all. */
const maxHeldPerAddress = 2;
const maxHeld = 1024;
/** How long `stop` waits for the neighbors to take their NOTIFICATION, ms. */
export const stopWithinMs = 2_000;

export interface SpeakerOptions {
  config: SpeakerConfig;
  /** Takes everything that the speaker has to say; `events`: the session events inside a batch. */
  post: (message: SpeakerMessage, events: SessionRecord[]) => void;
  clock?: Clock;
}

export class Speaker {
  readonly #config: SpeakerConfig;
  readonly #post: SpeakerOptions['post'];
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #listeners: Listener[] = [];
  readonly #connections = new Map<number, Connection>();
  /** Every socket that is open, whatever for. */
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #heldPerAddress = new Map<string, number>();
  readonly #damping = new Damping();
  #held = 0;
  #neighbors = Neighbors.install([], []);
  #nextSession: number;
  #stopping = false;
  #stopHealth: () => void = () => {};

  private constructor({ config, post, clock = systemClock() }: SpeakerOptions) {
    this.#config = config;
    this.#post = post;
    this.#clock = clock;
    this.#nextSession = config.firstSession;
    this.#outbox = new Outbox(
      clock,
      (batch, events) => post({ kind: 'batch', batch }, events),
      (full) => {
        for (const connection of this.#connections.values()) connection.hold(full);
      },
    );
  }

  /** Opens the listeners; rejects when one cannot be opened. */
  static async start(options: SpeakerOptions): Promise<Speaker> {
    const speaker = new Speaker(options);
    const { listeners, skipped } = await openListeners(options.config.listen, (socket) => speaker.#accept(socket));
    speaker.#listeners.push(...listeners);
    speaker.#neighbors = Neighbors.install(options.config.neighbors, listeners);
    options.post({ kind: 'listening', addresses: listeners.map(({ address }) => address), skipped }, []);
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
      case 'reset':
        this.#connections.get(command.session)?.stop(Subcode.administrativeReset, command.text);
        break;
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
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    // gone again before we looked
    if (!remoteAddress || !remotePort || !localAddress || !localPort || this.#stopping) return void socket.destroy();
    const endpoints: Endpoints = { remoteAddress, remotePort, localAddress, localPort };
    socket.on('error', () => {});
    this.#track(socket, remoteAddress);
    const pause = this.#damping.pause(remoteAddress, this.#clock.monotonic());
    if (pause === 0) this.#admit(socket, endpoints, false);
    else this.#pause(socket, endpoints, pause);
  }

  /** Lets a connection wait before it is answered; one too many is dropped without a word. */
  #pause(socket: Socket, endpoints: Endpoints, ms: number): void {
    const { remoteAddress } = endpoints;
    const held = this.#heldPerAddress.get(remoteAddress) ?? 0;
    if (held >= maxHeldPerAddress || this.#held >= maxHeld) return void socket.resetAndDestroy();
    this.#held++;
    this.#heldPerAddress.set(remoteAddress, held + 1);
    const forget = this.#clock.after(ms, () => {
      socket.off('close', release);
      release();
      if (!socket.destroyed) this.#admit(socket, endpoints, true);
    });
    const release = (): void => {
      forget();
      this.#held--;
      decrement(this.#heldPerAddress, remoteAddress);
    };
    socket.once('close', release);
  }

  #admit(socket: Socket, endpoints: Endpoints, quiet: boolean): void {
    const { remoteAddress } = endpoints;
    const neighbor = this.#neighbors.match(remoteAddress);
    if (!neighbor)
      return this.#refuse(
        socket,
        endpoints,
        Subcode.connectionRejected,
        'unconfigured-neighbor',
        'no neighbor is configured for this address',
      );
    if (neighbor.unprotected !== undefined)
      return this.#refuse(
        socket,
        endpoints,
        Subcode.connectionRejected,
        'protection-unsupported',
        `what is configured for its protection cannot be enforced: ${neighbor.unprotected}`,
      );
    if (this.#sockets.size > maxConnections)
      return this.#refuse(
        socket,
        endpoints,
        Subcode.outOfResources,
        'too-many-connections',
        `more than ${maxConnections} connections`,
      );
    if (this.#perAddress.get(remoteAddress)! > maxConnectionsPerAddress)
      return this.#refuse(
        socket,
        endpoints,
        Subcode.outOfResources,
        'too-many-connections',
        `more than ${maxConnectionsPerAddress} connections from this address`,
      );
    this.#connect(socket, endpoints, neighbor, quiet);
  }

  #connect(socket: Socket, endpoints: Endpoints, neighbor: Neighbor, quiet: boolean): void {
    const { remoteAddress } = endpoints;
    const session = this.#nextSession++;
    const connection = new Connection({
      socket,
      session,
      endpoints,
      neighbor,
      config: this.#config,
      clock: this.#clock,
      outbox: this.#outbox,
      quiet,
      identified: (asn) => this.#replaceTwin(connection, asn),
      ended: (failed, known) => {
        this.#connections.delete(session);
        const now = this.#clock.monotonic();
        if (failed) this.#damping.failed(remoteAddress, now);
        return quiet && !known ? this.#damping.report(remoteAddress, now) : 0;
      },
    });
    this.#connections.set(session, connection);
    connection.start(this.#outbox.full);
  }

  /** Cease / `subcode`, and a `refused` event unless this address had one just now. */
  #refuse(socket: Socket, endpoints: Endpoints, subcode: number, code: string, text: string): void {
    const notification = cease(subcode);
    socket.write(encodeMessage(notification));
    farewell(socket, this.#clock);
    const now = this.#clock.monotonic();
    this.#damping.failed(endpoints.remoteAddress, now);
    const suppressed = this.#damping.report(endpoints.remoteAddress, now);
    if (suppressed === undefined) return;
    this.#outbox.event(this.#nextSession++, this.#clock.wall(), {
      endpoints,
      kind: 'refused',
      reason: { direction: 'sent', code, text, notification: { code: notification.code, subcode, data: '' } },
      suppressed,
    });
  }

  /**
   * A neighbor is (remote address, local address, local port, remote AS). A passive side never sees both ends dial
   * (RFC 4271 §6.8), so a second valid OPEN of the same neighbor means that it gave up the first connection, even where
   * that one still looks alive (RFC 4724 §5): the new one takes over.
   */
  #replaceTwin(connection: Connection, asn: number): void {
    for (const other of this.#connections.values())
      if (other !== connection && other.asn === asn && sameEnds(other.endpoints, connection.endpoints))
        other.supersede();
  }

  #configure(configs: NeighborConfig[]): void {
    this.#neighbors = Neighbors.install(configs, this.#listeners);
    for (const connection of this.#connections.values()) {
      const neighbor = this.#neighbors.match(connection.endpoints.remoteAddress);
      if (!neighbor) connection.stop(Subcode.peerDeconfigured);
      // a session holds the key it was accepted with, so what changed means anew
      else if (!sameNeighbor(connection.neighbor, neighbor)) connection.stop(Subcode.otherConfigurationChange);
    }
  }

  #stop(text: string): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#stopHealth();
    for (const listener of this.#listeners) listener.close();
    for (const connection of this.#connections.values()) connection.stop(Subcode.administrativeShutdown, text);
    const finish = (): void => {
      for (const socket of this.#sockets) socket.destroy();
      this.#outbox.flush();
      this.#post({ kind: 'stopped' }, []);
    };
    if (this.#sockets.size === 0) return finish();
    const forget = this.#clock.after(stopWithinMs, finish);
    for (const socket of this.#sockets)
      socket.once('close', () => {
        if (this.#sockets.size > 0) return;
        forget();
        finish();
      });
  }

  #health(loopDelayMs: number): void {
    let sessions = 0;
    for (const { established } of this.#connections.values()) if (established) sessions++;
    this.#post(
      {
        kind: 'health',
        sessions,
        connections: this.#sockets.size,
        paused: this.#outbox.full,
        unacknowledged: this.#outbox.unacknowledgedBatches,
        loopDelayMs,
      },
      [],
    );
  }

  #track(socket: Socket, remoteAddress: string): void {
    this.#sockets.add(socket);
    this.#perAddress.set(remoteAddress, (this.#perAddress.get(remoteAddress) ?? 0) + 1);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      decrement(this.#perAddress, remoteAddress);
    });
  }
}

function decrement(counts: Map<string, number>, key: string): void {
  const count = counts.get(key)! - 1;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

const sameEnds = (a: Endpoints, b: Endpoints): boolean =>
  a.remoteAddress === b.remoteAddress && a.localAddress === b.localAddress && a.localPort === b.localPort;

/**
 * A BGP speaker for tests and the demo: what MetalLB would dial in with, under a script's control. It is the only one
 * here that announces routes; the product has no encoder for that.
 */
import { once } from 'node:events';
import net from 'node:net';
import { canonicalAddress } from '../../src/ip.ts';
import { as4, type Capability, announce as capability, multiprotocol } from '../../src/wire/capabilities.ts';
import { Framer } from '../../src/wire/framer.ts';
import { Afi, Safi } from '../../src/wire/iana.ts';
import { decodeMessage, encodeMessage, type Message, type Outgoing } from '../../src/wire/message.ts';
import { bgpVersion, myAsField, type Open } from '../../src/wire/open.ts';
import { announce, type Nlri, type RouteAttributes, withdraw } from './builders.ts';
import { within } from './wait.ts';

export interface TestPeerOptions {
  /** Where to dial: `address:port`, IPv6 in brackets, as a `listening` message says it. */
  to: string;
  /** Source address, e.g. 127.0.0.11. */
  from?: string;
  asn: number;
  /** Dotted quad; default 10.0.0.1, on all peers, as MetalLB may have it. */
  routerId?: string;
  /** Seconds offered; default 90. */
  holdTime?: number;
  /** Default: what MetalLB native announces (IPv4, IPv6, four-octet AS). */
  capabilities?: Capability[];
  /** Milliseconds that any one wait may take; default 5 s. */
  patience?: number;
}

/** A message of the other side, decoded and as it came. */
export interface Heard {
  message: Message;
  bytes: Uint8Array;
}

/** What MetalLB native announces in its OPEN (internal/bgp/native/messages.go). */
export function metallbNativeCapabilities(asn: number): Capability[] {
  return [
    ...[Afi.ipv4, Afi.ipv6].map((afi) => capability(multiprotocol, { afi, safi: Safi.unicast, family: '' })),
    capability(as4, { asn }),
  ];
}

export class TestPeer {
  readonly socket: net.Socket;
  /** All messages of the other side, in order. */
  readonly heard: Heard[] = [];
  readonly #options: TestPeerOptions;
  readonly #framer = new Framer();
  readonly #asked = new WeakSet<Heard>();
  #waiting: (() => void)[] = [];
  #ended = false;
  #keepalives: NodeJS.Timeout | undefined;
  /** Resolves when TCP is over, whoever ended it. */
  readonly closed: Promise<void>;

  private constructor(options: TestPeerOptions, socket: net.Socket) {
    this.#options = options;
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#framer.push(chunk, (bytes, start, end) => {
        this.heard.push({ message: decodeMessage(bytes, start, end), bytes: bytes.slice(start, end) });
      });
      this.#wake();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#ended = true;
        clearInterval(this.#keepalives);
        this.#wake();
        resolve();
      });
    });
  }

  /** TCP only: nothing is sent yet. Rejects when nobody listens. */
  static async connect(options: TestPeerOptions): Promise<TestPeer> {
    const { hostname, port } = new URL(`tcp://${options.to}`);
    const socket = net.connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port),
      noDelay: true,
      ...(options.from !== undefined && { localAddress: options.from }),
    });
    const peer = new TestPeer(options, socket);
    await within(`connect to ${options.to}`, options.patience ?? 5_000, once(socket, 'connect'));
    return peer;
  }

  /** Connects and takes part until both sides are Established; KEEPALIVEs then go out by themselves. */
  static async establish(options: TestPeerOptions): Promise<TestPeer> {
    const peer = await TestPeer.connect(options);
    await peer.handshake();
    return peer;
  }

  /** The OPEN that `handshake` sends. */
  get open(): Open {
    const { asn, routerId = '10.0.0.1', holdTime = 90, capabilities = metallbNativeCapabilities(asn) } = this.#options;
    return {
      kind: 'open',
      version: bgpVersion,
      myAs: myAsField(asn),
      asn,
      holdTime,
      routerId: canonicalAddress(routerId)!,
      capabilities,
    };
  }

  /** OPEN, KEEPALIVE, and the other side's; resolves to its OPEN. */
  async handshake(): Promise<Open> {
    this.send(this.open);
    const theirs = (await this.next('open')) as Open;
    this.send({ kind: 'keepalive' });
    await this.next('keepalive');
    const holdTime = Math.min(this.open.holdTime, theirs.holdTime);
    this.#framer.extendedMessage = true;
    if (holdTime > 0) this.keepAlive((holdTime * 1000) / 3);
    return theirs;
  }

  /** Sends a KEEPALIVE every `ms` from now on; 0 = no more. */
  keepAlive(ms: number): void {
    clearInterval(this.#keepalives);
    if (ms > 0) this.#keepalives = setInterval(() => this.send({ kind: 'keepalive' }), ms).unref();
  }

  /** Sends octets as they are, or a message. */
  send(what: Uint8Array | Outgoing): void {
    if (this.#ended || this.socket.destroyed) return;
    this.socket.write(what instanceof Uint8Array ? what : encodeMessage(what));
  }

  /** The first message of this kind that was not asked for yet, awaited. */
  async next(kind: Message['kind']): Promise<Message> {
    return (await this.nextHeard(kind)).message;
  }

  /** Like `next`, with its octets. */
  async nextHeard(kind: Message['kind']): Promise<Heard> {
    const { patience = 5_000 } = this.#options;
    return await within(`a ${kind} from ${this.#options.to}`, patience, this.#next(kind));
  }

  async #next(kind: Message['kind']): Promise<Heard> {
    for (let at = 0; ; ) {
      for (; at < this.heard.length; at++) {
        const heard = this.heard[at]!;
        if (heard.message.kind !== kind || this.#asked.has(heard)) continue;
        this.#asked.add(heard);
        return heard;
      }
      if (this.#ended) throw new Error(`the connection ended without a ${kind}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Announces routes; as an eBGP speaker with its own address as the next hop, unless `attributes` say otherwise. */
  announce(routes: Nlri[], attributes: Partial<RouteAttributes> = {}): void {
    const { asn, from = '127.0.0.1' } = this.#options;
    for (const update of announce(routes, { asPath: [asn], nextHop: from, ...attributes })) this.send(update);
  }

  withdraw(routes: Nlri[]): void {
    for (const update of withdraw(routes)) this.send(update);
  }

  /** All was announced that there is: End-of-RIB (RFC 4724 §2). */
  endOfRib(family: 4 | 6 = 4): void {
    this.send({ kind: 'end-of-rib', family });
  }

  /** FIN without a word, as MetalLB native leaves; resolves when TCP is over. */
  async drop(): Promise<void> {
    this.keepAlive(0);
    this.socket.end();
    await this.closed;
  }

  /** RST, as after a kill -9 with octets unread; resolves when TCP is over. */
  async kill(): Promise<void> {
    this.keepAlive(0);
    this.socket.resetAndDestroy();
    await this.closed;
  }
}

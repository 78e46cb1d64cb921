/** One light BGP session of the load: dials, keeps its hold timer of 3 s, remembers what it announced. */
import net from 'node:net';
import { canonicalAddress } from '../../src/ip.ts';
import { announce as capability, extendedMessage } from '../../src/wire/capabilities.ts';
import { Framer } from '../../src/wire/framer.ts';
import { MessageType } from '../../src/wire/iana.ts';
import { decodeMessage, encodeMessage, type Message } from '../../src/wire/message.ts';
import { bgpVersion, myAsField } from '../../src/wire/open.ts';
import { asPath, attribute, communities, nextHop, origin, u32, update } from '../support/builders.ts';
import { metallbNativeCapabilities } from '../support/test-peer.ts';
import {
  bgpPort,
  collectorAddress,
  extendedSessions,
  serviceCommunity,
  sessionAddress,
  speakerAsn,
} from './addresses.ts';

export const holdSeconds = 3;
const redialMs = 500;
/** NLRI of a message: 5 octets each, below 4,096 with the attributes. */
const keysPerMessage = 700;
const keepalive = encodeMessage({ kind: 'keepalive' });
const endOfRib = encodeMessage({ kind: 'end-of-rib', family: 4 });

export type Leaving = 'fin' | 'rst' | 'cease';

export class LoadSession {
  readonly index: number;
  readonly address: string;
  /** Announced routes and their MED. */
  readonly routes = new Map<number, number>();
  established = false;
  /** performance.now() of the last octets from the collector. */
  heardAt = 0;
  /** Says why an established session ended without the soak's doing. */
  readonly #onLost: (text: string) => void;
  #socket: net.Socket | undefined;
  #wanted = false;
  #redial: NodeJS.Timeout | undefined;
  #notification = '';

  constructor(index: number, onLost: (text: string) => void) {
    this.index = index;
    this.address = sessionAddress(index);
    this.#onLost = onLost;
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  /** Octets that wait in the socket. */
  get waiting(): number {
    return this.#socket?.writableLength ?? 0;
  }

  /** Dials, and again after each end, until `close`. */
  open(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#dial();
  }

  /** Ends the session, which is then no loss; `open` brings it back. */
  close(how: Leaving): void {
    this.#wanted = false;
    this.#end(how);
  }

  /** The session ends and comes back at once. */
  flap(how: Leaving): void {
    this.#end(how);
    if (this.#wanted) this.#dial();
  }

  announce(keys: readonly number[], med = 0): void {
    for (const key of keys) this.routes.set(key, med);
    if (this.established) this.#sendRoutes(keys, med);
  }

  withdraw(keys: readonly number[]): void {
    for (const key of keys) this.routes.delete(key);
    if (!this.established) return;
    for (let at = 0; at < keys.length; at += keysPerMessage)
      this.send(update({ withdrawn: nlri(keys.slice(at, at + keysPerMessage)) }));
  }

  /** Octets as they are. */
  send(octets: Uint8Array): void {
    this.#socket?.write(octets);
  }

  /** Once a second: KEEPALIVE, and our own hold timer. `lateMs`: how late this process is. */
  tick(now: number, lateMs: number): void {
    if (!this.established) return;
    this.send(keepalive);
    if (now - this.heardAt <= holdSeconds * 1_000 + lateMs) return;
    this.#notification = `heard nothing for ${((now - this.heardAt) / 1_000).toFixed(1)} s`;
    this.#socket?.destroy();
  }

  /** UPDATEs of 64 KiB or less that announce `key`, with an unknown attribute of `size` octets. */
  announceLarge(key: number, size: number): void {
    this.routes.set(key, 0);
    const unknown = attribute(99, 0xc0, new Uint8Array(size).fill(key & 255));
    this.send(update({ attributes: [...this.#attributes(0), unknown], nlri: nlri([key]) }));
  }

  /** An UPDATE whose ORIGIN is invalid: its routes count as withdrawn (RFC 7606). */
  announceMalformed(keys: readonly number[]): void {
    for (const key of keys) this.routes.delete(key);
    const [, ...others] = this.#attributes(0);
    this.send(update({ attributes: [attribute(1, 0x40, [9]), ...others], nlri: nlri(keys) }));
  }

  #attributes(med: number): Uint8Array[] {
    return [
      origin('igp'),
      asPath([speakerAsn]),
      nextHop(this.address),
      attribute(4, 0x80, u32(med)),
      communities([serviceCommunity]),
    ];
  }

  #sendRoutes(keys: readonly number[], med: number): void {
    for (let at = 0; at < keys.length; at += keysPerMessage)
      this.send(update({ attributes: this.#attributes(med), nlri: nlri(keys.slice(at, at + keysPerMessage)) }));
  }

  #dial(): void {
    clearTimeout(this.#redial);
    this.#notification = '';
    const socket = net.connect({ host: collectorAddress, port: bgpPort, localAddress: this.address, noDelay: true });
    this.#socket = socket;
    const framer = new Framer();
    let confirmed = false;
    socket.on('connect', () => socket.write(this.#openMessage()));
    socket.on('data', (chunk) => {
      this.heardAt = performance.now();
      framer.push(chunk, (bytes, start, end, type) => {
        if (type === MessageType.open) socket.write(keepalive);
        if (type === MessageType.notification) this.#notification = notificationText(decodeMessage(bytes, start, end));
        if (type !== MessageType.keepalive || confirmed) return;
        confirmed = true;
        if (this.#socket === socket) this.#up();
      });
    });
    socket.on('error', (error) => {
      this.#notification ||= error.message;
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (this.established) this.#onLost(`${this.address}: ${this.#notification || 'the connection was closed'}`);
      this.established = false;
      if (this.#wanted) this.#redial = setTimeout(() => this.#dial(), redialMs);
    });
  }

  #up(): void {
    this.established = true;
    const byMed = Map.groupBy(this.routes, ([, med]) => med);
    for (const [med, routes] of byMed)
      this.#sendRoutes(
        routes.map(([key]) => key),
        med,
      );
    this.send(endOfRib);
  }

  #end(how: Leaving): void {
    clearTimeout(this.#redial);
    const socket = this.#socket;
    this.#socket = undefined;
    this.established = false;
    if (!socket) return;
    if (how === 'rst') socket.resetAndDestroy();
    else if (how === 'cease')
      socket.end(encodeMessage({ kind: 'notification', code: 6, subcode: 2, data: new Uint8Array(0) }));
    else socket.end();
    setTimeout(() => socket.destroy(), 1_000).unref();
  }

  #openMessage(): Uint8Array {
    const capabilities = metallbNativeCapabilities(speakerAsn);
    if (this.index < extendedSessions) capabilities.push(capability(extendedMessage, undefined as never));
    return encodeMessage({
      kind: 'open',
      version: bgpVersion,
      myAs: myAsField(speakerAsn),
      asn: speakerAsn,
      holdTime: holdSeconds,
      routerId: canonicalAddress(this.address)!,
      capabilities,
    });
  }
}

const notificationText = (message: Message): string =>
  message.kind === 'notification' ? `NOTIFICATION ${message.code}/${message.subcode}` : message.kind;

/** Encoded /32 prefixes. */
function nlri(keys: readonly number[]): Uint8Array {
  const octets = new Uint8Array(keys.length * 5);
  const view = new DataView(octets.buffer);
  keys.forEach((key, at) => {
    octets[at * 5] = 32;
    view.setUint32(at * 5 + 1, key);
  });
  return octets;
}

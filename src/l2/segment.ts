/**
 * The segment of one interface: receives and probes ARP and Neighbor Discovery on packet sockets (packet(7)). Needs
 * CAP_NET_RAW. Sends only probes.
 */
import { endianness } from 'node:os';
import { parseAddress } from '../ip.ts';
import type { Libc } from '../libc.ts';
import { type AddressClaim, decodeArp, encodeArpProbe } from './arp.ts';
import {
  advertisementsOnly,
  decodeNeighborAdvertisement,
  encodeNeighborSolicitation,
  multicastMac,
  solicitedNode,
} from './ndp.ts';

const little = endianness() === 'LE';
const packetDomain = 17;
const datagram = 2;
const etherType = { arp: 0x0806, ipv6: 0x86dd } as const;
const linkLayerAddressLength = 20;
const broadcast = new Uint8Array(6).fill(0xff);
/** Packets read from a socket per poll; the rest waits in the kernel, which drops the excess. */
const maxPackets = 500;

export interface SegmentOptions {
  libc: Libc;
  /** Interface index. */
  index: number;
  mac: Uint8Array;
  /** Our IPv6 address on it, link-local if possible; undefined: no IPv6 probes. */
  source6: Uint8Array | undefined;
}

export class Segment {
  readonly #o: SegmentOptions;
  readonly #arp: number;
  readonly #ndp: number;
  readonly #buffer = new Uint8Array(2048);
  readonly #from = new Uint8Array(linkLayerAddressLength);

  /** @throws SystemCallError: EPERM without CAP_NET_RAW, ENODEV if the interface was removed. */
  constructor(options: SegmentOptions) {
    this.#o = options;
    const { libc } = options;
    this.#arp = this.#open(etherType.arp);
    try {
      this.#ndp = this.#open(etherType.ipv6);
    } catch (error) {
      libc.close(this.#arp);
      throw error;
    }
  }

  /** Sends a probe. Returns false if it cannot, for want of our own IPv6 address. @throws SystemCallError */
  ask(address: string): boolean {
    const { libc, mac, source6 } = this.#o;
    const target = parseAddress(address)!;
    if (target.length === 4) {
      libc.sendTo(this.#arp, encodeArpProbe(mac, target), this.#linkLayer(etherType.arp, broadcast));
      return true;
    }
    if (!source6) return false;
    const probe = encodeNeighborSolicitation(mac, source6, target);
    libc.sendTo(this.#ndp, probe, this.#linkLayer(etherType.ipv6, multicastMac(solicitedNode(target))));
    return true;
  }

  /** Passes on new claims. @throws SystemCallError: ENETDOWN if the interface went down. */
  poll(onClaim: (claim: AddressClaim, via: 'arp' | 'ndp') => void): void {
    this.#drain(this.#arp, (packet) => {
      const claim = decodeArp(packet);
      if (claim) onClaim(claim, 'arp');
    });
    this.#drain(this.#ndp, (packet, sender) => {
      const claim = decodeNeighborAdvertisement(packet, sender);
      if (claim) onClaim(claim, 'ndp');
    });
  }

  close(): void {
    this.#o.libc.close(this.#arp);
    this.#o.libc.close(this.#ndp);
  }

  #drain(fd: number, onPacket: (packet: Uint8Array, sender: Uint8Array) => void): void {
    for (let i = 0; i < maxPackets; i++) {
      const length = this.#o.libc.receive(fd, this.#buffer, this.#from);
      if (length === undefined) return;
      onPacket(this.#buffer.subarray(0, length), this.#from.subarray(12, 18));
    }
  }

  /** Uses protocol 0 until bound, so that no packet of another interface arrives. */
  #open(type: number): number {
    const { libc } = this.#o;
    const fd = libc.socket(packetDomain, datagram, 0);
    try {
      if (type === etherType.ipv6) libc.setFilter(fd, advertisementsOnly);
      libc.bind(fd, this.#linkLayer(type, new Uint8Array(6)));
    } catch (error) {
      libc.close(fd);
      throw error;
    }
    return fd;
  }

  /** `struct sockaddr_ll`. */
  #linkLayer(type: number, mac: Uint8Array): Uint8Array {
    const address = new Uint8Array(linkLayerAddressLength);
    const view = new DataView(address.buffer);
    view.setUint16(0, packetDomain, little);
    view.setUint16(2, type);
    view.setInt32(4, this.#o.index, little);
    address[11] = mac.length;
    address.set(mac, 12);
    return address;
  }
}

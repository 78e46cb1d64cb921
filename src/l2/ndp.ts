/**
 * Neighbor Discovery for IPv6 (RFC 4861), as IPv6 packets without the Ethernet header: the solicitation that asks for
 * the owner of an address, and the advertisement that answers.
 */
import { formatAddress } from '../ip.ts';
import type { FilterInstruction } from '../libc.ts';
import type { AddressClaim } from './arp.ts';
import { formatMac, isStation, macLength } from './mac.ts';

const ipHeaderLength = 40;
const icmpv6 = 58;
/** RFC 4861 §7.1.1 and §7.1.2: a packet with less came through a router. */
const hopLimit = 255;
const neighborSolicitation = 135;
const neighborAdvertisement = 136;
const messageLength = 24;
const sourceLinkLayerAddress = 1;
const targetLinkLayerAddress = 2;
const solicitedFlag = 0x40;
const overrideFlag = 0x20;

/** ff02::1:ff00:0/104 with the last three octets of the address (RFC 4291 §2.7.1). */
export function solicitedNode(address: Uint8Array): Uint8Array {
  return Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...address.subarray(13));
}

/** The Ethernet address of an IPv6 multicast address (RFC 2464 §7). */
export function multicastMac(group: Uint8Array): Uint8Array {
  return Uint8Array.of(0x33, 0x33, ...group.subarray(12));
}

/**
 * Asks who has `target`. `source` and `mac` are ours on the link. MetalLB's speaker drops a solicitation without the
 * Source Link-Layer Address option.
 */
export function encodeNeighborSolicitation(mac: Uint8Array, source: Uint8Array, target: Uint8Array): Uint8Array {
  const length = messageLength + 2 + macLength;
  const packet = new Uint8Array(ipHeaderLength + length);
  const view = new DataView(packet.buffer);
  packet[0] = 6 << 4;
  view.setUint16(4, length);
  packet[6] = icmpv6;
  packet[7] = hopLimit;
  packet.set(source, 8);
  packet.set(solicitedNode(target), 24);
  packet[ipHeaderLength] = neighborSolicitation;
  packet.set(target, ipHeaderLength + 8);
  packet[ipHeaderLength + messageLength] = sourceLinkLayerAddress;
  packet[ipHeaderLength + messageLength + 1] = 1;
  packet.set(mac, ipHeaderLength + messageLength + 2);
  view.setUint16(ipHeaderLength + 2, ~sumOf(packet, length) & 0xffff);
  return packet;
}

/**
 * The claim of a Neighbor Advertisement; undefined if the packet is not valid by RFC 4861 §7.1.2. `sender` is the
 * hardware address of the frame, for an advertisement without one.
 */
export function decodeNeighborAdvertisement(packet: Uint8Array, sender: Uint8Array): AddressClaim | undefined {
  if (packet.length < ipHeaderLength + messageLength || packet[0]! >> 4 !== 6) return undefined;
  if (packet[6] !== icmpv6 || packet[7] !== hopLimit) return undefined;
  const length = (packet[4]! << 8) | packet[5]!;
  if (length < messageLength || packet.length < ipHeaderLength + length) return undefined;
  const message = packet.subarray(ipHeaderLength, ipHeaderLength + length);
  const [type, code] = message;
  if (type !== neighborAdvertisement || code !== 0 || sumOf(packet, length) !== 0xffff) return undefined;
  const isMulticastTarget = message[8] === 0xff;
  const isToAll = packet[24] === 0xff;
  const flags = message[4]!;
  // RFC 4861 §7.1.2: an advertisement to all is never solicited
  if (isMulticastTarget || (isToAll && (flags & solicitedFlag) !== 0)) return undefined;
  const options = linkLayerAddress(message.subarray(messageLength));
  if (options === null) return undefined;
  const mac = options ?? sender;
  if (!isStation(mac)) return undefined;
  const isAnnouncement = (flags & solicitedFlag) === 0 && (flags & overrideFlag) !== 0;
  return { address: formatAddress(message, 6, 8), mac: formatMac(mac), isAnnouncement };
}

/** The Target Link-Layer Address; undefined if absent, null if an option has length 0 or exceeds the packet. */
function linkLayerAddress(options: Uint8Array): Uint8Array | undefined | null {
  let found: Uint8Array | undefined;
  for (let at = 0; at < options.length; ) {
    const length = (options[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > options.length) return null;
    if (options[at] === targetLinkLayerAddress && length === 8) found = options.subarray(at + 2, at + 8);
    at += length;
  }
  return found;
}

/** The Internet checksum before its complement, over pseudo-header and message (RFC 8200 §8.1); 0xffff if correct. */
function sumOf(packet: Uint8Array, length: number): number {
  let sum = length + icmpv6;
  const end = ipHeaderLength + length;
  for (let i = 8; i < end; i += 2) sum += (packet[i]! << 8) | (i + 1 < end ? packet[i + 1]! : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

const load8Absolute = 0x30;
const jumpIfEqual = 0x15;
const answer = 0x06;

/** Passes only Neighbor Advertisements, not the other IPv6 packets of the interface. */
export const advertisementsOnly: FilterInstruction[] = [
  { code: load8Absolute, jt: 0, jf: 0, k: 6 },
  { code: jumpIfEqual, jt: 0, jf: 3, k: icmpv6 },
  { code: load8Absolute, jt: 0, jf: 0, k: ipHeaderLength },
  { code: jumpIfEqual, jt: 0, jf: 1, k: neighborAdvertisement },
  { code: answer, jt: 0, jf: 0, k: 0xffff },
  { code: answer, jt: 0, jf: 0, k: 0 },
];

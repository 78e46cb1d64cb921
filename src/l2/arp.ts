/** ARP for IPv4 over Ethernet (RFC 826), without the Ethernet header; probes as in RFC 5227. */
import { formatAddress } from '../ip.ts';
import { formatMac, isStation, macLength } from './mac.ts';

const hardwareEthernet = 1;
const protocolIPv4 = 0x0800;
const request = 1;
const reply = 2;
const arpLength = 28;

/** A packet's claim that a station owns an address. */
export interface AddressClaim {
  address: string;
  mac: string;
  /** Unsolicited and sent to all: a gratuitous ARP, or an unsolicited NA with Override. */
  isAnnouncement: boolean;
}

/**
 * Asks who has `target` (4 octets). The sender's protocol address is 0.0.0.0 (RFC 5227 §1.1), so that no cache learns
 * from the probe.
 */
export function encodeArpProbe(mac: Uint8Array, target: Uint8Array): Uint8Array {
  const packet = new Uint8Array(arpLength);
  const view = new DataView(packet.buffer);
  view.setUint16(0, hardwareEthernet);
  view.setUint16(2, protocolIPv4);
  packet[4] = macLength;
  packet[5] = target.length;
  view.setUint16(6, request);
  packet.set(mac, 8);
  packet.set(target, 24);
  return packet;
}

/**
 * The claim of an ARP packet; undefined if it makes none or is invalid. A request is an announcement only if it asks
 * for the sender's own address (RFC 5227 §3).
 */
export function decodeArp(packet: Uint8Array): AddressClaim | undefined {
  if (packet.length < arpLength) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (view.getUint16(0) !== hardwareEthernet || view.getUint16(2) !== protocolIPv4) return undefined;
  if (packet[4] !== macLength || packet[5] !== 4) return undefined;
  const operation = view.getUint16(6);
  const sender = view.getUint32(14);
  const isGratuitous = sender === view.getUint32(24);
  if (operation !== reply && !(operation === request && isGratuitous)) return undefined;
  if (sender === 0 || !isStation(packet.subarray(8, 14))) return undefined;
  return { address: formatAddress(packet, 4, 14), mac: formatMac(packet, 8), isAnnouncement: isGratuitous };
}

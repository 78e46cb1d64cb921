/**
 * The kernel's neighbor table over rtnetlink (rtnetlink(7), <linux/neighbour.h>): dumps and change notifications.
 * Numbers are in the machine's byte order: little-endian on all Linux architectures of Node except s390x.
 */
import { endianness } from 'node:os';
import { formatAddress } from '../ip.ts';
import { formatMac, macLength } from './mac.ts';

const little = endianness() === 'LE';
const headerLength = 16;
const neighborLength = 12;
const attributeHeader = 4;

const messageType = { error: 2, done: 3, newNeighbor: 28, deletedNeighbor: 29, getNeighbor: 30 } as const;
const flag = { request: 1, dump: 0x300, interrupted: 0x10 } as const;
const attribute = { destination: 1, linkLayerAddress: 2 } as const;
/** NUD_…, <linux/neighbour.h>. */
const states: Readonly<Record<number, EntryState>> = {
  1: 'incomplete',
  2: 'reachable',
  4: 'stale',
  8: 'delay',
  16: 'probe',
  32: 'failed',
  64: 'noarp',
  128: 'permanent',
};

/** State of an entry, as in `ip neigh` but in lower case. */
export type EntryState =
  | 'incomplete'
  | 'reachable'
  | 'stale'
  | 'delay'
  | 'probe'
  | 'failed'
  | 'noarp'
  | 'permanent'
  | 'none';

/** One entry of the neighbor table. */
export interface NeighborEntry {
  interface: number;
  address: string;
  /** null: not resolved. */
  mac: string | null;
  /** `none` for a deleted entry. */
  state: EntryState;
}

export interface NeighborMessages {
  entries: NeighborEntry[];
  /** The dump is complete. */
  done: boolean;
  /** Data was lost, or the table changed during the dump: request it again. */
  again: boolean;
  /** errno of a rejected request. */
  error: number | null;
}

/** RTM_GETNEIGH for the whole table, both families. */
export function encodeNeighborDump(sequence: number): Uint8Array {
  const message = new Uint8Array(headerLength + neighborLength);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, little);
  view.setUint16(4, messageType.getNeighbor, little);
  view.setUint16(6, flag.request | flag.dump, little);
  view.setUint32(8, sequence, little);
  return message;
}

/** The messages of one datagram. A truncated message ends it. */
export function decodeNeighborMessages(bytes: Uint8Array): NeighborMessages {
  const found: NeighborMessages = { entries: [], done: false, again: false, error: null };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + headerLength <= bytes.length; ) {
    const length = view.getUint32(at, little);
    if (length < headerLength || at + length > bytes.length) {
      found.again = true;
      break;
    }
    const type = view.getUint16(at + 4, little);
    if ((view.getUint16(at + 6, little) & flag.interrupted) !== 0) found.again = true;
    if (type === messageType.done) found.done = true;
    else if (type === messageType.error && length >= headerLength + 4)
      found.error = -view.getInt32(at + headerLength, little);
    else if (type === messageType.newNeighbor || type === messageType.deletedNeighbor) {
      const entry = decodeEntry(bytes.subarray(at + headerLength, at + length), type === messageType.deletedNeighbor);
      if (entry) found.entries.push(entry);
    }
    at += align(length);
  }
  return found;
}

/** `struct ndmsg` and its attributes; undefined without an address and for other families, such as a bridge's table. */
function decodeEntry(bytes: Uint8Array, isDeleted: boolean): NeighborEntry | undefined {
  if (bytes.length < neighborLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let address: string | undefined;
  let mac: string | null = null;
  for (let at = neighborLength; at + attributeHeader <= bytes.length; ) {
    const length = view.getUint16(at, little);
    if (length < attributeHeader || at + length > bytes.length) break;
    const value = bytes.subarray(at + attributeHeader, at + length);
    const type = view.getUint16(at + 2, little);
    if (type === attribute.destination && (value.length === 4 || value.length === 16)) address = formatAddress(value);
    if (type === attribute.linkLayerAddress && value.length === macLength) mac = formatMac(value);
    at += align(length);
  }
  if (address === undefined) return undefined;
  const state = isDeleted ? 'none' : (states[view.getUint16(8, little)] ?? 'none');
  return { interface: view.getInt32(4, little), address, mac: isDeleted ? null : mac, state };
}

const align = (length: number): number => (length + 3) & ~3;

/**
 * The hot path from a well-formed UPDATE to routes: nothing is allocated, nothing is checked. Give it only what
 * isCleanUpdate() accepted or treatUpdate() made.
 *
 * **Attribute block.** What the sink gets to intern is a run of path attributes as on the wire, without any NLRI:
 * - of classic IPv4 routes: the UPDATE's attributes, MP_REACH_NLRI and MP_UNREACH_NLRI left out;
 * - of routes in MP_REACH_NLRI: NEXT_HOP and MP_UNREACH_NLRI left out, and in the place of MP_REACH_NLRI the
 *   attribute `80 0e len | afi u16 | safi u8 | next hop length u8 | next hop`: no reserved octet, no NLRI.
 *
 * Equal blocks are equal attributes. decodeAttributes() and attributeColumns() read them; AS numbers have four octets.
 */
import type { Family } from '../ip.ts';
import { headerLength } from './framer.ts';
import { AttributeCode } from './iana.ts';

/**
 * Receives an UPDATE's parts: withdrawals first, then each attribute block followed by its routes. `bytes` and
 * offsets are valid only during the call. `pathId` is 0 without ADD-PATH; lengths are prefix lengths in bits.
 */
export interface RouteSink {
  /** `address` is an unsigned 32-bit integer, host bits zero. */
  withdraw4(address: number, length: number, pathId: number): void;
  /** The address has ceil(length / 8) octets from `offset`; bits behind `length` may be anything. */
  withdraw6(bytes: Uint8Array, offset: number, length: number, pathId: number): void;
  /** The attribute block of the announcements that follow. */
  attributes(bytes: Uint8Array, start: number, end: number): void;
  announce4(address: number, length: number, pathId: number): void;
  announce6(bytes: Uint8Array, offset: number, length: number, pathId: number): void;
  /** RFC 4724 §2. */
  endOfRib(family: Family): void;
}

/** Shortest UPDATE: header and two lengths. */
const minUpdateLength = headerLength + 4;

// a block is never longer than the message it is made from
const scratch = new Uint8Array(0xffff);

/** Hands the routes in `bytes[start..end)`, one well-formed UPDATE with its header, to `sink`. Empty = no routes. */
export function walkUpdate(
  bytes: Uint8Array,
  start: number,
  end: number,
  addPath4: boolean,
  addPath6: boolean,
  sink: RouteSink,
): void {
  if (end - start < minUpdateLength) return;
  const withdrawn = start + headerLength + 2;
  const withdrawnEnd = withdrawn + u16(bytes, withdrawn - 2);
  const attributes = withdrawnEnd + 2;
  const attributesEnd = attributes + u16(bytes, withdrawnEnd);

  withdrawals4(bytes, withdrawn, withdrawnEnd, addPath4, sink);
  if (attributes === attributesEnd) {
    if (withdrawn === withdrawnEnd && attributesEnd === end) sink.endOfRib(4);
    return;
  }

  let reach = 0;
  let unreach = 0;
  for (let at = attributes; at < attributesEnd; at = nextAttribute(bytes, at)) {
    if (bytes[at + 1] === AttributeCode.mpReach) reach = at;
    else if (bytes[at + 1] === AttributeCode.mpUnreach) unreach = at;
  }
  if (unreach !== 0) {
    const value = valueAt(bytes, unreach);
    const valueEnd = nextAttribute(bytes, unreach);
    const family = bytes[value + 1] === 1 ? 4 : 6;
    if (value + 3 < valueEnd) {
      if (family === 4) withdrawals4(bytes, value + 3, valueEnd, addPath4, sink);
      else withdrawals6(bytes, value + 3, valueEnd, addPath6, sink);
    } else if (
      unreach === attributes &&
      valueEnd === attributesEnd &&
      withdrawn === withdrawnEnd &&
      attributesEnd === end
    )
      sink.endOfRib(family);
  }
  if (attributesEnd < end) {
    if (reach === 0 && unreach === 0) sink.attributes(bytes, attributes, attributesEnd);
    else sink.attributes(scratch, 0, classicBlock(bytes, attributes, attributesEnd));
    announcements4(bytes, attributesEnd, end, addPath4, sink);
  }
  if (reach !== 0) {
    const value = valueAt(bytes, reach);
    const valueEnd = nextAttribute(bytes, reach);
    const nlri = value + 5 + bytes[value + 3]!;
    if (nlri < valueEnd) {
      sink.attributes(scratch, 0, reachBlock(bytes, attributes, attributesEnd, value));
      if (bytes[value + 1] === 1) announcements4(bytes, nlri, valueEnd, addPath4, sink);
      else announcements6(bytes, nlri, valueEnd, addPath6, sink);
    }
  }
}

/** The block for classic IPv4 routes when the UPDATE carries MP attributes too. Returns its length in `scratch`. */
function classicBlock(bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; ) {
    const next = nextAttribute(bytes, at);
    const code = bytes[at + 1];
    if (code !== AttributeCode.mpReach && code !== AttributeCode.mpUnreach) length = copy(bytes, at, next, length);
    at = next;
  }
  return length;
}

/** The block for the routes of the MP_REACH_NLRI whose value is at `reach`. Returns its length in `scratch`. */
function reachBlock(bytes: Uint8Array, start: number, end: number, reach: number): number {
  let length = 0;
  for (let at = start; at < end; ) {
    const next = nextAttribute(bytes, at);
    const code = bytes[at + 1];
    if (code === AttributeCode.mpReach) {
      scratch[length] = 0x80;
      scratch[length + 1] = code;
      scratch[length + 2] = 4 + bytes[reach + 3]!;
      length = copy(bytes, reach, reach + 4 + bytes[reach + 3]!, length + 3);
    } else if (code !== AttributeCode.nextHop && code !== AttributeCode.mpUnreach)
      length = copy(bytes, at, next, length);
    at = next;
  }
  return length;
}

// blocks are tens of octets: a loop beats the call into set()
function copy(bytes: Uint8Array, from: number, to: number, at: number): number {
  for (let i = from; i < to; i++) scratch[at++] = bytes[i]!;
  return at;
}

function withdrawals4(bytes: Uint8Array, start: number, end: number, addPath: boolean, sink: RouteSink): void {
  for (let at = start, pathId = 0; at < end; ) {
    if (addPath) {
      pathId = u32(bytes, at);
      at += 4;
    }
    const length = bytes[at]!;
    sink.withdraw4(address4(bytes, at + 1, length), length, pathId);
    at += 1 + ((length + 7) >> 3);
  }
}

function announcements4(bytes: Uint8Array, start: number, end: number, addPath: boolean, sink: RouteSink): void {
  for (let at = start, pathId = 0; at < end; ) {
    if (addPath) {
      pathId = u32(bytes, at);
      at += 4;
    }
    const length = bytes[at]!;
    sink.announce4(address4(bytes, at + 1, length), length, pathId);
    at += 1 + ((length + 7) >> 3);
  }
}

function withdrawals6(bytes: Uint8Array, start: number, end: number, addPath: boolean, sink: RouteSink): void {
  for (let at = start, pathId = 0; at < end; ) {
    if (addPath) {
      pathId = u32(bytes, at);
      at += 4;
    }
    const length = bytes[at]!;
    sink.withdraw6(bytes, at + 1, length, pathId);
    at += 1 + ((length + 7) >> 3);
  }
}

function announcements6(bytes: Uint8Array, start: number, end: number, addPath: boolean, sink: RouteSink): void {
  for (let at = start, pathId = 0; at < end; ) {
    if (addPath) {
      pathId = u32(bytes, at);
      at += 4;
    }
    const length = bytes[at]!;
    sink.announce6(bytes, at + 1, length, pathId);
    at += 1 + ((length + 7) >> 3);
  }
}

/** The IPv4 address at `at`, of which only ceil(length / 8) octets are there. */
function address4(bytes: Uint8Array, at: number, length: number): number {
  if (length > 24) {
    const address = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return (length === 32 ? address : address & (-1 << (32 - length))) >>> 0;
  }
  if (length === 0) return 0;
  let address = bytes[at]! << 24;
  if (length > 8) address |= bytes[at + 1]! << 16;
  if (length > 16) address |= bytes[at + 2]! << 8;
  // RFC 4271 §4.3: the value of trailing bits is irrelevant
  return (address & (-1 << (32 - length))) >>> 0;
}

/** Where the attribute behind the one at `at` begins. */
function nextAttribute(bytes: Uint8Array, at: number): number {
  return (bytes[at]! & 0x10) !== 0 ? at + 4 + u16(bytes, at + 2) : at + 3 + bytes[at + 2]!;
}

function valueAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! & 0x10) !== 0 ? at + 4 : at + 3;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

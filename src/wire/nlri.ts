/** NLRI (RFC 4271 §4.3, RFC 7911 §3): `(path id u32, with ADD-PATH | length u8 | ceil(length / 8) octets)*`. */
import { type Family, formatPrefix, maskBytes } from '../ip.ts';
import type { UpdateContext } from './context.ts';
import { AttributeError } from './errors.ts';
import type { Reader } from './reader.ts';

/** Moves to the end of the NLRI. Throws AttributeError when they are syntactically incorrect (RFC 7606 §5.3). */
export function checkNlri(nlri: Reader, family: Family, context: UpdateContext): void {
  const addPath = family === 4 ? context.addPath4 : context.addPath6;
  if (nlriEnd(nlri.bytes, nlri.offset, nlri.end, family === 4 ? 32 : 128, addPath) !== nlri.end)
    throw new AttributeError(`a prefix of IPv${family} is too long or runs over the end`);
  nlri.offset = nlri.end;
}

/** Where well-formed prefixes end: `end` when all are. Allocates nothing. */
export function nlriEnd(bytes: Uint8Array, start: number, end: number, maxLength: number, addPath: boolean): number {
  let at = start;
  while (at < end) {
    const lengthAt = addPath ? at + 4 : at;
    if (lengthAt >= end) return at;
    const length = bytes[lengthAt]!;
    const next = lengthAt + 1 + ((length + 7) >> 3);
    if (length > maxLength || next > end) return at;
    at = next;
  }
  return at;
}

/** Text of a prefix of which only ceil(length / 8) octets are on the wire. */
export function formatNlri(family: Family, bytes: Uint8Array, offset: number, length: number): string {
  const octets = new Uint8Array(family === 4 ? 4 : 16);
  octets.set(bytes.subarray(offset, offset + ((length + 7) >> 3)));
  return formatPrefix({ family, bytes: maskBytes(octets, length), length });
}

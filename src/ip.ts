/**
 * Parses and formats addresses and prefixes. One canonical form everywhere: RFC 5952 for IPv6, dotted quad for IPv4,
 * host bits zero. `ip-address` parses user input; formatting is done here, since a full table needs it a million
 * times.
 */
import { Address4, Address6 } from 'ip-address';

/** IP version: 4 or 6. */
export type Family = 4 | 6;

/** A prefix as octets: `bytes` has 4 or 16 octets, host bits zero; `length` is 0..32 or 0..128. */
export interface Prefix {
  readonly family: Family;
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** Parses an address to 4 or 16 octets, without its zone such as `%eth0`; undefined if invalid. */
export function parseAddress(text: string): Uint8Array | undefined {
  const bare = text.split('%', 1)[0]!;
  if (bare.includes('/')) return undefined;
  if (bare.includes(':')) {
    if (!Address6.isValid(bare)) return undefined;
    const octets = new Uint8Array(16);
    let value = new Address6(bare).bigInt();
    for (let i = 15; i >= 0; i--, value >>= 8n) octets[i] = Number(value & 0xffn);
    return octets;
  }
  return Address4.isValid(bare) ? Uint8Array.from(new Address4(bare).toArray()) : undefined;
}

/** RFC 5952 text of 4 or 16 octets starting at `offset`. */
export function formatAddress(bytes: Uint8Array, family: Family = bytes.length === 4 ? 4 : 6, offset = 0): string {
  if (family === 4) return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
  // RFC 5952 §4.2: "::" replaces the longest run of two or more zero fields, the first of equal runs
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let run = 0;
    while (i + run < 8 && bytes[offset + 2 * (i + run)] === 0 && bytes[offset + 2 * (i + run) + 1] === 0) run++;
    if (run > bestLength) {
      best = i;
      bestLength = run;
    }
    i += run + 1;
  }
  // RFC 5952 §5: an IPv4-mapped address is written in mixed notation
  if (best === 0 && bestLength === 5 && bytes[offset + 10] === 0xff && bytes[offset + 11] === 0xff)
    return `::ffff:${formatAddress(bytes, 4, offset + 12)}`;
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === best) {
      text += '::';
      i += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += ((bytes[offset + 2 * i]! << 8) | bytes[offset + 2 * i + 1]!).toString(16);
  }
  return text;
}

/** Canonical text of an address; undefined if invalid. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = parseAddress(text);
  return bytes && formatAddress(bytes);
}

/** Parses `address/length`; a bare address is a host prefix. Zeroes host bits, or rejects them if `strict`. */
export function parsePrefix(text: string, { strict = false } = {}): Prefix | undefined {
  const slash = text.indexOf('/');
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!bytes) return undefined;
  const family: Family = bytes.length === 4 ? 4 : 6;
  const bits = bytes.length * 8;
  const digits = slash < 0 ? String(bits) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits) || Number(digits) > bits) return undefined;
  const length = Number(digits);
  const masked = maskBytes(bytes, length);
  if (strict && masked.some((octet, i) => octet !== bytes[i])) return undefined;
  return { family, bytes: masked, length };
}

/** A copy of `bytes` with all bits after the first `length` zero. */
export function maskBytes(bytes: Uint8Array, length: number): Uint8Array {
  const masked = Uint8Array.from(bytes);
  for (let i = 0; i < masked.length; i++) {
    const keep = Math.min(8, Math.max(0, length - 8 * i));
    masked[i] = masked[i]! & (0xff << (8 - keep));
  }
  return masked;
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.bytes, prefix.family)}/${prefix.length}`;
}

/** Canonical text of a prefix; undefined if invalid. */
export function canonicalPrefix(text: string): string | undefined {
  const prefix = parsePrefix(text);
  return prefix && formatPrefix(prefix);
}

/** True if `outer` contains or equals `inner`. */
export function contains(outer: Prefix, inner: Prefix): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false;
  const whole = outer.length >> 3;
  for (let i = 0; i < whole; i++) if (outer.bytes[i] !== inner.bytes[i]) return false;
  const rest = outer.length & 7;
  return rest === 0 || (outer.bytes[whole]! ^ inner.bytes[whole]!) >> (8 - rest) === 0;
}

/** Arithmetic on blocks of addresses: what IPAddressPool.spec.addresses means. */
import { canonicalPrefix, type Family, formatAddress, parseAddress } from '../../ip.ts';

/** `first`..`first + 2^(bits - length) - 1`. */
export interface Cidr {
  readonly family: Family;
  readonly first: bigint;
  readonly length: number;
  /** Mask length as MetalLB reads it, where that differs: it reads `::ffff:192.0.2.0/120` as IPv4 with 120 bits. */
  readonly maskLength?: number;
}

/** An address as a number; families never compare. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

const bitsOfFamily = (family: Family): number => (family === 4 ? 32 : 128);

/** Last address as far as MetalLB sees overlaps: to a mask of 128 bits, every IPv4 CIDR is wider. */
export const lastInOverlap = (cidr: Cidr): bigint => (cidr.maskLength === undefined ? lastOf(cidr) : cidr.first);

export function lastOf(cidr: Cidr): bigint {
  return cidr.first + (1n << BigInt(bitsOfFamily(cidr.family) - cidr.length)) - 1n;
}

export function parseNumber(text: string): Address | undefined {
  const bytes = parseAddress(text);
  // the speakers' parser knows no zones
  if (!bytes || text.includes('%')) return undefined;
  return bytes.length === 4 ? { family: 4, value: numberOf(bytes) } : mappedOrV6(numberOf(bytes));
}

/** `::ffff:0:0/96` (RFC 4291 §2.5.5.2). */
const mappedPrefix = 0xffffn << 32n;

/** An IPv4-mapped address is an IPv4 address to Go's net package, which MetalLB reads with. */
function mappedOrV6(value: bigint): Address {
  return value >> 32n === mappedPrefix >> 32n ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

const asIPv6 = ({ family, value }: Address): bigint => (family === 4 ? mappedPrefix | value : value);

export function formatNumber({ family, value }: Address): string {
  const bytes = new Uint8Array(family === 4 ? 4 : 16);
  for (let i = bytes.length - 1; i >= 0; i--, value >>= 8n) bytes[i] = Number(value & 0xffn);
  return formatAddress(bytes);
}

export function formatCidr(cidr: Cidr): string {
  return `${formatNumber({ family: cidr.family, value: cidr.first })}/${cidr.length}`;
}

/** A prefix as routes have it; undefined for anything else. */
export function parseBlock(prefix: string): Cidr | undefined {
  const canonical = canonicalPrefix(prefix);
  if (canonical === undefined) return undefined;
  const slash = canonical.indexOf('/');
  const address = parseNumber(canonical.slice(0, slash));
  return address && { family: address.family, first: address.value, length: Number(canonical.slice(slash + 1)) };
}

/** IPv4 first, then by value. */
export function compareAddresses(a: Address, b: Address): number {
  return a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
}

/** The block of `length` around an address. */
export function blockOf(address: Address, length: number): Cidr {
  const shift = BigInt(bitsOfFamily(address.family) - length);
  return { family: address.family, first: (address.value >> shift) << shift, length };
}

export function covers(cidr: Cidr, address: Address): boolean {
  const shift = BigInt(bitsOfFamily(cidr.family) - cidr.length);
  return cidr.family === address.family && address.value >> shift === cidr.first >> shift;
}

/**
 * One entry of `addresses`: `a.b.c.d/n` (host bits are dropped) or `start-end`, which is cut into the fewest CIDRs.
 * A range from IPv4 to IPv6 has no CIDR. Throws an Error in MetalLB's words.
 */
export function parseAddresses(text: string): Cidr[] {
  const dash = text.indexOf('-');
  if (dash < 0) return [parseCidr(text)];
  const [from, to] = [text.slice(0, dash).trim(), text.slice(dash + 1).trim()];
  const start = parseNumber(from);
  if (!start) throw new Error(`invalid IP range "${text}": invalid start IP "${from}"`);
  const end = parseNumber(to);
  if (!end) throw new Error(`invalid IP range "${text}": invalid end IP "${to}"`);
  if (asIPv6(start) > asIPv6(end))
    throw new Error(`invalid IP range "${text}": start IP "${from}" is after the end IP "${to}"`);
  if (start.family !== end.family) return [];
  return split(start.family, start.value, end.value);
}

function parseCidr(text: string): Cidr {
  const slash = text.indexOf('/');
  const address = slash < 0 ? undefined : parseNumber(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  const length = Number(digits);
  const isMapped = address?.family === 4 && text.includes(':');
  const bits = !address ? 0 : isMapped ? 128 : bitsOfFamily(address.family);
  if (!address || !/^\d{1,3}$/.test(digits) || length > bits) throw new Error(`invalid CIDR "${text}"`);
  if (!isMapped) return blockOf(address, length);
  if (length < 96) return blockOf({ family: 6, value: asIPv6(address) }, length);
  return { ...blockOf(address, length - 96), maskLength: length };
}

/** The fewest CIDRs that make up `first`..`last`: each time the largest block that starts here and still fits. */
function split(family: Family, first: bigint, last: bigint): Cidr[] {
  const blocks: Cidr[] = [];
  while (first <= last) {
    let length = bitsOfFamily(family);
    while (length > 0) {
      const wider = blockOf({ family, value: first }, length - 1);
      if (wider.first !== first || lastOf(wider) > last) break;
      length--;
    }
    const block: Cidr = { family, first, length };
    blocks.push(block);
    first = lastOf(block) + 1n;
  }
  return blocks;
}

function numberOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const octet of bytes) value = (value << 8n) | BigInt(octet);
  return value;
}

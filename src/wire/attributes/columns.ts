/**
 * An attribute block as the text columns of a table, straight from the octets: the store writes hundreds of thousands
 * of distinct sets a second, and a table cell needs no arrays.
 */
import { formatAddress } from '../../ip.ts';
import { toHex } from '../hex.ts';
import { AttributeCode, attributeName } from '../iana.ts';
import { Reader } from '../reader.ts';
import { flag } from './attribute.ts';
import { attributesByCode, blockContext } from './index.ts';
import { origins } from './origin.ts';

/**
 * Octets of one attribute's value that become text. An attribute has up to 65,535 of them, and every octet becomes two
 * or more characters; the whole value is in the block.
 */
export const maxTextOctets = 1_200;
/** Characters of `other`, which holds any number of attributes. */
export const maxOtherLength = 8_000;

/** One row; null = not on the wire. Lists are separated by blanks; a text that was cut ends in `… (N octets)`. */
export interface AttributeColumns {
  nextHop: string | null;
  /** `64512 64513 {1,2}`: sets in braces. */
  asPath: string | null;
  origin: string | null;
  localPref: number | null;
  med: number | null;
  communities: string | null;
  largeCommunities: string | null;
  extCommunities: string | null;
  /** All other attributes, `NAME=value` separated by `; `. */
  other: string | null;
}

/** Formats the block in `bytes[start..end)`; its form is described in walk.ts. */
export function attributeColumns(bytes: Uint8Array, start = 0, end = bytes.length): AttributeColumns {
  let nextHop: string | null = null;
  let asPath: string | null = null;
  let origin: string | null = null;
  let localPref: number | null = null;
  let med: number | null = null;
  let communities: string | null = null;
  let largeCommunities: string | null = null;
  let extCommunities: string | null = null;
  let other: string | null = null;
  for (let at = start; at < end; ) {
    const flags = bytes[at]!;
    const code = bytes[at + 1]!;
    const extended = (flags & flag.extendedLength) !== 0;
    const value = extended ? at + 4 : at + 3;
    const next = value + (extended ? (bytes[at + 2]! << 8) | bytes[at + 3]! : bytes[at + 2]!);
    switch (code) {
      case AttributeCode.origin:
        origin = origins[bytes[value]!] ?? null;
        break;
      case AttributeCode.asPath:
        asPath = marked(pathText(bytes, value, Math.min(next, value + maxTextOctets)), next - value);
        break;
      case AttributeCode.nextHop:
        nextHop = formatAddress(bytes, 4, value);
        break;
      case AttributeCode.med:
        med = u32(bytes, value);
        break;
      case AttributeCode.localPref:
        localPref = u32(bytes, value);
        break;
      case AttributeCode.communities:
        communities = marked(communitiesText(bytes, value, cut(value, next)), next - value);
        break;
      case AttributeCode.largeCommunities:
        largeCommunities = marked(largeCommunitiesText(bytes, value, cut(value, next)), next - value);
        break;
      case AttributeCode.extCommunities:
        extCommunities = rowText(bytes, value, next, code, flags);
        break;
      case AttributeCode.mpReach: {
        const length = bytes[value + 3]!;
        nextHop = formatAddress(bytes, length === 4 ? 4 : 6, value + 4);
        if (length === 32) other = append(other, `LINK_LOCAL_NEXT_HOP=${formatAddress(bytes, 6, value + 20)}`);
        break;
      }
      default:
        other = append(other, `${attributeName(code)}=${rowText(bytes, value, next, code, flags)}`);
    }
    at = next;
  }
  return { nextHop, asPath, origin, localPref, med, communities, largeCommunities, extCommunities, other };
}

function append(list: string | null, item: string): string {
  if (list === null) return item;
  if (list.endsWith(moreMark)) return list;
  return list.length + item.length > maxOtherLength ? `${list}; ${moreMark}` : `${list}; ${item}`;
}

/** Ends `other` where not all attributes fit. */
const moreMark = '…';

/** Where the text of a value ends. Items of all lists, 4 to 20 octets long, end there too. */
function cut(start: number, end: number): number {
  return Math.min(end, start + maxTextOctets);
}

/** The text, with a mark when the value has more octets than became text. */
function marked(text: string, octets: number): string {
  return octets > maxTextOctets ? `${text} … (${octets} octets)` : text;
}

/** Attributes whose values are items of one size. */
const lists: ReadonlySet<number> = new Set([
  AttributeCode.extCommunities,
  AttributeCode.ipv6ExtCommunities,
  AttributeCode.clusterList,
]);

/** Text by the attribute's row; of what has none: flags and octets as hex. */
function rowText(bytes: Uint8Array, start: number, end: number, code: number, flags: number): string {
  const row = attributesByCode[code];
  const text =
    row === undefined
      ? `${toHex(Uint8Array.of(flags))}:${toHex(bytes.subarray(start, cut(start, end)))}`
      : row.format(row.decode(new Reader(bytes, start, lists.has(code) ? cut(start, end) : end), blockContext));
  return marked(text, end - start);
}

/** By segment type (as-path.ts): how it opens, what is between AS numbers, how it closes. */
const brackets = [
  ['', ' ', ''],
  ['{', ',', '}'],
  ['', ' ', ''],
  ['(', ' ', ')'],
  ['[', ',', ']'],
] as const;

function pathText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; ) {
    const [open, between, close] = brackets[bytes[at]!]!;
    const next = at + 2 + 4 * bytes[at + 1]!;
    if (at > start) text += ' ';
    text += open + u32(bytes, at + 2);
    for (at += 6; at < next; at += 4) text += between + u32(bytes, at);
    text += close;
  }
  return text;
}

function communitiesText(bytes: Uint8Array, start: number, end: number): string {
  let text = `${u16(bytes, start)}:${u16(bytes, start + 2)}`;
  for (let at = start + 4; at < end; at += 4) text += ` ${u16(bytes, at)}:${u16(bytes, at + 2)}`;
  return text;
}

function largeCommunitiesText(bytes: Uint8Array, start: number, end: number): string {
  let text = `${u32(bytes, start)}:${u32(bytes, start + 4)}:${u32(bytes, start + 8)}`;
  for (let at = start + 12; at < end; at += 12)
    text += ` ${u32(bytes, at)}:${u32(bytes, at + 4)}:${u32(bytes, at + 8)}`;
  return text;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

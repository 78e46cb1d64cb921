/**
 * Octets for tests and the demo: whole messages and their pieces, well-formed by default, broken where a test wants
 * it. The only place that can announce a route.
 */
import { parseAddress, parsePrefix } from '../../src/ip.ts';
import type { AsPath, AsPathSegment } from '../../src/wire/attributes/as-path.ts';
import { flag } from '../../src/wire/attributes/attribute.ts';
import { headerLength, maxMessageLength } from '../../src/wire/framer.ts';
import { AttributeCode, MessageType } from '../../src/wire/iana.ts';
import { concat } from './hex.ts';

/** A prefix, with its path identifier where ADD-PATH is in force. */
export type Nlri = string | { prefix: string; pathId: number };

/** Attributes of announced routes; what is left out is not sent. */
export interface RouteAttributes {
  origin?: 'igp' | 'egp' | 'incomplete';
  asPath?: AsPath | AsPathSegment[];
  /** IPv4 or IPv6; decides between NEXT_HOP and MP_REACH_NLRI. */
  nextHop: string;
  /** Second half of a 32-octet next hop. */
  nextHopLinkLocal?: string;
  med?: number;
  localPref?: number;
  atomicAggregate?: boolean;
  aggregator?: { asn: number; routerId: string };
  communities?: string[];
  originatorId?: string;
  clusterList?: string[];
  /** `rt:65000:1`, `soo:65000:1`, or `0x` and sixteen digits. */
  extCommunities?: string[];
  largeCommunities?: string[];
  aigp?: number;
  otc?: number;
  /** Whole attributes, appended as they are. */
  raw?: Uint8Array[];
}

export interface BuildOptions {
  /** AS numbers of four octets; default true. */
  as4?: boolean;
  /** NLRI carry path identifiers; default false. */
  addPath?: boolean;
  /** Octets a message may have; default 4096. */
  maxLength?: number;
}

/** A whole message: marker, length, type, body. */
export function message(type: number, body: ArrayLike<number> = []): Uint8Array {
  const length = headerLength + body.length;
  return concat(new Uint8Array(16).fill(0xff), u16(length), [type], body);
}

/** An UPDATE from its three parts, already encoded. */
export function update(parts: { withdrawn?: Uint8Array; attributes?: Uint8Array[]; nlri?: Uint8Array }): Uint8Array {
  const { withdrawn = new Uint8Array(0), attributes = [], nlri = new Uint8Array(0) } = parts;
  const block = concat(...attributes);
  return message(MessageType.update, concat(u16(withdrawn.length), withdrawn, u16(block.length), block, nlri));
}

/** UPDATEs that announce `routes`, as many as their size asks for. */
export function announce(routes: Nlri[], attributes: RouteAttributes, options: BuildOptions = {}): Uint8Array[] {
  const families = Map.groupBy(routes, (route) => parsePrefix(prefixOf(route))!.family);
  return [...families].flatMap(([family, members]) => {
    const classic = family === 4 && !attributes.nextHop.includes(':');
    const common = attributeList(attributes, options);
    const build = (nlriOctets: Uint8Array): Uint8Array =>
      classic
        ? update({
            attributes: [...common.slice(0, 2), nextHop(attributes.nextHop), ...common.slice(2)],
            nlri: nlriOctets,
          })
        : update({ attributes: [mpReach(family, attributes, nlriOctets), ...common] });
    return split(members, options, build(new Uint8Array(0)).length).map(build);
  });
}

/** UPDATEs that withdraw `routes`: IPv4 in the message itself, IPv6 in MP_UNREACH_NLRI. */
export function withdraw(routes: Nlri[], options: BuildOptions = {}): Uint8Array[] {
  const families = Map.groupBy(routes, (route) => parsePrefix(prefixOf(route))!.family);
  return [...families].flatMap(([family, members]) => {
    const build = (withdrawn: Uint8Array): Uint8Array =>
      family === 4 ? update({ withdrawn }) : update({ attributes: [mpUnreach(6, withdrawn)] });
    return split(members, options, build(new Uint8Array(0)).length).map(build);
  });
}

/** Encoded routes in runs that fit into a message with `overhead` octets of other things. */
function split(routes: Nlri[], options: BuildOptions, overhead: number): Uint8Array[] {
  // an attribute grows by an octet when its length needs two
  const room = (options.maxLength ?? maxMessageLength) - overhead - 1;
  const runs: Uint8Array[][] = [[]];
  let used = 0;
  for (const route of routes) {
    const octets = nlri([route], options.addPath);
    if (used + octets.length > room) {
      runs.push([]);
      used = 0;
    }
    runs.at(-1)!.push(octets);
    used += octets.length;
  }
  return runs.map((run) => concat(...run));
}

/** All attributes but the next hop, in the order of their codes, ORIGIN and AS_PATH first. */
export function attributeList(attributes: RouteAttributes, { as4 = true }: BuildOptions = {}): Uint8Array[] {
  const it = attributes;
  const list: Uint8Array[] = [];
  list.push(origin(it.origin ?? 'igp'), asPath(it.asPath ?? [], as4));
  if (it.med !== undefined) list.push(attribute(AttributeCode.med, 0x80, u32(it.med)));
  if (it.localPref !== undefined) list.push(attribute(AttributeCode.localPref, 0x40, u32(it.localPref)));
  if (it.atomicAggregate) list.push(attribute(AttributeCode.atomicAggregate, 0x40, []));
  if (it.aggregator) list.push(aggregator(it.aggregator, as4));
  if (it.communities) list.push(communities(it.communities));
  if (it.originatorId) list.push(attribute(AttributeCode.originatorId, 0x80, parseAddress(it.originatorId)!));
  if (it.clusterList)
    list.push(attribute(AttributeCode.clusterList, 0x80, concat(...it.clusterList.map((id) => parseAddress(id)!))));
  if (it.extCommunities) list.push(extCommunities(it.extCommunities));
  if (it.aigp !== undefined)
    list.push(
      attribute(AttributeCode.aigp, 0x80, concat([1], u16(11), u32(Math.floor(it.aigp / 2 ** 32)), u32(it.aigp))),
    );
  if (it.largeCommunities) list.push(largeCommunities(it.largeCommunities));
  if (it.otc !== undefined) list.push(attribute(AttributeCode.otc, 0xc0, u32(it.otc)));
  return [...list, ...(it.raw ?? [])];
}

/** One attribute; longer values get the Extended Length flag. */
export function attribute(code: number, flags: number, value: ArrayLike<number>): Uint8Array {
  const extended = value.length > 255 || (flags & flag.extendedLength) !== 0;
  const length = extended ? u16(value.length) : [value.length];
  return concat([extended ? flags | flag.extendedLength : flags, code], length, value);
}

export function origin(value: 'igp' | 'egp' | 'incomplete'): Uint8Array {
  return attribute(AttributeCode.origin, 0x40, [['igp', 'egp', 'incomplete'].indexOf(value)]);
}

/** `[64512, [1, 2], 3]` or segments. */
export function asPath(path: AsPath | AsPathSegment[], as4 = true): Uint8Array {
  return attribute(AttributeCode.asPath, 0x40, segmentOctets(toSegments(path), as4));
}

export function as4Path(path: AsPath | AsPathSegment[]): Uint8Array {
  return attribute(AttributeCode.as4Path, 0xc0, segmentOctets(toSegments(path), true));
}

function toSegments(path: AsPath | AsPathSegment[]): AsPathSegment[] {
  const segments: AsPathSegment[] = [];
  for (const hop of path) {
    const last = segments.at(-1);
    if (Array.isArray(hop)) segments.push({ type: 'set', asns: hop });
    else if (typeof hop === 'object') segments.push(hop);
    else if (last?.type === 'sequence' && last.asns.length < 255) last.asns.push(hop);
    else segments.push({ type: 'sequence', asns: [hop] });
  }
  return segments;
}

function segmentOctets(segments: AsPathSegment[], as4: boolean): Uint8Array {
  const types = ['set', 'sequence', 'confed-sequence', 'confed-set'];
  return concat(
    ...segments.map(({ type, asns }) =>
      concat([types.indexOf(type) + 1, asns.length], ...asns.map((asn) => (as4 ? u32(asn) : u16(asn)))),
    ),
  );
}

export function nextHop(address: string): Uint8Array {
  return attribute(AttributeCode.nextHop, 0x40, parseAddress(address)!);
}

export function aggregator({ asn, routerId }: { asn: number; routerId: string }, as4 = true): Uint8Array {
  return attribute(AttributeCode.aggregator, 0xc0, concat(as4 ? u32(asn) : u16(asn), parseAddress(routerId)!));
}

export function as4Aggregator({ asn, routerId }: { asn: number; routerId: string }): Uint8Array {
  return attribute(AttributeCode.as4Aggregator, 0xc0, concat(u32(asn), parseAddress(routerId)!));
}

export function communities(list: string[]): Uint8Array {
  return attribute(AttributeCode.communities, 0xc0, concat(...list.map((it) => concat(...numbers(it).map(u16)))));
}

export function largeCommunities(list: string[]): Uint8Array {
  return attribute(AttributeCode.largeCommunities, 0xc0, concat(...list.map((it) => concat(...numbers(it).map(u32)))));
}

export function extCommunities(list: string[]): Uint8Array {
  return attribute(AttributeCode.extCommunities, 0xc0, concat(...list.map(extCommunity)));
}

function extCommunity(text: string): Uint8Array {
  if (text.startsWith('0x')) return Uint8Array.from(text.slice(2).match(/../g)!, (octet) => Number.parseInt(octet, 16));
  const [name, administrator, value] = text.split(':') as [string, string, string];
  const subtype = name === 'rt' ? 2 : 3;
  if (administrator.includes('.')) return concat([1, subtype], parseAddress(administrator)!, u16(Number(value)));
  if (Number(administrator) > 0xffff) return concat([2, subtype], u32(Number(administrator)), u16(Number(value)));
  return concat([0, subtype], u16(Number(administrator)), u32(Number(value)));
}

/** MP_REACH_NLRI around encoded routes. */
export function mpReach(
  family: 4 | 6,
  hop: { nextHop: string; nextHopLinkLocal?: string },
  routes: Uint8Array,
): Uint8Array {
  const address = concat(
    parseAddress(hop.nextHop)!,
    hop.nextHopLinkLocal === undefined ? [] : parseAddress(hop.nextHopLinkLocal)!,
  );
  return attribute(
    AttributeCode.mpReach,
    0x80,
    concat(u16(family === 4 ? 1 : 2), [1, address.length], address, [0], routes),
  );
}

/** MP_UNREACH_NLRI around encoded routes. */
export function mpUnreach(family: 4 | 6, routes: Uint8Array): Uint8Array {
  return attribute(AttributeCode.mpUnreach, 0x80, concat(u16(family === 4 ? 1 : 2), [1], routes));
}

/** Encoded routes; host bits are sent as written. */
export function nlri(routes: Nlri[], addPath = false): Uint8Array {
  return concat(
    ...routes.map((route) => {
      const prefix = prefixOf(route);
      const [address, length] = prefix.split('/') as [string, string];
      const octets = parseAddress(address)!.subarray(0, Math.ceil(Number(length) / 8));
      const pathId = typeof route === 'string' ? 0 : route.pathId;
      return concat(addPath ? u32(pathId) : [], [Number(length)], octets);
    }),
  );
}

const prefixOf = (route: Nlri): string => (typeof route === 'string' ? route : route.prefix);
const numbers = (text: string): number[] => text.split(':').map(Number);
export const u16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value);
export const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

/**
 * Capabilities (RFC 5492): a row per code. Content that does not parse negotiates nothing and is shown with its
 * error; codes without a row are kept as octets.
 */
import { visible } from '../visible.ts';
import { AttributeError } from './errors.ts';
import { toHex } from './hex.ts';
import { CapabilityCode, familyName } from './iana.ts';
import { Reader, Truncated } from './reader.ts';
import { Writer } from './writer.ts';

/** One capability of an OPEN, as plain data. */
export interface Capability {
  code: number;
  name: string;
  /** Octets as hex. */
  raw: string;
  /** Decoded meaning; its shape depends on `name`. */
  value?: unknown;
  /** Why `value` is missing although the code is known. */
  error?: string;
}

/** How one capability code is read and written. `T` = void: it has no content. */
export interface CapabilityRow<T> {
  readonly code: number;
  readonly name: string;
  decode(content: Reader): T;
  encode(writer: Writer, value: T): void;
}

export interface AfiSafi {
  afi: number;
  safi: number;
  /** `ipv4-unicast` … */
  family: string;
}

/** RFC 4760 §8: `afi u16 | reserved u8 | safi u8`. */
export const multiprotocol: CapabilityRow<AfiSafi> = {
  code: CapabilityCode.multiprotocol,
  name: 'multiprotocol',
  decode(content) {
    const afi = content.u16();
    content.u8();
    return afiSafi(afi, content.u8());
  },
  encode: (writer, { afi, safi }) => writer.u16(afi).u8(0).u8(safi),
};

/** RFC 2918. */
export const routeRefresh = empty(CapabilityCode.routeRefresh, 'route-refresh');
/** The code that was used before RFC 2918. */
export const routeRefreshCisco = empty(CapabilityCode.routeRefreshCisco, 'route-refresh-cisco');
/** RFC 7313. */
export const enhancedRouteRefresh = empty(CapabilityCode.enhancedRouteRefresh, 'enhanced-route-refresh');
/** RFC 8654. */
export const extendedMessage = empty(CapabilityCode.extendedMessage, 'extended-message');

/** RFC 8950 §4: `(afi u16 | safi u16 | next hop afi u16)*`. */
export const extendedNextHop: CapabilityRow<(AfiSafi & { nextHopAfi: number })[]> = {
  code: CapabilityCode.extendedNextHop,
  name: 'extended-next-hop',
  decode: (content) => many(content, () => ({ ...afiSafi(content.u16(), content.u16()), nextHopAfi: content.u16() })),
  encode(writer, entries) {
    for (const { afi, safi, nextHopAfi } of entries) writer.u16(afi).u16(safi).u16(nextHopAfi);
  },
};

const roles = ['provider', 'route-server', 'route-server-client', 'customer', 'peer'] as const;
export type Role = (typeof roles)[number];

/** RFC 9234 §4.1: one octet. */
export const role: CapabilityRow<Role> = {
  code: CapabilityCode.role,
  name: 'role',
  decode(content) {
    const value = content.u8();
    const name = roles[value];
    if (name === undefined) throw new AttributeError(`role ${value} is not assigned`);
    return name;
  },
  encode: (writer, value) => writer.u8(roles.indexOf(value)),
};

export interface GracefulRestart {
  /** Seconds, 12 bits. */
  restartTime: number;
  /** R: the sender has just restarted. */
  restarting: boolean;
  /** N (RFC 8538): NOTIFICATIONs, too, start a graceful restart. */
  notification: boolean;
  families: (AfiSafi & { forwarding: boolean })[];
}

/** RFC 4724 §3: `flags and time u16 | (afi u16 | safi u8 | flags u8)*`. */
export const gracefulRestart: CapabilityRow<GracefulRestart> = {
  code: CapabilityCode.gracefulRestart,
  name: 'graceful-restart',
  decode(content) {
    const head = content.u16();
    const families = many(content, () => ({
      ...afiSafi(content.u16(), content.u8()),
      forwarding: (content.u8() & 0x80) !== 0,
    }));
    return {
      restartTime: head & 0x0fff,
      restarting: (head & 0x8000) !== 0,
      notification: (head & 0x4000) !== 0,
      families,
    };
  },
  encode(writer, { restartTime, restarting, notification, families }) {
    writer.u16((restarting ? 0x8000 : 0) | (notification ? 0x4000 : 0) | (restartTime & 0x0fff));
    for (const { afi, safi, forwarding } of families)
      writer
        .u16(afi)
        .u8(safi)
        .u8(forwarding ? 0x80 : 0);
  },
};

/** RFC 6793 §3: the AS number in four octets. */
export const as4: CapabilityRow<{ asn: number }> = {
  code: CapabilityCode.as4,
  name: 'four-octet-as',
  decode: (content) => ({ asn: content.u32() }),
  encode: (writer, { asn }) => writer.u32(asn),
};

const addPathModes = ['receive', 'send', 'both'] as const;
export type AddPathMode = (typeof addPathModes)[number];

/** RFC 7911 §4: `(afi u16 | safi u8 | mode u8)*`; tuples with an unknown mode are ignored. */
export const addPath: CapabilityRow<(AfiSafi & { mode: AddPathMode })[]> = {
  code: CapabilityCode.addPath,
  name: 'add-path',
  decode: (content) =>
    many(content, () => ({ ...afiSafi(content.u16(), content.u8()), mode: addPathModes[content.u8() - 1] })).flatMap(
      ({ mode, ...family }) => (mode === undefined ? [] : [{ ...family, mode }]),
    ),
  encode(writer, entries) {
    for (const { afi, safi, mode } of entries)
      writer
        .u16(afi)
        .u8(safi)
        .u8(addPathModes.indexOf(mode) + 1);
  },
};

/** RFC 9494 §4.1: `(afi u16 | safi u8 | flags u8 | stale time u24)*`, seconds. */
export const longLivedGracefulRestart: CapabilityRow<(AfiSafi & { forwarding: boolean; staleTime: number })[]> = {
  code: CapabilityCode.longLivedGracefulRestart,
  name: 'long-lived-graceful-restart',
  decode: (content) =>
    many(content, () => ({
      ...afiSafi(content.u16(), content.u8()),
      forwarding: (content.u8() & 0x80) !== 0,
      staleTime: (content.u8() << 16) | content.u16(),
    })),
  encode(writer, entries) {
    for (const { afi, safi, forwarding, staleTime } of entries)
      writer
        .u16(afi)
        .u8(safi)
        .u8(forwarding ? 0x80 : 0)
        .u8(staleTime >>> 16)
        .u16(staleTime);
  },
};

/** draft-walton-bgp-hostname-capability: two names, each behind its length octet. */
export const fqdn: CapabilityRow<{ hostname: string; domain: string }> = {
  code: CapabilityCode.fqdn,
  name: 'fqdn',
  decode(content) {
    const hostname = text(content.take(content.u8()));
    // some implementations leave an empty domain out
    return { hostname, domain: content.remaining === 0 ? '' : text(content.take(content.u8())) };
  },
  encode(writer, { hostname, domain }) {
    for (const name of [hostname, domain]) {
      const octets = bounded(name);
      writer.u8(octets.length).octets(octets);
    }
  },
};

/** draft-abraitis-bgp-version-capability: `length u8 | text`, at most 64 octets. */
export const softwareVersion: CapabilityRow<{ version: string }> = {
  code: CapabilityCode.softwareVersion,
  name: 'software-version',
  decode: (content) => ({ version: text(content.take(content.u8())) }),
  encode(writer, { version }) {
    const octets = bounded(version);
    writer.u8(octets.length).octets(octets);
  },
};

/** draft-abraitis-idr-addpath-paths-limit: `(afi u16 | safi u8 | limit u16)*`. */
export const pathsLimit: CapabilityRow<(AfiSafi & { limit: number })[]> = {
  code: CapabilityCode.pathsLimit,
  name: 'paths-limit',
  decode: (content) => many(content, () => ({ ...afiSafi(content.u16(), content.u8()), limit: content.u16() })),
  encode(writer, entries) {
    for (const { afi, safi, limit } of entries) writer.u16(afi).u8(safi).u16(limit);
  },
};

const rows: readonly CapabilityRow<unknown>[] = [
  multiprotocol,
  routeRefresh,
  extendedNextHop,
  extendedMessage,
  role,
  gracefulRestart,
  as4,
  addPath,
  enhancedRouteRefresh,
  longLivedGracefulRestart,
  fqdn,
  softwareVersion,
  pathsLimit,
  routeRefreshCisco,
];
const rowsByCode = new Map(rows.map((row) => [row.code, row]));

/** Reads one capability's content; never throws. */
export function decodeCapability(code: number, content: Reader): Capability {
  const row = rowsByCode.get(code);
  const raw = toHex(content.bytes.subarray(content.offset, content.end));
  if (row === undefined) return { code, name: `capability-${code}`, raw };
  try {
    const value = row.decode(content);
    if (content.remaining > 0) throw new AttributeError(`${content.remaining} octets too many`);
    return value === undefined ? { code, name: row.name, raw } : { code, name: row.name, raw, value };
  } catch (error) {
    if (!(error instanceof Truncated || error instanceof AttributeError)) throw error;
    return { code, name: row.name, raw, error: error.message };
  }
}

/** A capability to announce. */
export function announce<T>(row: CapabilityRow<T>, value: T): Capability {
  const writer = new Writer();
  row.encode(writer, value);
  return decodeCapability(row.code, new Reader(writer.done()));
}

/** The values that a peer announced under one code, duplicates and malformed ones left out. */
export function valuesOf<T>(capabilities: readonly Capability[], row: CapabilityRow<T>): T[] {
  return capabilities
    .filter(({ code, error }) => code === row.code && error === undefined)
    .map(({ value }) => value as T);
}

/** Was a capability announced, and could its content be read? */
export function has(capabilities: readonly Capability[], row: CapabilityRow<unknown>): boolean {
  return capabilities.some(({ code, error }) => code === row.code && error === undefined);
}

/** Octets of a hostname or version that we send. */
const maxName = 64;
const utf8 = new TextEncoder();

/** UTF-8, cut at a character's end. */
function bounded(name: string): Uint8Array {
  const octets = new Uint8Array(maxName);
  return octets.subarray(0, utf8.encodeInto(name, octets).written);
}

const decoder = new TextDecoder();
// names end up in logs and on terminals
const text = (octets: Uint8Array): string => visible(decoder.decode(octets));

function empty(code: number, name: string): CapabilityRow<void> {
  return { code, name, decode: () => undefined, encode: () => undefined };
}

function afiSafi(afi: number, safi: number): AfiSafi {
  return { afi, safi, family: familyName(afi, safi) };
}

function many<T>(content: Reader, one: () => T): T[] {
  const all: T[] = [];
  while (content.remaining > 0) all.push(one());
  return all;
}

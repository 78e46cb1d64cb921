/**
 * The table of path attributes. A new one is a file beside this and a line here; codes without a row are kept as
 * octets under `unknown`.
 */
import type { z } from 'zod';
import type { UpdateContext } from '../context.ts';
import { toHex } from '../hex.ts';
import { AttributeCode } from '../iana.ts';
import { Reader } from '../reader.ts';
import { aggregator } from './aggregator.ts';
import { aigp } from './aigp.ts';
import { type AsPath, type AsPathSegment, asPath, isConfed, toAsPath } from './as-path.ts';
import { as4Aggregator } from './as4-aggregator.ts';
import { as4Path } from './as4-path.ts';
import { atomicAggregate } from './atomic-aggregate.ts';
import { type Attribute, flag, type Zod } from './attribute.ts';
import { clusterList } from './cluster-list.ts';
import { communities } from './communities.ts';
import { extCommunities } from './ext-communities.ts';
import { ipv6ExtCommunities } from './ipv6-ext-communities.ts';
import { largeCommunities } from './large-communities.ts';
import { localPref } from './local-pref.ts';
import { med } from './med.ts';
import { mpReach, readFamily, readNextHops } from './mp-reach.ts';
import { mpUnreach } from './mp-unreach.ts';
import { nextHop } from './next-hop.ts';
import { origin } from './origin.ts';
import { originatorId } from './originator-id.ts';
import { otc } from './otc.ts';

/** Every row; those that JSON shows in the order of JSON. */
const rows = [
  ...([nextHop, origin, localPref, med, communities, largeCommunities, extCommunities, otc] as const),
  ...([atomicAggregate, aggregator, originatorId, clusterList] as const),
  ...([asPath, mpReach, mpUnreach, as4Path, as4Aggregator, ipv6ExtCommunities, aigp] as const),
] as const;
type Row = (typeof rows)[number];
type AnyAttribute = Attribute<string, unknown>;

/** The row of an attribute type code; sparse. */
export const attributesByCode: readonly (AnyAttribute | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  (rows as readonly AnyAttribute[]).find((row) => row.code === code),
);

/** What JSON shows of the rows. */
type ShownAttributes = {
  [R in Row as R['json'] extends null ? never : R['name']]: ReturnType<R['decode']> extends readonly unknown[]
    ? ReturnType<R['decode']>
    : ReturnType<R['decode']> | null;
};

const shownRows = (rows as readonly AnyAttribute[]).filter(({ json }) => json !== null);

/** Schemas of the attributes that JSON shows, by name. */
export const attributeShape = (zod: Zod): { [Name in keyof ShownAttributes]: z.ZodType<ShownAttributes[Name]> } =>
  Object.fromEntries(
    shownRows.map(({ name, json }) => [name, json!.absent === null ? json!.schema(zod).nullable() : json!.schema(zod)]),
  ) as ReturnType<typeof attributeShape>;

/** An attribute that has no row. */
export interface UnknownAttribute {
  code: number;
  flags: number;
  /** Octets of the value as hex. */
  raw: string;
}

/** The path attributes of a route as JSON. `null`, or an empty list: not on the wire. */
export interface PathAttributes extends ShownAttributes {
  /** Second address of a 32-octet IPv6 next hop (RFC 2545 §3). */
  nextHopLinkLocal: string | null;
  /** AS numbers in order, sets nested, without confederation segments. */
  asPath: AsPath;
  /** All segments, when there are confederation segments. */
  asPathSegments?: AsPathSegment[] | undefined;
  unknown: UnknownAttribute[];
}

/** AS numbers in an attribute block have four octets; the rest of the context does not change how values are read. */
export const blockContext: UpdateContext = {
  as4: true,
  ibgp: true,
  ipv4: true,
  ipv6: true,
  addPath4: false,
  addPath6: false,
  extendedNextHop: true,
};

/** Reads an attribute block (its form: walk.ts). The block comes from a checked UPDATE; anything else throws. */
export function decodeAttributes(block: Uint8Array, start = 0, end = block.length): PathAttributes {
  const attributes: Record<string, unknown> = { nextHop: null, nextHopLinkLocal: null, asPath: [] };
  for (const { name, json } of shownRows) attributes[name] = json!.absent;
  const unknown: UnknownAttribute[] = [];
  const reader = new Reader(block, start, end);
  while (reader.remaining > 0) {
    const flags = reader.u8();
    const code = reader.u8();
    const value = reader.block(flags & flag.extendedLength ? reader.u16() : reader.u8());
    const row = attributesByCode[code];
    if (row === undefined) unknown.push({ code, flags, raw: toHex(value.rest()) });
    else if (code === AttributeCode.asPath) Object.assign(attributes, paths(asPath.decode(value, blockContext)));
    else if (code === AttributeCode.mpReach) {
      readFamily(value);
      Object.assign(attributes, readNextHops(value));
    } else if (row.json !== null) attributes[row.name] = row.decode(value, blockContext);
  }
  return { ...attributes, unknown } as unknown as PathAttributes;
}

function paths(segments: AsPathSegment[]): Pick<PathAttributes, 'asPath' | 'asPathSegments'> {
  const asPath = toAsPath(segments);
  return segments.some(isConfed) ? { asPath, asPathSegments: segments } : { asPath };
}

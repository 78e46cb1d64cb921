/**
 * UPDATE (RFC 4271 §4.3), for everything but the hot path.
 *
 *     withdrawn length u16 | withdrawn IPv4 routes | attributes length u16 | path attributes | IPv4 NLRI
 *     attribute: flags u8 | type code u8 | length u8, or u16 with the Extended Length flag | value
 *
 * A received UPDATE goes: isCleanUpdate() → as it is, else treatUpdate() → what is left of it; either way
 * walkUpdate() then finds the routes.
 */
import { type Family, formatAddress } from '../ip.ts';
import { decodeAttributes, type PathAttributes } from './attributes/index.ts';
import type { UpdateContext } from './context.ts';
import { remainingUpdate, withdrawingUpdate } from './effective.ts';
import type { UpdateProblem } from './errors.ts';
import { AttributeCode } from './iana.ts';
import { formatNlri } from './nlri.ts';
import { judgeUpdate } from './rfc7606.ts';
import { type RouteSink, walkUpdate } from './walk.ts';

/** What is left of an UPDATE after RFC 7606, and what was wrong with it. */
export interface Treated {
  /**
   * A well-formed UPDATE with four-octet AS numbers: malformed routes are among the withdrawn, discarded attributes
   * are gone, AS4_PATH is merged, path identifiers are as received. Has length 0 when nothing is left to apply.
   */
  effective: Uint8Array;
  problems: UpdateProblem[];
}

/** A route as far as it is a key. */
export interface RouteKey {
  family: Family;
  /** Canonical text. */
  prefix: string;
  /** RFC 7911; 0 = none. */
  pathId: number;
}

/** An UPDATE as people read it. */
export interface Update {
  withdrawn: RouteKey[];
  announced: { attributes: PathAttributes; routes: RouteKey[] }[];
  endOfRib?: Family;
  problems: UpdateProblem[];
}

/**
 * RFC 7606 on `bytes[start..end)`, one UPDATE with its header. Throws SessionError (code 3) where the session must be
 * reset; its `problem` says why. `effective` is the message itself, in place, when nothing had to be changed.
 */
export function treatUpdate(bytes: Uint8Array, start: number, end: number, context: UpdateContext): Treated {
  const judged = judgeUpdate(bytes, start, end, context);
  const { problems, withdraw } = judged;
  if (problems.length === 0 && (context.as4 || !judged.attributes.some(({ code }) => dependsOnAs4(code))))
    return { effective: bytes.subarray(start, end), problems };
  if (withdraw) return { effective: withdrawingUpdate(judged, context), problems };
  const effective = remainingUpdate(judged, context);
  if (effective) return { effective, problems };
  problems.push({
    attribute: 0,
    action: 'treat-as-withdraw',
    clause: 'RFC 6793 §4.2.3',
    offset: 0,
    text: 'with four-octet AS numbers the UPDATE is longer than a message can be',
  });
  return { effective: withdrawingUpdate(judged, context), problems };
}

/** Attributes that look different with two-octet AS numbers. */
function dependsOnAs4(code: number): boolean {
  const { asPath, aggregator, as4Path, as4Aggregator } = AttributeCode;
  return code === asPath || code === aggregator || code === as4Path || code === as4Aggregator;
}

/** Everything in one UPDATE as plain data, errors treated. Throws SessionError (code 3). */
export function decodeUpdate(bytes: Uint8Array, start: number, end: number, context: UpdateContext): Update {
  const { effective, problems } = treatUpdate(bytes, start, end, context);
  const update: Update = { withdrawn: [], announced: [], problems };
  walkUpdate(effective, 0, effective.length, context.addPath4, context.addPath6, collector(update));
  return update;
}

/** A sink that keeps everything as text. */
function collector(update: Update): RouteSink {
  const key4 = (address: number, length: number, pathId: number): RouteKey => {
    const octets = Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
    return { family: 4, prefix: `${formatAddress(octets, 4)}/${length}`, pathId };
  };
  const key6 = (bytes: Uint8Array, offset: number, length: number, pathId: number): RouteKey => ({
    family: 6,
    prefix: formatNlri(6, bytes, offset, length),
    pathId,
  });
  return {
    withdraw4: (...route) => update.withdrawn.push(key4(...route)),
    withdraw6: (...route) => update.withdrawn.push(key6(...route)),
    attributes: (bytes, start, end) =>
      update.announced.push({ attributes: decodeAttributes(bytes, start, end), routes: [] }),
    announce4: (...route) => update.announced.at(-1)!.routes.push(key4(...route)),
    announce6: (...route) => update.announced.at(-1)!.routes.push(key6(...route)),
    endOfRib: (family) => {
      update.endOfRib = family;
    },
  };
}

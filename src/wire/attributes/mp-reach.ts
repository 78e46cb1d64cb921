/**
 * MP_REACH_NLRI (RFC 4760 §3): `afi u16 | safi u8 | next hop length u8 | next hop | reserved u8 | NLRI`.
 * Nothing that is wrong in it can be survived: its NLRI could not be found (RFC 7606 §7.11).
 */
import { type Family, formatAddress } from '../../ip.ts';
import type { UpdateContext } from '../context.ts';
import { AttributeError } from '../errors.ts';
import { AttributeCode, familyName, familyOf } from '../iana.ts';
import { checkNlri } from '../nlri.ts';
import type { Reader } from '../reader.ts';
import { attribute } from './attribute.ts';

export interface NextHops {
  nextHop: string;
  /** The second address of a 32-octet next hop (RFC 2545 §3). */
  nextHopLinkLocal: string | null;
}

export interface MpReach extends NextHops {
  family: Family;
  /** Where the NLRI are in the message. */
  nlri: { start: number; end: number };
}

export const mpReach = attribute({
  code: AttributeCode.mpReach,
  name: 'mpReach',
  json: null,
  category: 'optional-non-transitive',
  onError: 'session-reset',
  clause: 'RFC 7606 §7.11',
  decode(value, context): MpReach {
    const family = readFamily(value);
    const length = value.bytes[value.offset];
    if (length !== undefined && value.remaining > 0 && !isNextHopLength(length, family, context.extendedNextHop))
      throw new AttributeError(`next hop of ${length} octets for ${familyName(family === 4 ? 1 : 2, 1)}`);
    const nextHops = readNextHops(value);
    value.u8();
    const nlri = { start: value.offset, end: value.end };
    checkNlri(value, family, context);
    return { family, ...nextHops, nlri };
  },
  format: ({ nextHop }) => nextHop,
});

/** RFC 4760 §3 (4 octets), RFC 2545 §3 (16, 32), RFC 8950 §4 (IPv4 NLRI with 16 or 32 where negotiated). */
function isNextHopLength(length: number, family: Family, extendedNextHop: boolean): boolean {
  if (length === 4) return family === 4;
  return (length === 16 || length === 32) && (family === 6 || extendedNextHop);
}

/** Reads AFI and SAFI of a family that this program speaks. */
export function readFamily(value: Reader): Family {
  const afi = value.u16();
  const safi = value.u8();
  const family = familyOf(afi, safi);
  if (family === undefined) throw new AttributeError(`${familyName(afi, safi)} is not spoken here`);
  return family;
}

/** Reads a next hop behind its length octet. */
export function readNextHops(value: Reader): NextHops {
  const length = value.u8();
  const nextHop = value.take(length);
  if (length === 4) return { nextHop: formatAddress(nextHop, 4), nextHopLinkLocal: null };
  return {
    nextHop: formatAddress(nextHop, 6),
    nextHopLinkLocal: length === 32 ? formatAddress(nextHop, 6, 16) : null,
  };
}

/** Did both sides announce the family? */
export function isNegotiated(family: Family, context: UpdateContext): boolean {
  return family === 4 ? context.ipv4 : context.ipv6;
}

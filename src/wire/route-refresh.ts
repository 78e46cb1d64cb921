/** ROUTE-REFRESH (RFC 2918 §3, RFC 7313 §3.2): `afi u16 | subtype u8 | safi u8`, anything behind it is ORF (RFC 5291). */
import { SessionError } from './errors.ts';
import { ErrorCode, Subcode } from './iana.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

const subtypes = ['request', 'begin', 'end'] as const;

export interface RouteRefresh {
  kind: 'route-refresh';
  afi: number;
  safi: number;
  /** `begin`, `end`: demarcation of a refresh, BoRR and EoRR. Unknown ones are to be ignored (RFC 7313 §5). */
  subtype: (typeof subtypes)[number] | 'unknown';
}

/** Reads the body. Throws SessionError 7/1 when a BoRR or EoRR has not exactly four octets (RFC 7313 §5). */
export function decodeRouteRefresh(body: Reader, message: Uint8Array): RouteRefresh {
  const afi = body.u16();
  const subtype = subtypes[body.u8()] ?? 'unknown';
  const safi = body.u8();
  if (body.remaining > 0 && (subtype === 'begin' || subtype === 'end'))
    throw new SessionError(
      ErrorCode.routeRefresh,
      Subcode.invalidRouteRefreshLength,
      `${body.remaining} octets behind the ${subtype} of a route refresh`,
      message,
    );
  return { kind: 'route-refresh', afi, safi, subtype };
}

export function encodeRouteRefresh(writer: Writer, { afi, safi, subtype }: RouteRefresh): void {
  writer
    .u16(afi)
    .u8(subtypes.indexOf(subtype as 'request'))
    .u8(safi);
}

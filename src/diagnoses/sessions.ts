/** Which neighbors the checks on live sessions look at. */
import type { Neighbor } from '../rib/types.ts';
import type { Facts } from './types.ts';

/** Sessions that are up. */
export function* established({ rib }: Facts): Generator<Neighbor> {
  for (const neighbor of rib.neighbors.values()) if (neighbor.state === 'established') yield neighbor;
}

/** Is the session one within the AS? null = nobody knows yet. */
export function isInternal({ asn, localAsn }: Neighbor): boolean | null {
  return asn === null || localAsn === null ? null : asn === localAsn;
}

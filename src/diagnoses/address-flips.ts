/** Addresses of a Service that come back after they were gone. */
import type { AddressEdit } from './history.ts';

/** Changes within the window, with an address that comes back, that make it flip. */
const leastFlips = 3;
/** Older changes do not count, ms. */
export const flipWindowMs = 600_000;

/**
 * Do the changes of one Service come back to an address that it had?
 *
 * @param now epoch ms
 */
export function flips(edits: readonly AddressEdit[], now: number): boolean {
  const recent = edits.filter(({ at }) => at > now - flipWindowMs);
  if (recent.length < leastFlips) return false;
  const seen = recent.map(({ to }) => textOf(to));
  return new Set(seen).size < seen.length;
}

/** The addresses of a Service at one time. */
export const textOf = (addresses: readonly string[]): string => addresses.join(' and ') || 'no address';

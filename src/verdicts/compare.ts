/** One expected route beside one received route, attribute by attribute. */
import { canonicalAddress, type Family } from '../ip.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import type { AttributesJson } from '../rib/types.ts';

/** Attributes that are compared, in the order of `Verdict.fields`; the position is the bit in a `FieldMask`. */
export const comparedFields = [
  'nextHop',
  'asPath',
  'localPref',
  'med',
  'origin',
  'communities',
  'largeCommunities',
] as const;
export type ComparedField = (typeof comparedFields)[number];

/** Set of compared fields, one bit each; 0 = no difference. */
export type FieldMask = number;

export const fieldBit: Record<ComparedField, FieldMask> = {
  nextHop: 1,
  asPath: 2,
  localPref: 4,
  med: 8,
  origin: 16,
  communities: 32,
  largeCommunities: 64,
};

export function fieldNames(mask: FieldMask): ComparedField[] {
  return comparedFields.filter((field) => (mask & fieldBit[field]) !== 0);
}

/** Addresses that a node can rightly give as next hop: what `nextHop: self` means on one session. */
export interface OwnAddresses {
  /** Node addresses and the session's remote address, canonical. */
  addresses: ReadonlySet<string>;
  /** Families of which at least one address is known. */
  families: ReadonlySet<Family>;
  /** The remote address when it is link-local, without its zone. */
  linkLocal: string | null;
  /** Next hop of IPv4 prefixes on an IPv6 session of an interface without IPv4. */
  routerId: string | null;
}

/**
 * What is known of a node's addresses on a session.
 * @param nodeAddresses InternalIP and ExternalIP addresses of the Node.
 * @param remote where the session comes from; its zone is ignored.
 */
export function ownAddresses(
  nodeAddresses: readonly string[],
  remote: string | null,
  routerId: string | null,
): OwnAddresses {
  const addresses = new Set<string>();
  const families = new Set<Family>();
  let linkLocal: string | null = null;
  for (const text of remote === null ? nodeAddresses : [...nodeAddresses, remote]) {
    const address = canonicalAddress(text);
    if (address === undefined) continue;
    if (isLinkLocal(address)) linkLocal = address;
    else {
      addresses.add(address);
      families.add(familyOf(address));
    }
  }
  return { addresses, families, linkLocal, routerId: families.has(4) ? null : routerId };
}

/** Fields in which `received` differs from `expected`. Communities are compared as sets, AS_PATH in order. */
export function differences(expected: ExpectedRoute, received: AttributesJson, own: OwnAddresses): FieldMask {
  let mask = 0;
  if (!ownsNextHop(own, received.nextHop)) mask |= fieldBit.nextHop;
  if (!samePath(expected.asPath, received.asPath)) mask |= fieldBit.asPath;
  if (!isLocalPref(expected, received.localPref)) mask |= fieldBit.localPref;
  if (expected.med !== received.med) mask |= fieldBit.med;
  if (expected.origin !== received.origin) mask |= fieldBit.origin;
  if (!isCommunities(expected, received.communities)) mask |= fieldBit.communities;
  if (!sameSet(expected.largeCommunities, received.largeCommunities)) mask |= fieldBit.largeCommunities;
  return mask;
}

/**
 * Is `nextHop` one of the node's own? Where no address of its family is known of the node there is nothing to hold
 * against it, and a link-local address can only be compared with a link-local remote.
 */
export function ownsNextHop(own: OwnAddresses, nextHop: string | null): boolean {
  if (nextHop === null) return false;
  if (own.addresses.has(nextHop)) return true;
  if (isLinkLocal(nextHop)) return own.linkLocal === null || own.linkLocal === nextHop;
  // RFC 4291 §2.5.5.2: FRR gives a mapped address for IPv6 prefixes when the interface has no IPv6 at all.
  if (nextHop.startsWith(mappedPrefix)) return own.addresses.has(nextHop.slice(mappedPrefix.length));
  if (isUnspecified(nextHop)) return false;
  return nextHop === own.routerId || !own.families.has(familyOf(nextHop));
}

/** Do two expectations ask for the same route? Who contributes to it (the chain) may differ. */
export function sameExpectation(a: ExpectedRoute | undefined, b: ExpectedRoute | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return (
    a.localPref === b.localPref &&
    a.med === b.med &&
    a.nextHop === b.nextHop &&
    sameList(a.asPath, b.asPath) &&
    sameList(a.communities, b.communities) &&
    sameList(a.communitiesAnyOf?.flat() ?? [], b.communitiesAnyOf?.flat() ?? []) &&
    sameList(a.largeCommunities, b.largeCommunities) &&
    sameList(a.localPrefAnyOf ?? [], b.localPrefAnyOf ?? [])
  );
}

function isLocalPref(expected: ExpectedRoute, received: number | null): boolean {
  if (expected.localPrefAnyOf === undefined) return expected.localPref === received;
  return received !== null && expected.localPrefAnyOf.includes(received);
}

function isCommunities({ communities, communitiesAnyOf = [communities] }: ExpectedRoute, received: string[]): boolean {
  return communitiesAnyOf.some((list) => sameSet(list, received));
}

function samePath(expected: readonly number[], received: readonly (number | number[])[]): boolean {
  return expected.length === received.length && expected.every((asn, i) => asn === received[i]);
}

const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

/** Do two sets have the same members? */
export function sameMembers(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const member of a) if (!b.has(member)) return false;
  return true;
}

/** The wire may repeat a community or order them otherwise; RFC 1997 makes them a set. */
function sameSet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return a.length === b.length;
  if (a.length === 1 && b.length === 1) return a[0] === b[0];
  return sameMembers(new Set(a), new Set(b));
}

const mappedPrefix = '::ffff:';
const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4);
/** fe80::/10 (RFC 4291 §2.5.6) of canonical text. */
const isLinkLocal = (address: string): boolean => /^fe[89ab][0-9a-f]:/.test(address);
const isUnspecified = (address: string): boolean => address === '0.0.0.0' || address === '::';

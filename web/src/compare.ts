/** Expected and received attributes side by side, for the drawer. Pure. */
import type { ExpectedRoute, ReceivedRoute } from '../../src/api/schemas.ts';
import { formatAsPath } from './format.ts';

/** One value of a list attribute; `only` says that the other side does not have it. */
export interface Part {
  text: string;
  only: boolean;
}

export interface ComparedRow {
  field: string;
  label: string;
  /** null: that side has no route at all. */
  expected: Part[] | null;
  received: Part[] | null;
  differs: boolean;
}

/** What the sides have in common, and what only one of them has; `differing` are the field names of the verdict. */
export function compareRoute(
  expected: ExpectedRoute | null,
  received: ReceivedRoute | null,
  differing: readonly string[],
): ComparedRow[] {
  const row = (field: string, label: string, left: string[] | undefined, right: string[] | undefined): ComparedRow => {
    const differs = differing.includes(field);
    return { field, label, expected: parts(left, right, differs), received: parts(right, left, differs), differs };
  };
  return [
    row(
      'nextHop',
      'Next hop',
      expected ? [`an address of ${expected.node}`] : undefined,
      received ? [nextHop(received)] : undefined,
    ),
    row(
      'localPref',
      'Local pref',
      expected ? [expectedLocalPref(expected)] : undefined,
      received ? [orAbsent(received.localPref)] : undefined,
    ),
    row('communities', 'Communities', expected?.communities, received?.communities),
    row('largeCommunities', 'Large communities', expected?.largeCommunities, received?.largeCommunities),
    row(
      'asPath',
      'AS path',
      expected ? [asPath(expected.asPath)] : undefined,
      received ? [asPath(received.asPath)] : undefined,
    ),
    row(
      'origin',
      'Origin',
      expected ? [expected.origin] : undefined,
      received ? [received.origin ?? absent] : undefined,
    ),
    row('med', 'MED', expected ? [orAbsent(expected.med)] : undefined, received ? [orAbsent(received.med)] : undefined),
  ];
}

const absent = 'absent';

function parts(
  own: readonly string[] | undefined,
  other: readonly string[] | undefined,
  differs: boolean,
): Part[] | null {
  if (!own) return null;
  if (own.length === 0) return [{ text: 'none', only: false }];
  return own.map((text) => ({ text, only: differs && other !== undefined && !other.includes(text) }));
}

const orAbsent = (value: number | null): string => (value === null ? absent : String(value));

function expectedLocalPref({ localPref, localPrefAnyOf }: ExpectedRoute): string {
  return localPrefAnyOf && localPrefAnyOf.length > 1 ? localPrefAnyOf.join(' or ') : orAbsent(localPref);
}

function nextHop({ nextHop, nextHopLinkLocal }: ReceivedRoute): string {
  return [nextHop ?? absent, nextHopLinkLocal].filter(Boolean).join(' and ');
}

function asPath(path: readonly (number | readonly number[])[]): string {
  return path.length === 0 ? 'empty' : formatAsPath(path);
}

/** Compares expected and received attributes for the drawer. Pure. */
import type { ExpectedRoute, ReceivedRoute } from '../../src/api/schemas.ts';
import { formatAsPath } from './format.ts';

/** One value of a list attribute; `only`: the other side lacks it. */
export interface Part {
  text: string;
  only: boolean;
}

export interface ComparedRow {
  field: string;
  label: string;
  /** null: this side has no route. */
  expected: Part[] | null;
  received: Part[] | null;
  differs: boolean;
}

/** One row per attribute. `differing`: the differing fields according to the verdict. */
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
    communitiesRow(expected, received, differing.includes('communities')),
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

/** If one of several sets is expected, each set is one value. */
function communitiesRow(expected: ExpectedRoute | null, received: ReceivedRoute | null, differs: boolean): ComparedRow {
  const row = { field: 'communities', label: 'Communities', differs };
  const sets = expected?.communitiesAnyOf;
  if (!sets || sets.length < 2)
    return {
      ...row,
      expected: parts(expected?.communities, received?.communities, differs),
      received: parts(received?.communities, expected?.communities, differs),
    };
  const known = sets.flat();
  return {
    ...row,
    expected: sets.map((set, i) => ({
      text: `${i === 0 ? 'one of' : 'or'} ${set.join(' ') || 'none'}`,
      only: differs,
    })),
    received: parts(received?.communities, known, differs),
  };
}

const orAbsent = (value: number | null): string => (value === null ? absent : String(value));

function expectedLocalPref({ localPref, localPrefAnyOf }: ExpectedRoute): string {
  return localPrefAnyOf && localPrefAnyOf.length > 1 ? `one of ${localPrefAnyOf.join(', ')}` : orAbsent(localPref);
}

function nextHop({ nextHop, nextHopLinkLocal }: ReceivedRoute): string {
  return [nextHop ?? absent, nextHopLinkLocal].filter(Boolean).join(' and ');
}

function asPath(path: readonly (number | readonly number[])[]): string {
  return path.length === 0 ? 'empty' : formatAsPath(path);
}

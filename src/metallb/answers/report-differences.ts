/** The answer of `peerglass expect --diff`: from one set of manifests to another, as JSON and for people. */

import { visible } from '../../visible.ts';
import type { PrefixScope } from '../expectations/expectation-change.ts';
import type { ExpectationTable } from '../expectations/table.ts';
import type { Lint, Refusal } from '../types.ts';
import { type About, about, attributes, type ExpectationRow, origin, rowOf, shortName, where } from './report.ts';
import type { ReportFilter } from './rows.ts';
import { columns, hasMoreThan, jsonLists, mapped, maxListedRows, rowsOf, Sections } from './rows.ts';
import {
  type DifferenceKind,
  type L2Difference,
  l2Differences,
  newIn,
  pairsOf,
  routeDifference,
  type SessionDifference,
  sessionDifferences,
} from './side-by-side.ts';

type WithoutObject<T> = Omit<T, 'object'> & About;

/** What is printed as JSON. Rows that `before` and `after` have in common are left out. */
export interface DifferenceReport {
  expectations: {
    difference: DifferenceKind;
    node: string;
    bgpPeer: string;
    prefix: string;
    fields: string[];
    before: ExpectationRow | null;
    after: ExpectationRow | null;
  }[];
  sessions: SessionDifference[];
  l2: L2Difference[];
  /** That were not there before, and that are there no more. */
  refusals: WithoutObject<Refusal>[];
  settled: WithoutObject<Refusal>[];
  lint: WithoutObject<Lint>[];
  lintSettled: WithoutObject<Lint>[];
}

type Expectation = DifferenceReport['expectations'][number];

/** The same with routes that are compared when somebody goes through them. */
export type LazyDifferenceReport = Omit<DifferenceReport, 'expectations'> & { expectations: Iterable<Expectation> };

/** @param prefixes where the tables may differ at all. */
export function differencesOf(
  before: ExpectationTable,
  after: ExpectationTable,
  prefixes: PrefixScope,
  only: ReportFilter = {},
): LazyDifferenceReport {
  const { node, service, prefix } = only;
  const scope = prefix === undefined ? prefixes : new Set([prefix]);
  const expectations = rowsOf(function* (): Generator<Expectation> {
    for (const pair of pairsOf(before, after, scope, only)) {
      const found = routeDifference(pair);
      const chains = [...(pair.before?.chain ?? []), ...(pair.after?.chain ?? [])];
      if (!found || (service !== undefined && !chains.some((link) => link.service === service))) continue;
      yield { ...found, before: found.before && rowOf(found.before), after: found.after && rowOf(found.after) };
    }
  });
  const withAbout = <T extends Refusal | Lint>(list: readonly T[]): WithoutObject<T>[] =>
    list.map(({ object, ...rest }) => ({ ...about(object), ...rest }));
  return {
    expectations,
    sessions: sessionDifferences(before, after, only),
    l2: l2Differences(before, after)
      .filter(
        (one) =>
          (service === undefined || one.service === service) &&
          (node === undefined || one.before?.node === node || one.after?.node === node),
      )
      .map((one) => ({ ...one, service: shortName(one.service) })),
    refusals: withAbout(newIn(after.refusals, before.refusals)),
    settled: withAbout(newIn(before.refusals, after.refusals)),
    lint: withAbout(newIn(after.lint, before.lint)),
    lintSettled: withAbout(newIn(before.lint, after.lint)),
  };
}

/** Lint alone is no difference in what is announced. */
export const isDifferent = ({ expectations, sessions, l2, refusals, settled }: LazyDifferenceReport): boolean =>
  sessions.length + l2.length + refusals.length + settled.length > 0 || hasMoreThan(0, expectations);

export const differenceJson = (
  differences: LazyDifferenceReport,
  more: Readonly<Record<string, readonly unknown[]>> = {},
): Iterable<string> => jsonLists({ ...differences, ...more });

const signs: Record<DifferenceKind, string> = { appears: '+', disappears: '-', changes: '~' };

/**
 * A line for each difference, in pieces: `+` appears, `-` disappears, `~` changes.
 * @param most routes that are listed; more are counted by Service
 */
export function* differenceText(report: LazyDifferenceReport, most: number = maxListedRows): Generator<string> {
  const sections = new Sections();
  const refusalLine = (sign: string) => (one: WithoutObject<Refusal>) =>
    visible(`${sign} ${placeText(one)}${one.stage}: ${one.error}`);
  const lintLine = (sign: string) => (one: WithoutObject<Lint>) =>
    visible(`${sign} ${placeText(one)}${one.path}: ${one.message}`);
  yield* sections.section('Refused', [
    ...report.refusals.map(refusalLine('+')),
    ...report.settled.map(refusalLine('-')),
  ]);
  yield* sections.section('Lint', [...report.lint.map(lintLine('+')), ...report.lintSettled.map(lintLine('-'))]);
  yield* sections.section(
    'Sessions',
    columns(
      mapped(report.sessions, ({ difference, node, bgpPeer, before, after }) => [
        `${signs[difference]} ${node}`,
        `→ ${bgpPeer}`,
        sidesOf(before && sessionText(before), after && sessionText(after)),
      ]),
    ),
  );
  const counts: Record<DifferenceKind, number> = { appears: 0, disappears: 0, changes: 0 };
  const counted = rowsOf(function* () {
    for (const row of report.expectations) {
      counts[row.difference]++;
      yield row;
    }
  });
  const isLong = hasMoreThan(most, report.expectations);
  yield* sections.section(
    isLong
      ? `Announced over BGP: more than ${most} routes differ, by Service (--all lists every route)`
      : 'Announced over BGP',
    columns(isLong ? byService(counted) : mapped(counted, routeCells)),
  );
  yield* sections.section(
    'Announced on layer 2',
    columns(
      mapped(report.l2, ({ difference, service, before, after }) => [
        `${signs[difference]} ${service}`,
        sidesOf(before && announcerText(before), after && announcerText(after)),
      ]),
    ),
  );
  const { appears, disappears, changes } = counts;
  yield* sections.paragraph(
    isDifferent(report)
      ? `${appears} routes appear, ${disappears} disappear, ${changes} change.\n`
      : 'The same is announced, and the same is refused.\n',
  );
}

const routeCells = ({ difference, node, bgpPeer, prefix, before, after }: Expectation): string[] => [
  `${signs[difference]} ${prefix}`,
  node,
  `→ ${bgpPeer}`,
  sidesOf(before && attributes(before), after && attributes(after)),
  `from ${origin((after ?? before)!)}`,
];

/** How many routes of each Service appear, disappear and change; in the order of the Services' names. */
function byService(rows: Iterable<Expectation>): string[][] {
  const services = new Map<string, Record<DifferenceKind, number>>();
  for (const { difference, before, after } of rows)
    for (const service of new Set((after ?? before)!.chain.map((link) => link.service))) {
      let counts = services.get(service);
      if (!counts) services.set(service, (counts = { appears: 0, disappears: 0, changes: 0 }));
      counts[difference]++;
    }
  return [...services]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, counts]) => [
      service,
      ...(Object.keys(signs) as DifferenceKind[]).map((change) => `${signs[change]} ${counts[change]}`),
    ]);
}

const sidesOf = (before: string | null, after: string | null): string =>
  before !== null && after !== null ? `${before} ⇒ ${after}` : (after ?? before ?? '');

function sessionText({ myASN, peerASN, peerAddress, peerPort }: NonNullable<SessionDifference['after']>): string {
  return `AS ${myASN} to ${peerAddress ?? 'the interface'} port ${peerPort}, AS ${peerASN}`;
}

function announcerText({ node, interfaces }: NonNullable<L2Difference['after']>): string {
  return `${node} on ${interfaces.length === 0 ? 'all interfaces' : interfaces.join(', ')}`;
}

function placeText({ object, namespace, file, line }: About): string {
  const [kind, ...name] = object.split('/');
  return where({
    kind: kind!,
    name: name.join('/'),
    ...(namespace !== undefined && { namespace }),
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
  });
}

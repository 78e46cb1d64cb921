/** The answer of `peerglass expect --diff`: from one set of manifests to another, as JSON and for people. */

import { visible } from '../../visible.ts';
import type { ExpectationChange, ExpectationTable, Lint, Refusal } from '../types.ts';
import {
  type About,
  about,
  attributes,
  columns,
  type ExpectationRow,
  origin,
  type ReportFilter,
  rowOf,
  shortName,
  where,
} from './report.ts';
import {
  type Change,
  type L2Difference,
  l2Differences,
  newIn,
  pairsOf,
  routeDifference,
  type SessionDifference,
  sessionDifferences,
} from './side-by-side.ts';

type WithoutObject<T> = Omit<T, 'object'> & About;

/** Rows that `before` and `after` have in common are left out. */
export interface DifferenceReport {
  expectations: {
    difference: Change;
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

/** @param prefixes where the tables may differ at all. */
export function differenceReport(
  before: ExpectationTable,
  after: ExpectationTable,
  prefixes: ExpectationChange['prefixes'],
  only: ReportFilter = {},
): DifferenceReport {
  const { node, service, prefix } = only;
  const expectations: DifferenceReport['expectations'] = [];
  const scope = prefix === undefined ? prefixes : new Set([prefix]);
  for (const pair of pairsOf(before, after, scope, only)) {
    const found = routeDifference(pair);
    const chains = [...(pair.before?.chain ?? []), ...(pair.after?.chain ?? [])];
    if (!found || (service !== undefined && !chains.some((link) => link.service === service))) continue;
    expectations.push({
      ...found,
      before: found.before && rowOf(found.before),
      after: found.after && rowOf(found.after),
    });
  }
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
export const isDifferent = ({ expectations, sessions, l2, refusals, settled }: DifferenceReport): boolean =>
  expectations.length + sessions.length + l2.length + refusals.length + settled.length > 0;

const signs: Record<Change, string> = { appears: '+', disappears: '-', changes: '~' };

/** A line for each difference: `+` appears, `-` disappears, `~` changes. */
export function differenceText(report: DifferenceReport): string {
  const out: string[] = [];
  const section = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) out.push(`${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  };
  const refusalLine = (sign: string) => (one: WithoutObject<Refusal>) =>
    visible(`${sign} ${placeText(one)}${one.stage}: ${one.error}`);
  const lintLine = (sign: string) => (one: WithoutObject<Lint>) =>
    visible(`${sign} ${placeText(one)}${one.path}: ${one.message}`);
  section('Refused', [...report.refusals.map(refusalLine('+')), ...report.settled.map(refusalLine('-'))]);
  section('Lint', [...report.lint.map(lintLine('+')), ...report.lintSettled.map(lintLine('-'))]);
  section(
    'Sessions',
    columns(
      report.sessions.map(({ difference, node, bgpPeer, before, after }) => [
        `${signs[difference]} ${node}`,
        `→ ${bgpPeer}`,
        sidesOf(before && sessionText(before), after && sessionText(after)),
      ]),
    ),
  );
  section(
    'Announced over BGP',
    columns(
      report.expectations.map(({ difference, node, bgpPeer, prefix, before, after }) => [
        `${signs[difference]} ${prefix}`,
        node,
        `→ ${bgpPeer}`,
        sidesOf(before && attributes(before), after && attributes(after)),
        `from ${origin((after ?? before)!)}`,
      ]),
    ),
  );
  section(
    'Announced on layer 2',
    columns(
      report.l2.map(({ difference, service, before, after }) => [
        `${signs[difference]} ${service}`,
        sidesOf(before && announcerText(before), after && announcerText(after)),
      ]),
    ),
  );
  const counts = { appears: 0, disappears: 0, changes: 0 };
  for (const { difference } of report.expectations) counts[difference]++;
  const { appears, disappears, changes } = counts;
  out.push(
    isDifferent(report)
      ? `${appears} routes appear, ${disappears} disappear, ${changes} change.\n`
      : 'The same is announced, and the same is refused.\n',
  );
  return out.join('\n');
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

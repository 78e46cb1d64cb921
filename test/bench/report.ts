/** The tables that `npm run bench` prints. Pure: results in, text out. */
import { type Comparison, compare, judge, type TargetResult } from './compare.ts';
import type { Result } from './measure.ts';
import { inMemory, inTables, peerglass } from './peerglass.ts';
import type { Scenario } from './scenarios.ts';
import { median, spread } from './statistics.ts';
import type { Subject } from './subject.ts';
import { type Target, targets } from './targets.ts';

const head = ['', 'seconds', 'CPU s', 'peak MiB', 'memory ÷', 'tables ÷', 'MiB ÷'];
const pointLabel: Record<string, string> = { [inMemory]: ', in memory', [inTables]: ', in tables' };

/** One scenario: a row for each subject and point, with Peerglass ÷ that daemon. */
export function scenarioTable(scenario: Scenario, subjects: readonly Subject[], results: readonly Result[]): string {
  const rows = subjects.flatMap((subject) => subjectRows(scenario, subject, results));
  const notes = results
    .filter((result) => result.scenario === scenario.name && result.error)
    .map((result) => `  ${result.subject}, round ${result.round}: ${result.error?.split('\n')[0]}`);
  const left = Object.entries(scenario.without).map(([name, why]) => `  ${name} is left out: ${why}`);
  return [scenario.title, table([head, ...rows]), ...left, ...notes].join('\n');
}

function subjectRows(scenario: Scenario, subject: Subject, results: readonly Result[]): string[][] {
  const own = results.filter((one) => one.scenario === scenario.name && one.subject === subject.name && !one.error);
  if (own.length === 0) return [];
  const ratio = (what: Target['what']) =>
    subject === peerglass ? '' : ratioText(compare(results, scenario.name, what, subject.name));
  return subject.points.map((point) => {
    const readings = own.flatMap((result) => result.readings[point] ?? []);
    const unfinished = own.length - readings.length;
    const seconds = readings.map((reading) => reading.seconds);
    const done = seconds.length > 0 ? [spread(seconds, digits(seconds))] : [];
    if (unfinished > 0) done.push(`${unfinished} × not in ${scenario.timeout}`);
    return [
      subject.label + (pointLabel[point] ?? ''),
      done.join(', '),
      spread(
        readings.map((reading) => reading.cpu),
        1,
      ),
      spread(
        own.map((result) => result.peakRssMiB),
        0,
      ),
      ratio(inMemory),
      ratio(inTables),
      ratio('rss'),
    ];
  });
}

/** Every target with what was reached. */
export function targetTable(results: readonly Result[]): string {
  const rows = judge(results, targets).map((one) => [
    one.target.scenario,
    { [inMemory]: 'in memory', [inTables]: 'in tables', rss: 'peak RSS' }[one.target.what],
    `≤ ${one.target.atMost} × ${one.target.daemon}`,
    ratioText(one),
    worstText(one),
    one.verdict,
  ]);
  return table([['target', '', '', 'Peerglass ÷', 'at worst', ''], ...rows]);
}

function ratioText({ ratios, bound }: Comparison): string {
  return ratios.length === 0 ? '' : (bound ? '< ' : '') + spread(ratios, digits(ratios));
}

/** Nothing where the poll before was so early that it says nothing. */
function worstText({ atWorst, ratios }: TargetResult): string {
  return median(atWorst) < 3 * median(ratios) ? spread([median(atWorst)], digits(atWorst)) : '';
}

/** Decimals: about three significant figures. */
const digits = (values: readonly number[]): number => (median(values) < 0.1 ? 3 : median(values) < 10 ? 2 : 1);

/** Left-aligned first column, the others right-aligned. */
export function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  const [first, ...rest] = rows.map((row) => `  ${line(row)}`.trimEnd());
  return [first, `  ${widths.map((width) => '─'.repeat(width)).join('  ')}`, ...rest].join('\n');
}

export const notLikeForLike = `What is not like for like
  The daemons choose best paths and evaluate export per peer (to nobody: export is denied), which is most of their work
  at 1,000 peers; Peerglass does neither. FRR runs without zebra, so every path takes a failing next hop registration.
  Peerglass writes: "in memory" means that all routes answer and every message is committed to SQLite and synced to
  disk; "in tables" that every route is a row of received_routes, with history. The daemons write nothing.
  Expectations are off. A time is when a poll showed it: the truth lies between that poll and the one before, and
  "at worst" takes the one before. Polls cost, and CPU includes answering them; GoBGP walks its table for each, so it is
  asked less often (up to 5 s apart). All is loopback on one machine: the injector shares the cores. The internet table
  is synthetic (1,000,000 prefixes, 250,000 attribute sets). Peak MiB is the sum of the peaks of a subject's processes;
  pages that OpenBGPD's processes share are counted in each.`;

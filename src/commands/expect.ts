/** `peerglass expect MANIFESTS…`: expectations, refusals and lint, without a collector. */

import { steadyNow } from '../clock.ts';
import { type ReportFilter, reportJson, reportText } from '../metallb/answers/report.ts';
import { differenceJson, differencesOf, differenceText, isDifferent } from '../metallb/answers/report-differences.ts';
import { maxListedRows } from '../metallb/answers/rows.ts';
import { createCalculator } from '../metallb/calculator.ts';
import type { BGPMode, ExpectationTable, ExpectOptions } from '../metallb/types.ts';
import type { MetalLBVersion } from '../metallb/versions.ts';
import { type Breach, type Breaches, breachesOf } from '../overlay/breaches.ts';
import { readOverlayFile } from '../overlay/file.ts';
import { RulesInForce } from '../overlay/in-force.ts';
import { visible } from '../visible.ts';
import { ExitCode } from './exit-code.ts';
import { fail, say, usage } from './fail.ts';
import { readFilter } from './filter.ts';
import { type Manifests, readAll } from './manifests.ts';
import { print } from './print.ts';

export interface ExpectCommand {
  mode: BGPMode;
  webhookMode?: BGPMode | 'disabled';
  metallbVersion: MetalLBVersion;
  namespace: string;
  ignoreExcludeLb?: boolean;
  loadBalancerClass: string;
  fieldValidation: 'strict' | 'prune';
  /** File with hand-written rules. */
  overlay?: string;
  /** Manifests to compare with. */
  diff?: string[];
  node?: string;
  bgpPeer?: string;
  service?: string;
  prefix?: string;
  json?: boolean;
  /** List every route, however many there are. */
  all?: boolean;
}

/**
 * Exit code 1 when something is refused or breaks a rule, or with `diff` when something is different; 2 when something cannot be read,
 * or there is no object at all.
 */
export async function expect(manifests: string[], options: ExpectCommand): Promise<void> {
  const only = filterOf(options);
  if (only === undefined) return;
  const { diff: old = [] } = options;
  if ([...manifests, ...old].filter((path) => path === '-').length > 1)
    return usage('- (stdin) can be read once: name it for one side only');
  const given = await readAll(manifests, process.stdin);
  for (const problem of given.problems) say(problem);
  if (old.length > 0) return compare(old, given, options, only);

  const { table } = createCalculator(calculatorOptions(options)).update(given.resources);
  const rules = await holdRules(table, options.overlay);
  await print(
    options.json
      ? reportJson(table, only, listsOf(rules))
      : withBreaches(reportText(table, only, maxRowsOf(options)), rules),
  );
  if (given.resources.size === 0) return nothingToTell(manifests);
  if (table.refusals.length > 0 || isBroken(rules)) process.exitCode = ExitCode.findings;
  else if (!given.complete || !isTold(rules)) process.exitCode = ExitCode.cannotTell;
}

/** What the cluster of the old manifests would do once the new ones are applied to it, and nothing else is left. */
async function compare(
  old: readonly string[],
  given: Manifests,
  options: ExpectCommand,
  only: ReportFilter,
): Promise<void> {
  const before = await readAll(old, process.stdin);
  for (const problem of before.problems) say(problem);
  const calculator = createCalculator(calculatorOptions(options));
  const { table: was } = calculator.update(before.resources);
  const { table: is, change } = calculator.update(given.resources);
  const differences = differencesOf(was, is, change.prefixes, only);
  const rules = await holdRules(is, options.overlay);
  await print(
    options.json
      ? differenceJson(differences, listsOf(rules))
      : withBreaches(differenceText(differences, maxRowsOf(options)), rules),
  );
  if (isBlind(was) && isBlind(is)) return nothingToTell(old);
  if (!before.complete || !given.complete) process.exitCode = ExitCode.cannotTell;
  else if (isDifferent(differences) || isBroken(rules)) process.exitCode = ExitCode.findings;
  else if (!isTold(rules)) process.exitCode = ExitCode.cannotTell;
}

/** What the rules of a file say of a table; null = no file is named. */
type Held = { breaches: Breaches; couldTell: boolean } | null;

async function holdRules(table: ExpectationTable, file: string | undefined): Promise<Held> {
  if (file === undefined) return null;
  const now = steadyNow();
  const { rules, problems } = await readOverlayFile(file, now);
  for (const { line, path, text } of problems)
    say(`${[file, line].filter(Boolean).join(':')}: ${path ? `${path}: ` : ''}${text}`);
  const held = new RulesInForce(rules, now);
  const breaches = breachesOf(table, held);
  const isBlindTo = table.nodes.size === 0 && held.must.length > 0;
  if (isBlindTo) process.stderr.write('no Node is among the manifests, so rules `must` cannot be held against them\n');
  return { breaches, couldTell: problems.length === 0 && breaches.complete && !isBlindTo };
}

const isBroken = (held: Held): boolean => held !== null && held.breaches.list.length > 0;
const isTold = (held: Held): boolean => held === null || held.couldTell;

const maxRowsOf = ({ all }: ExpectCommand): number => (all ? Number.POSITIVE_INFINITY : maxListedRows);

/** Lists that rules add to the JSON. */
const listsOf = (held: Held): Record<string, readonly Breach[]> =>
  held === null ? {} : { breaches: held.breaches.list };

function* withBreaches(text: Iterable<string>, held: Held): Generator<string> {
  yield* text;
  yield breachText(held?.breaches.list ?? []);
}

/** Rules that would be broken, at the end, where a pipeline's reader looks first. */
function breachText(breaches: readonly Breach[]): string {
  if (breaches.length === 0) return '';
  const lines = breaches.map(({ rule, place, text }) => {
    const at = place ? ` (${[place.file, place.line].filter(Boolean).join(':')})` : '';
    return visible(`  ${rule.rule} ${rule.id}${at}: ${text}`);
  });
  return `\nbreaches\n${lines.join('\n')}\n`;
}

/** Without nodes nobody announces anything, whatever the other objects say. */
const isBlind = ({ nodes, refusals }: ExpectationTable): boolean => nodes.size === 0 && refusals.length === 0;

function nothingToTell(manifests: readonly string[]): void {
  fail(ExitCode.cannotTell, `${manifests.join(', ')}: no object that decides about routes, so nothing can be told`);
}

function calculatorOptions(options: ExpectCommand): ExpectOptions {
  const { mode, webhookMode, metallbVersion, namespace, loadBalancerClass, fieldValidation } = options;
  return {
    mode,
    webhookMode,
    version: metallbVersion,
    namespace,
    ignoreExcludeLB: options.ignoreExcludeLb ?? false,
    loadBalancerClass,
    fieldValidation,
  };
}

/** What of the answer is asked for; undefined after it was said what is wrong with it. */
function filterOf({ node, bgpPeer, service, prefix }: ExpectCommand): ReportFilter | undefined {
  const asked = readFilter({ prefix, service });
  return asked && { node, bgpPeer, ...asked };
}

/** `peerglass expect MANIFESTS…`: expected routes, rejected objects and lint, without a collector. */

import { steadyNow } from '../clock.ts';
import { reportJson, reportText } from '../metallb/answers/report.ts';
import { differenceJson, differencesOf, differenceText, isDifferent } from '../metallb/answers/report-differences.ts';
import type { ReportFilter } from '../metallb/answers/rows.ts';
import { maxListedRows } from '../metallb/answers/rows.ts';
import { createCalculator } from '../metallb/calculator.ts';
import { prefixesOf } from '../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { BGPMode, ExpectOptions } from '../metallb/types.ts';
import type { MetalLBVersion } from '../metallb/versions.ts';
import { type Breach, type Breaches, breachesOf } from '../overlay/breaches.ts';
import { readOverlayFile } from '../overlay/file.ts';
import { RulesInEffect } from '../overlay/in-effect.ts';
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
  /** File of overlay rules. */
  overlay?: string;
  /** Earlier manifests to compare with. */
  diff?: string[];
  node?: string;
  bgpPeer?: string;
  service?: string;
  prefix?: string;
  json?: boolean;
  /** List every route. */
  all?: boolean;
}

/**
 * Exit code 1 for rejected objects, violated rules or (with `diff`) differences; 2 for unreadable input, or without
 * any object.
 */
export async function expect(manifests: string[], options: ExpectCommand): Promise<void> {
  const only = filterOf(options);
  if (only === undefined) return;
  const { diff: old = [] } = options;
  if ([...manifests, ...old].filter((path) => path === '-').length > 1)
    return usage('stdin can be read only once: use - for one side only');
  const given = await readAll(manifests, process.stdin);
  for (const problem of given.problems) say(problem);
  if (old.length > 0) return compare(old, given, options, only);

  const { table } = createCalculator(calculatorOptions(options)).update(given.resources);
  const rules = await checkRules(table, options.overlay);
  await print(
    options.json
      ? reportJson(table, only, listsOf(rules))
      : withBreaches(reportText(table, only, maxRowsOf(options)), rules),
  );
  if (given.resources.size === 0) return noObjects(manifests);
  if (table.refusals.length > 0 || isViolated(rules)) process.exitCode = ExitCode.findings;
  else if (!given.complete || !isChecked(rules)) process.exitCode = ExitCode.cannotTell;
}

/** Compares the routes of two clusters: with the old manifests, and with only the new ones. */
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
  const differences = differencesOf(was, is, prefixesOf(change), only);
  const rules = await checkRules(is, options.overlay);
  await print(
    options.json
      ? differenceJson(differences, listsOf(rules))
      : withBreaches(differenceText(differences, maxRowsOf(options)), rules),
  );
  if (hasNothing(was) && hasNothing(is)) return noObjects(old);
  if (!before.complete || !given.complete) process.exitCode = ExitCode.cannotTell;
  else if (isDifferent(differences) || isViolated(rules)) process.exitCode = ExitCode.findings;
  else if (!isChecked(rules)) process.exitCode = ExitCode.cannotTell;
}

/** The rules that the expected routes violate; null: no overlay file was given. */
type RuleResult = { breaches: Breaches; isComplete: boolean } | null;

async function checkRules(table: ExpectationTable, file: string | undefined): Promise<RuleResult> {
  if (file === undefined) return null;
  const now = steadyNow();
  const { rules, problems } = await readOverlayFile(file, now);
  for (const { line, path, text } of problems)
    say(`${[file, line].filter(Boolean).join(':')}: ${path ? `${path}: ` : ''}${text}`);
  const inForce = new RulesInEffect(rules, now);
  const breaches = breachesOf(table, inForce);
  const hasNoNode = table.nodes.size === 0 && inForce.must.length > 0;
  if (hasNoNode) say('the manifests contain no Node, so `must` rules cannot be checked');
  return { breaches, isComplete: problems.length === 0 && breaches.complete && !hasNoNode };
}

const isViolated = (result: RuleResult): boolean => result !== null && result.breaches.list.length > 0;
const isChecked = (result: RuleResult): boolean => result === null || result.isComplete;

const maxRowsOf = ({ all }: ExpectCommand): number => (all ? Number.POSITIVE_INFINITY : maxListedRows);

/** Lists that the overlay adds to the JSON. */
const listsOf = (result: RuleResult): Record<string, readonly Breach[]> =>
  result === null ? {} : { breaches: result.breaches.list };

function* withBreaches(text: Iterable<string>, result: RuleResult): Generator<string> {
  yield* text;
  yield breachText(result?.breaches.list ?? []);
}

/** Violated rules, at the end, where readers of a pipeline log look first. */
function breachText(breaches: readonly Breach[]): string {
  if (breaches.length === 0) return '';
  const lines = breaches.map(({ rule, place, text }) => {
    const at = place ? ` (${[place.file, place.line].filter(Boolean).join(':')})` : '';
    return visible(`  ${rule.rule} ${rule.id}${at}: ${text}`);
  });
  return `\nbreaches\n${lines.join('\n')}\n`;
}

/** Without Nodes there are no routes to compare. */
const hasNothing = ({ nodes, refusals }: ExpectationTable): boolean => nodes.size === 0 && refusals.length === 0;

function noObjects(manifests: readonly string[]): void {
  fail(ExitCode.cannotTell, `${manifests.join(', ')}: no object that determines routes`);
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
    appliesOnce: true,
  };
}

/** The filter; undefined after reporting that it is invalid. */
function filterOf({ node, bgpPeer, service, prefix }: ExpectCommand): ReportFilter | undefined {
  const asked = readFilter({ prefix, service });
  return asked && { node, bgpPeer, ...asked };
}

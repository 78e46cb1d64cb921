/** `peerglass expect MANIFESTS…`: expectations, refusals and lint, without a collector. */

import { type ReportFilter, reportJson, reportText } from '../metallb/answers/report.ts';
import { differenceReport, differenceText, isDifferent } from '../metallb/answers/report-differences.ts';
import { createCalculator } from '../metallb/calculator.ts';
import type { BGPMode, ExpectationTable, ExpectOptions } from '../metallb/types.ts';
import type { MetalLBVersion } from '../metallb/versions.ts';
import { ExitCode } from './exit-code.ts';
import { fail, usage } from './fail.ts';
import { readFilter } from './filter.ts';
import { type Manifests, readAll } from './manifests.ts';

export interface ExpectCommand {
  mode: BGPMode;
  webhookMode?: BGPMode | 'disabled';
  metallbVersion: MetalLBVersion;
  namespace: string;
  ignoreExcludeLb?: boolean;
  loadBalancerClass: string;
  fieldValidation: 'strict' | 'prune';
  /** Manifests to compare with. */
  diff?: string[];
  node?: string;
  bgpPeer?: string;
  service?: string;
  prefix?: string;
  json?: boolean;
}

/**
 * Exit code 1 when something is refused, or with `diff` when something is different; 2 when something cannot be read,
 * or there is no object at all.
 */
export async function expect(manifests: string[], options: ExpectCommand): Promise<void> {
  const only = filterOf(options);
  if (only === undefined) return;
  const { diff: old = [] } = options;
  if ([...manifests, ...old].filter((path) => path === '-').length > 1)
    return usage('- (stdin) can be read once: name it for one side only');
  const given = await readAll(manifests, process.stdin);
  for (const problem of given.problems) process.stderr.write(`${problem}\n`);
  if (old.length > 0) return compare(old, given, options, only);

  const { table } = createCalculator(calculatorOptions(options)).update(given.resources);
  process.stdout.write(
    options.json ? `${JSON.stringify(reportJson(table, only), null, 2)}\n` : reportText(table, only),
  );
  if (given.resources.size === 0) return nothingToTell(manifests);
  if (table.refusals.length > 0) process.exitCode = ExitCode.findings;
  else if (!given.complete) process.exitCode = ExitCode.cannotTell;
}

/** What the cluster of the old manifests would do once the new ones are applied to it, and nothing else is left. */
async function compare(
  old: readonly string[],
  given: Manifests,
  options: ExpectCommand,
  only: ReportFilter,
): Promise<void> {
  const before = await readAll(old, process.stdin);
  for (const problem of before.problems) process.stderr.write(`${problem}\n`);
  const calculator = createCalculator(calculatorOptions(options));
  const { table: was } = calculator.update(before.resources);
  const { table: is, change } = calculator.update(given.resources);
  const report = differenceReport(was, is, change.prefixes, only);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : differenceText(report));
  if (isBlind(was) && isBlind(is)) return nothingToTell(old);
  if (!before.complete || !given.complete) process.exitCode = ExitCode.cannotTell;
  else if (isDifferent(report)) process.exitCode = ExitCode.findings;
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

/** `peerglass expect MANIFESTS…`: expectations, refusals and lint, without a collector. */
import { createCalculator } from '../metallb/calculator.ts';
import { reportJson, reportText } from '../metallb/report.ts';
import { kindNames } from '../metallb/resources.ts';
import { readManifests } from '../metallb/source.ts';
import type { BGPMode } from '../metallb/types.ts';
import type { MetalLBVersion } from '../metallb/versions.ts';
import { ExitCode } from './exit-code.ts';

export interface ExpectCommand {
  mode: BGPMode;
  webhookMode?: BGPMode | 'disabled';
  metallbVersion: MetalLBVersion;
  namespace: string;
  ignoreExcludeLb?: boolean;
  loadBalancerClass: string;
  fieldValidation: 'strict' | 'prune';
  json?: boolean;
}

/** Exit code 1 when something is refused or cannot be read, 2 when there is no object at all. */
export async function expect(manifests: string[], options: ExpectCommand): Promise<void> {
  const { resources, problems } = await readManifests(manifests);
  const { table } = createCalculator({
    ...options,
    version: options.metallbVersion,
    ignoreExcludeLB: options.ignoreExcludeLb ?? false,
  }).update(resources);
  for (const { file, line, message } of problems)
    process.stderr.write(`${file}${line ? `:${line}` : ''}: ${message}\n`);
  process.stdout.write(options.json ? `${JSON.stringify(reportJson(table), null, 2)}\n` : reportText(table));
  if (kindNames.every((kind) => resources[kind].size === 0)) {
    process.stderr.write(`${manifests.join(', ')}: no object that decides about routes, so nothing can be told\n`);
    process.exitCode = ExitCode.cannotTell;
  } else if (problems.length > 0 || table.refusals.length > 0) process.exitCode = ExitCode.findings;
}

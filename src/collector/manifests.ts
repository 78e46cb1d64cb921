/** From the manifests of the configuration to expectations: reads, watches, and says what is wrong with them. */
import type { Logger } from 'pino';
import type { SourceStatus } from '../api/deps.ts';
import { createCalculator } from '../metallb/calculator.ts';
import { kindNames, type Resources } from '../metallb/resources.ts';
import { createManifestSource, type ManifestSource } from '../metallb/source.ts';
import type { ExpectationChange, ExpectationTable, ExpectOptions, Refusal } from '../metallb/types.ts';

export interface ManifestsOptions {
  expect: ExpectOptions & { manifests: string[] };
  log: Logger;
  /** Filled in as things are read; part of `/status`. */
  sources: SourceStatus[];
  /** Each new state. */
  onExpectations: (table: ExpectationTable, change: ExpectationChange, resources: Resources) => void;
}

/** Reads and watches what `expect.manifests` names; undefined when it names nothing. */
export async function watchManifests({
  expect,
  log,
  sources,
  onExpectations,
}: ManifestsOptions): Promise<ManifestSource | undefined> {
  if (expect.manifests.length === 0) return undefined;
  const calculator = createCalculator(expect);
  const source: SourceStatus = {
    name: expect.manifests.join(', '),
    kind: 'manifests',
    synced: false,
    readAt: null,
    objects: 0,
    problems: [],
  };
  sources.push(source);
  let unreadable: SourceStatus['problems'] = [];
  let refusals: SourceStatus['problems'] = [];
  /** Shows all problems there are, and logs the ones that are new. */
  const report = () => {
    const known = new Set(source.problems.map(({ text }) => text));
    // what cannot be read as an object is refused as well: once is enough
    const places = new Set(unreadable.map(({ file, line }) => `${file}:${line}`));
    source.problems = [...unreadable, ...refusals.filter(({ file, line }) => !places.has(`${file}:${line}`))];
    for (const { file, line, text } of source.problems)
      if (!known.has(text)) log.warn({ event: 'cr.problem', file, line }, text);
  };
  return createManifestSource({
    paths: expect.manifests,
    onSnapshot(resources) {
      const objects = countObjects(resources);
      if (objects === 0 && source.objects > 0) {
        // a file that is being written anew looks like this; nobody deletes a cluster by emptying a file
        const text = `it holds no objects any more; the ${source.objects} that were there stay in force`;
        source.problems = [{ file: source.name, text }];
        log.warn({ event: 'cr.empty', source: source.name }, text);
        return;
      }
      const { table, change } = calculator.update(resources);
      source.synced = true;
      source.readAt = Date.now();
      source.objects = objects;
      refusals = table.refusals.map(refusalProblem);
      onExpectations(table, change, resources);
      log.info({ event: 'cr.sync', objects, refusals: refusals.length }, `read ${objects} objects`);
      report();
    },
    onProblems(problems) {
      unreadable = problems.map(({ message, ...where }) => ({ ...where, text: message }));
      report();
    },
  });
}

/** An object that MetalLB would refuse, as a problem of the source. */
function refusalProblem({ object, stage, error, effect }: Refusal): SourceStatus['problems'][number] {
  const { kind, name, file, line } = object;
  const text = `${kind}/${name} is refused (${stage}): ${error}; ${effect}`;
  return { file: file ?? `${kind}/${name}`, ...(line !== undefined && { line }), text };
}

function countObjects(resources: Resources): number {
  return kindNames.reduce((sum, kind) => sum + resources[kind].size, 0);
}

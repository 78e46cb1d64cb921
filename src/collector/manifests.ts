/** The manifests of the configuration as a source: read, watched, and what is wrong with them. */
import type { Logger } from 'pino';
import type { ReadResult } from '../metallb/objects/read.ts';
import { createManifestSource } from '../metallb/objects/source.ts';
import { formatTime } from '../rib/time.ts';
import { type ExpectationSource, refusalProblem, SourceProblems } from './source.ts';
import type { SourceStatus } from './status.ts';

export interface ManifestsOptions {
  /** Files and folders. */
  paths: readonly string[];
  log: Logger;
  /** epoch ms */
  now: () => number;
  /** There is another state; `source.results` has it. */
  onChange: () => void;
}

/** Reads `paths` once, and watches them from then on. What cannot be read is a problem, not an exception. */
export async function openManifests({ paths, log, now, onChange }: ManifestsOptions): Promise<ExpectationSource> {
  const status: SourceStatus = {
    name: paths.join(', '),
    kind: 'manifests',
    synced: false,
    readAt: null,
    objects: 0,
    problems: [],
    kinds: null,
  };
  const problems = new SourceProblems(status, log);
  /** The last state that is believed. */
  let inForce: readonly ReadResult[] = [];
  const files = await createManifestSource({
    paths,
    onSnapshot(resources, results) {
      if (resources.size === 0 && status.objects > 0) {
        // a file that is being written anew looks like this; nobody deletes a cluster by emptying a file
        const text = `it holds no objects any more; the ${status.objects} that were there stay in force`;
        problems.set('empty', [{ file: status.name, text }]);
        return;
      }
      inForce = results;
      status.synced = true;
      status.objects = resources.size;
      problems.set('empty', []);
      log.info({ event: 'cr.sync', objects: resources.size }, `read ${resources.size} objects`);
      onChange();
    },
    onProblems: (all) =>
      problems.set(
        'unreadable',
        all.map(({ message, ...where }) => ({ ...where, text: message })),
      ),
    onRead(isWhole) {
      if (isWhole) status.readAt = now();
      const text = `cannot be read since ${formatTime(status.readAt ?? now())}; the ${status.objects} objects of then stay in force`;
      const isGone = !isWhole && status.synced;
      // the time in it does not move on: it is that of the last good read
      problems.set('gone', isGone ? [{ file: status.name, text }] : []);
    },
  });
  return {
    status,
    get results() {
      return inForce;
    },
    judged: (refusals) =>
      problems.set('refused', refusals.filter(({ object }) => object.file !== undefined).map(refusalProblem)),
    close: () => files.close(),
  };
}

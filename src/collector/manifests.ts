/** The manifests of the configuration as a source: reads and watches them, and reports their problems. */
import type { Logger } from 'pino';
import { keptText } from '../kubernetes/texts.ts';
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
  /** The objects changed; `source.results` has them. */
  onChange: () => void;
}

/** Reads `paths` and watches them. Unreadable files are problems, not exceptions. */
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
  /** The objects read last from a plausible state. */
  let kept: readonly ReadResult[] = [];
  const files = await createManifestSource({
    paths,
    onSnapshot(resources, results) {
      if (resources.size === 0 && status.objects > 0) {
        // a file being rewritten looks like this; deleting a whole cluster does not
        const text = `no longer contains objects; ${keptText(status.objects)}`;
        problems.set('empty', [{ file: status.name, text }]);
        return;
      }
      kept = results;
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
      const text = `cannot be read since ${formatTime(status.readAt ?? now())}; ${keptText(status.objects)}`;
      const isGone = !isWhole && status.synced;
      // the time is that of the last complete read
      problems.set('gone', isGone ? [{ file: status.name, text }] : []);
    },
  });
  return {
    status,
    get results() {
      return kept;
    },
    judged: (refusals) =>
      problems.set('refused', refusals.filter(({ object }) => object.file !== undefined).map(refusalProblem)),
    close: () => files.close(),
  };
}

/** What the linter says of a few objects, as short as a test can say it. */
import type { ExpectOptions } from '../../src/metallb/types.ts';
import { type KubeObject, tableOf } from './metallb-objects.ts';

export interface LintRow {
  name: string;
  objects: KubeObject[];
  options?: Partial<ExpectOptions>;
  /** As `findings` writes them. */
  finds: string[];
}

/** `Kind/name path: message (hint)` of every finding whose message fits. */
export function findings(objects: KubeObject[], about: RegExp, options: Partial<ExpectOptions> = {}): string[] {
  return tableOf(objects, options)
    .lint.filter(({ message }) => about.test(message))
    .map(
      ({ object, path, message, hint }) =>
        `${object.kind}/${object.name} ${path}: ${message}${hint ? ` (${hint})` : ''}`,
    );
}

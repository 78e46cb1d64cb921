/** How many findings a lint rule lists. */
import type { Lint } from './types.ts';

/** Findings of one rule; one object whose fields are many counts as a rule. */
export const maxFindings = 1_000;

/** The first findings; when there are more, the last entry says so, at the first object that is left out. */
export function firstFindings(findings: Iterable<Lint>): Lint[] {
  const listed: Lint[] = [];
  for (const finding of findings) {
    if (listed.length === maxFindings)
      return [...listed, { ...finding, code: 'too-many-findings', message: tooMany(finding), hint: seeOthers }];
    listed.push(finding);
  }
  return listed;
}

const tooMany = ({ code }: Lint): string =>
  `more findings than Peerglass lists of one rule (${maxFindings.toLocaleString('en')}); the first one left out is ${code}`;
const seeOthers = 'correct the listed fields to see the others';

/** Rules about single fields, as rules about objects. */
import type { LintCode } from '../codes.ts';
import type { LintRule } from '../lint/scope.ts';
import type { Lint } from '../types.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectProblem, ObjectRule } from './rule.ts';

/** The rule for one code of a lint rule. */
export const ruleOf = (
  code: LintCode,
  severity: ObjectRule['severity'],
  title: string,
  looksFor: string,
  fix: string,
  rule: LintRule,
): ObjectRule => ({
  code,
  severity,
  title,
  looksFor,
  *find(cluster) {
    for (const lint of rule(cluster.table.cluster)) yield lint.code === code ? problemOf(lint, fix) : undefined;
  },
});

/** What a rule about fields finds. */
export function* problemsOf(cluster: Cluster, rule: LintRule, fix: string): Generator<ObjectProblem> {
  for (const lint of rule(cluster.table.cluster)) yield problemOf(lint, fix);
}

function problemOf(lint: Lint, fix: string): ObjectProblem {
  const { object, path, message, hint = fix } = lint;
  return {
    text: `${object.kind} ${object.name}, ${path}: ${message}.`,
    hint: `${hint[0]!.toUpperCase()}${hint.slice(1)}${/[.?]$/.test(hint) ? '' : '.'}`,
    objects: [object],
    about: path,
    lint,
  };
}

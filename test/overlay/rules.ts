/** Checked rules for tests. */
import { readRules } from '../../src/overlay/read.ts';
import type { OverlayRule, WrittenRule } from '../../src/overlay/rule.ts';

/** Default time of tests. */
export const readAt = Date.UTC(2026, 0, 1);

export type Written = Partial<WrittenRule> & Pick<WrittenRule, 'rule' | 'prefix'>;

/** Gives each rule an id by position, and a reason, an owner and a date if required. */
export function overlayRules(...written: Written[]): OverlayRule[] {
  const complete = written.map((rule, i) => ({
    id: `rule-${i + 1}`,
    reason: 'planned',
    owner: 'net-team',
    ...(rule.rule === 'ignore' && { expires: '2026-06-30' }),
    ...rule,
  }));
  const { rules, problems } = readRules({ rules: complete }, 'expectations.yaml', readAt);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return rules;
}

export const overlayRule = (written: Written): OverlayRule => overlayRules(written)[0]!;

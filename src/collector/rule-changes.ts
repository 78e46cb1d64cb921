/** What became of the hand-written rules: which came, went or changed, and in which keys. */
import type { OverlayRule } from '../overlay/rule.ts';
import type { FieldChange, ObjectAction } from '../store/history.ts';
import { differences } from './object-changes.ts';

export const byId = (rules: readonly OverlayRule[]): ReadonlyMap<string, OverlayRule> =>
  new Map(rules.map((rule) => [rule.id, rule]));

/** `rule`: as it is now; of one that is gone as it was. */
export function* ruleChanges(
  before: ReadonlyMap<string, OverlayRule>,
  after: ReadonlyMap<string, OverlayRule>,
): Generator<{ action: ObjectAction; rule: OverlayRule; fields: FieldChange[] }> {
  for (const [id, rule] of after) {
    const was = before.get(id);
    if (!was) {
      yield { action: 'created', rule, fields: [] };
      continue;
    }
    const [old, now]: Record<string, unknown>[] = [was.written, rule.written];
    const keys = new Set([...Object.keys(old!), ...Object.keys(now!)]);
    const fields = [...keys].flatMap((key) => [...differences(key, old![key], now![key])]);
    if (fields.length > 0) yield { action: 'changed', rule, fields };
  }
  for (const [id, rule] of before) if (!after.has(id)) yield { action: 'deleted', rule, fields: [] };
}

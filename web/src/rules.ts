/** The objects that make routes expected, each with its deciding fields. Pure. */
import type { ExpectedRoute, ObjectRef } from '../../src/api/schemas.ts';
import { objectName } from './objects.ts';

export interface RulesOfObject {
  object: ObjectRef;
  /** Clauses such as `spec.peers is empty: it applies to every BGPPeer`. */
  rules: string[];
}

/** From Service to peer; Nodes last, because there may be thousands. */
const kinds = ['Service', 'IPAddressPool', 'BGPAdvertisement', 'BGPPeer', 'FRRConfiguration', 'Node'];

/** Each object once, with each of its rules once. */
export function rulesOf(routes: readonly ExpectedRoute[]): RulesOfObject[] {
  const found = new Map<string, RulesOfObject>();
  for (const { chain } of routes)
    for (const { steps = [] } of chain)
      for (const { object, rule } of steps) {
        const key = `${object.kind} ${objectName(object)}`;
        const own = found.get(key) ?? { object, rules: [] };
        const text = withoutKind(rule, object);
        if (!own.rules.includes(text)) own.rules.push(text);
        found.set(key, own);
      }
  return [...found.values()].sort((a, b) => kinds.indexOf(a.object.kind) - kinds.indexOf(b.object.kind));
}

/** Removes the kind, which the page shows next to the rules. */
function withoutKind(rule: string, { kind }: ObjectRef): string {
  return rule.startsWith(`${kind}.`) ? rule.slice(kind.length + 1) : rule;
}

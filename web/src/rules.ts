/** What of which object makes routes expected, from the Service to the attributes. Pure. */
import type { ExpectedRoute, ObjectRef } from '../../src/api/schemas.ts';
import { objectName } from './objects.ts';

export interface RulesOfObject {
  object: ObjectRef;
  /** Sentences without a beginning or an end: `spec.peers is empty: it is for every BGPPeer`. */
  rules: string[];
}

/** In the order of the way; Nodes last, as there may be a thousand with the same to say. */
const kinds = ['Service', 'IPAddressPool', 'BGPAdvertisement', 'BGPPeer', 'FRRConfiguration', 'Node'];

/** Every object once, with every rule of it once. */
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

/** The kind stands beside the rules already. */
function withoutKind(rule: string, { kind }: ObjectRef): string {
  return rule.startsWith(`${kind}.`) ? rule.slice(kind.length + 1) : rule;
}

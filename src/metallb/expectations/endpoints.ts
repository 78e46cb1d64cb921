/** Which endpoints: does a service have one that serves, and on which nodes. */
import type { EndpointSlice } from '../objects/resources.ts';
import type { VersionRules } from '../versions.ts';

export interface Endpoints {
  /** Some endpoint serves. */
  readonly any: boolean;
  /** Names of nodes with a serving endpoint. */
  readonly nodes: ReadonlySet<string>;
  /** As `any`, where an endpoint without an address counts too: layer 2 does not look at addresses. */
  readonly anyForL2: boolean;
  /** As `nodes`, the same way. */
  readonly nodesForL2: ReadonlySet<string>;
}

/**
 * Ready (or not said to be unready), or still serving while it terminates. Families, ports, zones and hints of
 * a slice are not looked at.
 */
export function endpointsOf(slices: readonly EndpointSlice[], rules: VersionRules): Endpoints {
  const any = new Serving(rules);
  const byNode = new Map<string, Serving>();
  const nodesForL2 = new Set<string>();
  let anyForL2 = false;
  for (const slice of slices)
    for (const { addresses, nodeName, conditions } of slice.spec.endpoints) {
      const serves = conditions.ready !== false || conditions.serving === true;
      anyForL2 ||= serves;
      any.add(addresses, serves);
      if (nodeName === undefined) continue;
      if (serves) nodesForL2.add(nodeName);
      let own = byNode.get(nodeName);
      if (!own) byNode.set(nodeName, (own = new Serving(rules)));
      own.add(addresses, serves);
    }
  const nodes = new Set(Array.from(byNode).flatMap(([name, serving]) => (serving.any ? [name] : [])));
  return { any: any.any, nodes, anyForL2, nodesForL2 };
}

/** Is there an address that serves? Up to MetalLB 0.15 one entry that does not serve speaks for its whole address. */
class Serving {
  readonly #rules: VersionRules;
  readonly #good = new Set<string>();
  readonly #bad = new Set<string>();

  constructor(rules: VersionRules) {
    this.#rules = rules;
  }

  add(addresses: readonly string[], serves: boolean): void {
    for (const address of addresses) (serves ? this.#good : this.#bad).add(address);
  }

  get any(): boolean {
    if (this.#rules.oneServingEntrySuffices) return this.#good.size > 0;
    for (const address of this.#good) if (!this.#bad.has(address)) return true;
    return false;
  }
}

/** Which endpoints: does a service have one that serves, and on which nodes. */
import type { EndpointSlice } from './resources.ts';

export interface Endpoints {
  /** Some endpoint serves. */
  readonly any: boolean;
  /** Names of nodes with a serving endpoint. */
  readonly nodes: ReadonlySet<string>;
  /** As `any`, where an endpoint without an address counts too: layer 2 does not look at addresses. */
  readonly anyForL2: boolean;
}

/**
 * Ready (or not said to be unready), or still serving while it terminates. Families, ports, zones and hints of
 * a slice are not looked at.
 */
export function endpointsOf(slices: readonly EndpointSlice[]): Endpoints {
  const nodes = new Set<string>();
  let any = false;
  let anyForL2 = false;
  for (const slice of slices)
    for (const { addresses, nodeName, conditions } of slice.spec.endpoints) {
      if (conditions.ready === false && conditions.serving !== true) continue;
      anyForL2 = true;
      if (addresses.length === 0) continue;
      any = true;
      if (nodeName !== undefined) nodes.add(nodeName);
    }
  return { any, nodes, anyForL2 };
}

/** A cluster that is judged for real: objects → expectations → verdicts on what neighbors announce. */
import type { ApiDeps } from '../../src/api/deps.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import type { Resources } from '../../src/metallb/objects/resources.ts';
import type { ExpectOptions } from '../../src/metallb/types.ts';
import type { OverlayRule } from '../../src/overlay/rule.ts';
import { VerdictEngine } from '../../src/verdicts/engine.ts';
import { epoch, type FakeDeps } from '../support/fake-views.ts';
import { frr, type KubeObject } from '../support/metallb-objects.ts';
import { type Scene, scene } from './support.ts';

export const resourcesOf = (objects: readonly KubeObject[]): Resources =>
  assembleResources(objects.map((raw) => readObject({ raw })));

/** A server on these objects, with the neighbors 1 (node-1) and 2 (node-2) of BGPPeer tor-1; `announce` fills the RIB. */
export function clusterScene(
  objects: readonly KubeObject[],
  announce: (rib: FakeDeps['rib']) => void = () => {},
  options: Partial<ExpectOptions> = {},
  rules: readonly OverlayRule[] = [],
): Promise<Scene> {
  const resources = resourcesOf(objects);
  const { table, change } = createCalculator({ ...frr, ...options }).update(resources);
  return scene((deps) => {
    announce(deps.rib);
    const engine = new VerdictEngine({
      rib: deps.rib,
      now: () => epoch + 60_000,
      graceMs: () => 0,
      restoreMs: 300_000,
    });
    engine.setOverlay(rules);
    engine.setExpectations(table, change);
    while (engine.busy) engine.step(1_000);
    Object.assign(deps, {
      verdicts: engine,
      expectations: () => table,
      resources: () => resources,
      overlay: {
        view: () => ({
          rules: rules.map((rule) => ({ rule, layer: 'file' as const, replaced: false, expired: false })),
          file: 'expectations.yaml',
          updatedAt: null,
          problems: [],
        }),
        put: async () => {},
      },
    } satisfies Partial<ApiDeps>);
  });
}

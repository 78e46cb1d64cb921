import { type Problem, problem } from '../codes.ts';
import { extrasName } from '../objects/config-map.ts';
import type { ConfigMap } from '../objects/resources.ts';
import type { BGPMode } from '../types.ts';

/** The ConfigMap with raw FRR configuration in MetalLB's namespace; undefined where there is none, or nothing in it. */
export function extrasIn(namespace: string, all: ReadonlyMap<string, ConfigMap>): ConfigMap | undefined {
  const configMap = all.get(`${namespace}/${extrasName}`);
  return configMap?.spec.hasExtras ? configMap : undefined;
}

/** Only frr mode has an frr.conf of its own to append to. */
export function extrasProblem(mode: BGPMode): Problem | undefined {
  return mode === 'frr' ? undefined : problem('frr-mode-only', `bgp extra info not supported in ${mode} mode`);
}

/** Unlike a configuration that does not parse, one that cannot be applied has already ended sessions. */
export const failsAtApplying =
  'speakers fail while they apply the config: sessions of BGPPeers that were removed or changed are already closed, ' +
  'none is opened, and all else stays as it was (at first start nothing is advertised)';

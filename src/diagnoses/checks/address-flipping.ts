/** Services whose address goes to and fro (MetalLB issues 2641, 2396 and 2177). */

import { count, names } from '../../metallb/problems/words.ts';
import { flips, flipWindowMs, textOf } from '../address-flips.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { span } from '../words.ts';

/** An address that comes back again and again: two controllers write the status of one Service. */
export const addressFlipping: Check = {
  code: 'address-flipping',
  severity: 'critical',
  title: 'Service address keeps changing',
  looksFor: 'Services whose address changes three times in ten minutes and returns.',
  find,
};

function* find({ cluster, history, now }: Facts): Finds {
  if (!cluster) return;
  const byService = Map.groupBy(history.addressEdits, ({ service }) => service);
  for (const [key, edits] of byService) {
    yield;
    const service = cluster.resources.Service.get(key);
    if (!service || !flips(edits, now)) continue;
    const recent = edits.filter(({ at }) => at > now - flipWindowMs);
    const values = new Set(recent.flatMap(({ from, to }) => [textOf(from), textOf(to)]));
    yield {
      service: key,
      text:
        `The address of ${key} changed ${count(recent.length, 'time')} in the last ${span(flipWindowMs)} ` +
        `between ${names(values)}. Its routes change each time.`,
      hint:
        'Another load-balancer controller (kube-vip, a cloud provider, a second MetalLB) writes ' +
        'status.loadBalancer too. Give the service a spec.loadBalancerClass that only one of them handles, or ' +
        'disable the other controller.',
      objects: [service.ref],
    };
  }
}

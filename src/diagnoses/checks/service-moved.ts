/** Services that a pool gave another address (MetalLB issues 2449 and 1755). */

import { names } from '../../metallb/problems/words.ts';
import { flips } from '../address-flips.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { span } from '../words.ts';

/** An edit of a pool that long before explains a new address, ms. */
const poolReachMs = 120_000;
/** How long a move is worth telling, ms. */
const tellMs = 1_800_000;

/** A new address after an edit of the pool: the old prefix goes, another comes. */
export const serviceMoved: Check = {
  code: 'service-moved',
  severity: 'info',
  title: 'Service moved to another address',
  looksFor: 'services with a new address after an edit of a pool.',
  find,
};

function* find({ cluster, history, now }: Facts): Finds {
  if (!cluster) return;
  const byService = Map.groupBy(history.addressEdits, ({ service }) => service);
  for (const [key, edits] of byService) {
    yield;
    const last = edits.at(-1)!;
    const service = cluster.resources.Service.get(key);
    if (!service || now - last.at > tellMs || flips(edits, now) || last.from.length === 0 || last.to.length === 0)
      continue;
    const pool = history.edits.findLast(
      ({ object, at }) => object.kind === 'IPAddressPool' && at <= last.at && at >= last.at - poolReachMs,
    );
    if (!pool) continue;
    yield {
      service: key,
      text:
        `${key} moved from ${names(last.from)} to ${names(last.to)} ${span(now - last.at)} ago, after ` +
        `IPAddressPool ${pool.object.name} was ${pool.action}: the old prefix is withdrawn and another ` +
        'announced.',
      hint:
        'MetalLB assigns another address when the pool no longer contains the old one. If clients use ' +
        'the old address, add it to a pool again and request it (annotation metallb.io/loadBalancerIPs).',
      objects: [service.ref, pool.object],
    };
  }
}

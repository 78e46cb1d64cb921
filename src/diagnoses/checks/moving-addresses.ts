/** Services whose address changes (MetalLB issues 2641, 2449, 2396, 2177 and 1755). */
import type { AddressEdit } from '../history.ts';
import type { Facts, Finds } from '../types.ts';
import { count, names, span } from '../words.ts';

/** An edit of a pool that long before explains a new address, ms. */
const poolReachMs = 120_000;
/** Changes within the window, with an address that comes back, that make it flip. */
const leastFlips = 3;
const flipWindowMs = 600_000;
/** How long a move is worth telling, ms. */
const tellMs = 1_800_000;

/** A new address after an edit of the pool: the old prefix goes, another comes. */
export function* serviceMoved({ cluster, history, now }: Facts): Finds {
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
        'MetalLB gives a service another address when its pool no longer has the old one. Where clients know ' +
        'the old address, put it back into a pool and ask for it (annotation metallb.io/loadBalancerIPs).',
      objects: [service.ref, pool.object],
    };
  }
}

/** An address that comes back again and again: two controllers write the status of one Service. */
export function* addressFlipping({ cluster, history, now }: Facts): Finds {
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
        `The address of ${key} changed ${count(recent.length, 'time')} in the last ${span(flipWindowMs)}, to ` +
        `and fro between ${names(values)}: its routes come and go with it.`,
      hint:
        'Another load-balancer controller (kube-vip, a cloud provider, a second MetalLB) writes ' +
        'status.loadBalancer too. Give the service a spec.loadBalancerClass that only one of them takes, or ' +
        'switch the other off.',
      objects: [service.ref],
    };
  }
}

function flips(edits: readonly AddressEdit[], now: number): boolean {
  const recent = edits.filter(({ at }) => at > now - flipWindowMs);
  if (recent.length < leastFlips) return false;
  const seen = recent.map(({ to }) => textOf(to));
  return new Set(seen).size < seen.length;
}

const textOf = (addresses: readonly string[]): string => addresses.join(' and ') || 'no address';

/** Services and prefixes of one plan, kept up to date by what changed. */

import type { EndpointSlice, Service } from '../objects/resources.ts';
import { ByAddress } from '../relations/by-address.ts';
import type { Cidr } from '../relations/cidr.ts';
import type { ExpectOptions } from '../types.ts';
import { Contributors } from './contributors.ts';
import type { Plan } from './plan.ts';
import type { Contribution, ServiceView } from './prefixes.ts';
import { viewService } from './services.ts';

/** All services under one plan, and who contributes to each prefix. Immutable: `advance` makes the next one. */
export interface ServiceIndex {
  readonly services: ReadonlyMap<string, ServiceView>;
  readonly prefixes: ReadonlyMap<string, Contributors>;
  /** Prefixes whose contributions set more than one localPref: no validation sees these meet. */
  readonly mixed: ReadonlySet<string>;
}

export const emptyIndex: ServiceIndex = { services: new Map(), prefixes: new Map(), mixed: new Set() };

export type SlicesByService = ReadonlyMap<string, readonly EndpointSlice[]>;

/**
 * The index for the services as they are now. Only services with a changed object are looked at; `touched` are the
 * prefixes to which something was added or from which something was taken, `otherwise` those of them whose routes may
 * be others because of it.
 */
export function advance(
  previous: ServiceIndex,
  plan: Plan,
  services: ReadonlyMap<string, Service>,
  slices: SlicesByService,
  options: ExpectOptions,
): { index: ServiceIndex; touched: Set<string>; otherwise: Set<string> } {
  const next = new Map<string, ServiceView>();
  const removed = new Set<Contribution>();
  const added: Contribution[] = [];
  for (const [key, service] of services) {
    const before = previous.services.get(key);
    const own = slices.get(key) ?? none;
    if (before && before.object === service && sameList(before.slices, own)) {
      next.set(key, before);
      continue;
    }
    const view = viewService(service, own, plan, options);
    next.set(key, view);
    if (before) for (const contribution of before.contributions) removed.add(contribution);
    for (const contribution of view.contributions) added.push(contribution);
  }
  for (const [key, view] of previous.services)
    if (!services.has(key)) for (const contribution of view.contributions) removed.add(contribution);
  if (removed.size === 0 && added.length === 0)
    return { index: { ...previous, services: next }, touched: new Set(), otherwise: new Set() };

  const prefixes = new Map<string, Contributors>(previous.prefixes);
  const gone = new Set(Array.from(removed, ({ prefix }) => prefix));
  for (const prefix of gone) {
    const rest = prefixes.get(prefix)!.all.filter((contribution) => !removed.has(contribution));
    if (rest.length > 0) prefixes.set(prefix, new Contributors(rest));
    else prefixes.delete(prefix);
  }
  const more = Map.groupBy(added, ({ prefix }) => prefix);
  for (const [prefix, contributions] of more)
    prefixes.set(prefix, new Contributors([...(prefixes.get(prefix)?.all ?? none), ...contributions]));
  const touched = new Set([...gone, ...more.keys()]);
  const mixed = new Set(previous.mixed);
  for (const prefix of touched) {
    if (localPrefsOf(prefixes.get(prefix)?.all ?? none).size > 1) mixed.add(prefix);
    else mixed.delete(prefix);
  }
  const otherwise = [...touched].filter((prefix) => {
    const [before, after] = [previous.prefixes.get(prefix), prefixes.get(prefix)];
    return !before || !after?.isLike(before);
  });
  return { index: { services: next, prefixes, mixed }, touched, otherwise: new Set(otherwise) };
}

/** Services by their addresses, made when first asked for. */
const byAddress = new WeakMap<ServiceIndex['services'], ByAddress<ServiceView>>();

/** Services with an address in the block, by address. */
export function servicesIn({ services }: ServiceIndex, block: Cidr): ServiceView[] {
  let index = byAddress.get(services);
  if (!index) {
    const all = [...services.values()];
    index = new ByAddress(all.flatMap((item) => item.ips.map(({ address }) => ({ address, item }))));
    byAddress.set(services, index);
  }
  return index.within(block);
}

/** The localPref values that are set; 0 is none. */
export function localPrefsOf(contributions: readonly Contribution[]): Set<number> {
  const values = new Set(contributions.map(({ advertisement }) => advertisement.object.spec.localPref));
  values.delete(0);
  return values;
}

/** `namespace/name` of the service → its slices. */
export function groupSlices(slices: ReadonlyMap<string, EndpointSlice>): SlicesByService {
  const groups = new Map<string, EndpointSlice[]>();
  for (const slice of slices.values()) {
    if (slice.spec.service === '') continue;
    const key = `${slice.ref.namespace}/${slice.spec.service}`;
    const group = groups.get(key);
    if (group) group.push(slice);
    else groups.set(key, [slice]);
  }
  return groups;
}

const none: readonly never[] = [];

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]));
}

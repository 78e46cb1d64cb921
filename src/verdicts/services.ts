/** Which services stand behind which expected prefixes, and how the rows of those prefixes are. */
import type { ChainLink } from '../metallb/types.ts';
import { isExpected, type RowState, wordOf } from './rows.ts';
import type { ServiceStatus, VerdictSummary } from './types.ts';

/** Names of services by prefix id, gathered while a table of expectations is gone through. */
export type ServicesByPrefix = Map<number, Set<string>>;

/** Adds the services of a chain to those of a prefix. */
export function gather(into: ServicesByPrefix, prefix: number, chain: readonly ChainLink[]): void {
  let services = into.get(prefix);
  if (services === undefined) into.set(prefix, (services = new Set()));
  for (const link of chain) services.add(link.service);
}

const statuses = ['ok', 'pending', 'failing'] as const;

export class ServiceStatuses {
  #byPrefix: ServicesByPrefix = new Map();
  /** Expected rows by prefix id that are wrong, and that cannot be told yet. */
  readonly #failing = new Map<number, number>();
  readonly #pending = new Map<number, number>();
  /** Expected rows by prefix id. */
  readonly #expected = new Map<number, number>();

  /** The services of all prefixes, from now on. */
  replace(byPrefix: ServicesByPrefix): void {
    this.#byPrefix = byPrefix;
  }

  /** The services of some prefixes; an empty set = none any more. */
  update(byPrefix: ServicesByPrefix): void {
    for (const [prefix, services] of byPrefix) {
      if (services.size === 0) this.#byPrefix.delete(prefix);
      else this.#byPrefix.set(prefix, services);
    }
  }

  /** What nodes that changed have; what other nodes have of the same prefixes stays. */
  add(byPrefix: ServicesByPrefix): void {
    for (const [prefix, services] of byPrefix)
      this.#byPrefix.set(prefix, new Set([...(this.#byPrefix.get(prefix) ?? []), ...services]));
  }

  /** Is a service behind it? */
  has(prefix: number): boolean {
    return this.#byPrefix.has(prefix);
  }

  /** A row went from one state to another. */
  count(prefix: number, before: RowState, after: RowState): void {
    if (isExpected(before) !== isExpected(after)) this.#countExpected(prefix, isExpected(after) ? 1 : -1);
    this.#add(prefix, before, -1);
    this.#add(prefix, after, 1);
  }

  /** How many services have every expected route ok, some that cannot be told yet, and some that are wrong. */
  summary(): VerdictSummary['services'] {
    const totals = { ok: 0, pending: 0, failing: 0 };
    for (const status of this.statuses().values()) totals[status]++;
    return totals;
  }

  /** Every service that has an expected route, with the worst of its routes. */
  statuses(): ReadonlyMap<string, ServiceStatus> {
    const worst = new Map<string, 0 | 1 | 2>();
    for (const [prefix, services] of this.#byPrefix) {
      if (!this.#expected.has(prefix)) continue; // of a node that changed, and of no other
      const state = this.#failing.has(prefix) ? 2 : this.#pending.has(prefix) ? 1 : 0;
      for (const service of services) if ((worst.get(service) ?? -1) < state) worst.set(service, state);
    }
    return new Map(Array.from(worst, ([service, state]) => [service, statuses[state]]));
  }

  #countExpected(prefix: number, by: 1 | -1): void {
    const count = (this.#expected.get(prefix) ?? 0) + by;
    if (count === 0) this.#expected.delete(prefix);
    else this.#expected.set(prefix, count);
  }

  #add(prefix: number, state: RowState, by: 1 | -1): void {
    if (!isExpected(state)) return;
    const word = wordOf(state);
    if (word === 'ok' || word === 'suppressed') return;
    const counts = word === 'missing' || word === 'mismatch' ? this.#failing : this.#pending;
    const count = (counts.get(prefix) ?? 0) + by;
    if (count === 0) counts.delete(prefix);
    else counts.set(prefix, count);
  }
}

/** A cluster, a RIB and an engine between them, with a clock that only the test moves. */

import { changeOfPrefixes, type PrefixScope } from '../../src/metallb/expectations/expectation-change.ts';
import type { AttributesJson, Neighbor } from '../../src/rib/types.ts';
import { VerdictEngine, type VerdictEngineOptions } from '../../src/verdicts/engine.ts';
import type { VerdictChange } from '../../src/verdicts/types.ts';
import { FakeRib } from '../support/fake-rib.ts';
import { type FakeTableInput, fakeTable } from './fake-table.ts';

export const grace = 15_000;
export const restore = 300_000;
export const start = Date.UTC(2026, 0, 1);

export class Scene {
  readonly rib = new FakeRib();
  readonly changes: VerdictChange[] = [];
  now = start;
  readonly engine: VerdictEngine;

  constructor(options: Partial<VerdictEngineOptions> = {}) {
    this.engine = new VerdictEngine({
      rib: this.rib,
      now: () => this.now,
      graceMs: () => grace,
      restoreMs: restore,
      ...options,
    });
  }

  step(budgetMs: number): void {
    this.changes.push(...this.engine.step(budgetMs));
  }

  /** Lets the engine finish what it has to do. */
  settle(): this {
    while (this.engine.busy) this.step(1_000);
    return this;
  }

  /** Lets time pass, waking the engine whenever it wants to be. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (let due = this.engine.nextDeadline(); due !== undefined && due <= end; due = this.engine.nextDeadline()) {
      this.now = Math.max(this.now, due);
      this.engine.tick();
      this.settle();
    }
    this.now = end;
    return this;
  }

  expect(input: FakeTableInput, prefixes: PrefixScope = 'all'): this {
    this.engine.setExpectations(fakeTable(input), changeOfPrefixes(prefixes));
    return this.settle();
  }

  neighbor(id: number, changes: Partial<Neighbor>): this {
    this.rib.neighbor(id, changes);
    this.engine.neighborChanged(id);
    return this.settle();
  }

  /** A session that is up with its table in. */
  up(id: number, node: string | null = `node-${id}`, bgpPeer: string | null = 'tor'): this {
    return this.neighbor(id, {
      node,
      bgpPeer,
      state: 'established',
      session: id,
      establishedAt: this.now,
      stateSince: this.now,
      synced: true,
    });
  }

  /** The session ends; its routes are kept as stale or go. */
  down(id: number, { keep = false } = {}): this {
    const lastDown = {
      direction: 'received',
      code: 'hold-timer-expired',
      text: 'hold timer expired',
      at: this.now,
    } as const;
    this.rib.neighbor(id, { state: 'idle', synced: false, lastDown, stateSince: this.now });
    this.engine.routesChanged(keep ? this.rib.markStale(id) : this.rib.clear(id));
    this.engine.neighborChanged(id);
    return this.settle();
  }

  announce(id: number, prefix: string, attributes: Partial<AttributesJson> = {}, pathId = 0): this {
    const nextHop = this.rib.neighbors.get(id)!.remoteAddress;
    this.engine.routesChanged([this.rib.announce(id, prefix, { nextHop, ...attributes }, this.now, pathId)]);
    return this.settle();
  }

  withdraw(id: number, prefix: string, pathId = 0): this {
    this.engine.routesChanged([this.rib.withdraw(id, prefix, pathId)]);
    return this.settle();
  }

  /** Transitions since the last call: `node-1 203.0.113.1/32: ok → missing (route-missing)`. */
  news(): string[] {
    return this.changes
      .splice(0)
      .map(
        ({ from, to, verdict: v }) => `${v.node ?? `#${v.neighbor}`} ${v.prefix}: ${from} → ${to} (${v.reasonCode})`,
      );
  }

  /** Verdict words of a prefix by node or neighbor. */
  verdicts(prefix: string): Record<string, string> {
    return Object.fromEntries(this.engine.ofPrefix(prefix).map((v) => [v.node ?? `#${v.neighbor}`, v.verdict]));
  }
}

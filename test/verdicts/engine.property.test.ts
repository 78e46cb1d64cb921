/** Whatever happens in whatever order and whatever slices: what the engine kept is what it would find from nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allExpectations,
  changeOfPrefixes,
  type ExpectationChange,
  someExpectations,
} from '../../src/metallb/expectations/expectation-change.ts';
import type { ExpectedRoute } from '../../src/metallb/types.ts';
import type { OverlayRule } from '../../src/overlay/rule.ts';
import { differences } from '../../src/overlay/rule.ts';
import { VerdictEngine } from '../../src/verdicts/engine.ts';
import { type Verdict, type VerdictKey, verdicts } from '../../src/verdicts/types.ts';
import { overlayRules, type Written } from '../overlay/rules.ts';
import { fakeTable } from './fake-table.ts';
import { grace, Scene, start } from './scene.ts';

const prefixes = ['203.0.113.1/32', '203.0.113.2/32', '2001:db8::/64'];
const nodeNames = ['node-1', 'node-2'];
const peers = ['tor-1', 'tor-2'];
const ids = [1, 2, 3];

const prefix = fc.constantFrom(...prefixes);
const id = fc.constantFrom(...ids);
const communities = fc.constantFrom<string[][]>([], ['1:1']);
const route = fc.record({
  node: fc.constantFrom(...nodeNames),
  bgpPeer: fc.constantFrom(...peers),
  prefix,
  communities,
});
const routes = fc.uniqueArray(route, { maxLength: 8, selector: (r) => `${r.node} ${r.bgpPeer} ${r.prefix}` });

/** Rules of all kinds about the same few prefixes and sessions; some expire while events happen. */
const ruled = fc.record(
  {
    prefix: fc.constantFrom(...prefixes, '203.0.113.0/30'),
    node: fc.subarray(nodeNames, { minLength: 1 }),
    bgpPeer: fc.subarray(peers, { minLength: 1 }),
    neighbor: fc.subarray(['192.0.2.11', '192.0.2.12'], { minLength: 1 }),
  },
  { requiredKeys: ['prefix'] },
);
const expires = fc.integer({ min: 0, max: 4 * grace }).map((ms) => new Date(start + ms).toISOString());
const match = fc.constantFrom('exact', 'longer', 'covering');
const written: fc.Arbitrary<Written> = fc.oneof(
  fc.tuple(ruled, communities, fc.boolean()).map(
    ([one, c, any]): Written => ({
      ...one,
      rule: 'must',
      ...(c.length > 0 && { communities: c }),
      ...(any && { atLeast: 1 }),
    }),
  ),
  fc.tuple(ruled, match).map(([one, m]): Written => ({ ...one, rule: 'must-not', match: m as 'exact' })),
  fc
    .tuple(ruled, match, fc.subarray([...differences], { minLength: 1 }))
    .map(([one, m, verdict]): Written => ({ ...one, rule: 'ignore', match: m as 'exact', verdict })),
);
const overlay = fc
  .array(fc.tuple(written, fc.option(expires, { nil: undefined })), { maxLength: 4 })
  .map((rules) => overlayRules(...rules.map(([one, at]) => (at === undefined ? one : { ...one, expires: at }))));

type Route = Pick<ExpectedRoute, 'node' | 'bgpPeer' | 'prefix' | 'communities'>;
type Event = (scene: World) => void;
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.tuple(id, prefix, communities, fc.constantFrom(0, 7)).map(
    ([n, p, c, path]): Event =>
      (w) =>
        w.announce(n, p, c, path),
  ),
  fc.tuple(id, prefix, fc.constantFrom(0, 7)).map(
    ([n, p, path]): Event =>
      (w) =>
        w.withdraw(n, p, path),
  ),
  fc.tuple(id, fc.boolean()).map(
    ([n, keep]): Event =>
      (w) =>
        w.down(n, keep),
  ),
  fc.tuple(id, fc.boolean()).map(
    ([n, synced]): Event =>
      (w) =>
        w.up(n, synced),
  ),
  fc.tuple(id, fc.constantFrom(null, ...nodeNames), fc.constantFrom(null, ...peers)).map(
    ([n, node, bgpPeer]): Event =>
      (w) =>
        w.match(n, node, bgpPeer),
  ),
  fc.tuple(routes, fc.subarray(nodeNames)).map(
    ([r, names]): Event =>
      (w) =>
        w.table(r, names),
  ),
  fc.constant<Event>((w) => w.noTable()),
  overlay.map(
    (rules): Event =>
      (w) =>
        w.overlay(rules),
  ),
  id.map(
    (n): Event =>
      (w) =>
        w.scene.engine.resend(n),
  ),
  fc.integer({ min: 1, max: 2 * grace }).map(
    (ms): Event =>
      (w) =>
        w.wait(ms),
  ),
  fc.constant<Event>((w) => w.scene.step(0)),
  fc.constant<Event>((w) => w.scene.settle()),
);

/** A scene that does not settle by itself, and knows which table is in force. */
class World {
  readonly scene: Scene;
  #table: { routes: Route[]; names: string[] } | null = null;
  #overlay: OverlayRule[] = [];

  constructor(graceMs: number) {
    this.scene = new Scene({ graceMs: () => graceMs, restoreMs: 0 });
    for (const n of ids) this.scene.rib.neighbor(n, { session: n });
  }

  announce(n: number, p: string, c: string[], path: number): void {
    this.scene.engine.routesChanged([
      this.scene.rib.announce(n, p, { communities: c, nextHop: '192.0.2.99' }, this.scene.now, path),
    ]);
  }

  withdraw(n: number, p: string, path: number): void {
    this.scene.engine.routesChanged([this.scene.rib.withdraw(n, p, path)]);
  }

  down(n: number, keep: boolean): void {
    const { rib, engine } = this.scene;
    rib.neighbor(n, { state: 'idle', synced: false });
    engine.routesChanged(keep ? rib.markStale(n) : rib.clear(n));
    engine.neighborChanged(n);
  }

  up(n: number, synced: boolean): void {
    this.scene.rib.neighbor(n, { state: 'established', establishedAt: this.scene.now, synced });
    this.scene.engine.neighborChanged(n);
  }

  match(n: number, node: string | null, bgpPeer: string | null): void {
    this.scene.rib.neighbor(n, { node, bgpPeer });
    this.scene.engine.neighborChanged(n);
  }

  table(next: Route[], names: string[]): void {
    const before = this.#table;
    const asked = next.filter(({ node }) => names.includes(node));
    const old = before?.routes ?? [];
    const isIn = (list: Route[], one: Route): boolean =>
      list.some((other) => JSON.stringify(other) === JSON.stringify(one));
    const changed = [...asked.filter((one) => !isIn(old, one)), ...old.filter((one) => !isIn(asked, one))];
    const were = before?.names ?? [];
    const others = nodeNames.filter((name) => names.includes(name) !== were.includes(name));
    const prefixesOf = (rows: Route[]): Set<string> => new Set(rows.map(({ prefix }) => prefix));
    this.#table = { routes: asked, names };
    this.scene.engine.setExpectations(this.#fake()!, changeOf());

    /** As a calculator would tell it: by prefix, by node, or a row here and all of a node there. */
    function changeOf(): ExpectationChange {
      if (before === null) return allExpectations;
      if (others.length === 0) return changeOfPrefixes(prefixesOf(changed));
      const byNode = Map.groupBy(changed, ({ node }) => node);
      const own = Array.from(byNode, ([node, rows]) => [node, prefixesOf(rows)] as const);
      const nodes = new Map<string, Set<string> | 'all'>([...own, ...others.map((name) => [name, 'all'] as const)]);
      return someExpectations({ nodes });
    }
  }

  noTable(): void {
    this.#table = null;
    this.scene.engine.setExpectations(null, allExpectations);
  }

  overlay(rules: OverlayRule[]): void {
    this.#overlay = rules;
    this.scene.engine.setOverlay(rules);
  }

  wait(ms: number): void {
    this.scene.now += ms;
    this.scene.engine.tick();
  }

  /** Rows that an engine without a past finds in the same situation. */
  fromScratch(): Verdict[] {
    const { rib, now } = this.scene;
    const engine = new VerdictEngine({ rib, now: () => now, graceMs: () => 0, restoreMs: 0 });
    engine.setOverlay(this.#overlay);
    engine.setExpectations(this.#fake(), allExpectations);
    while (engine.busy) engine.step(1_000);
    return rowsOf(engine);
  }

  #fake() {
    const nodes = Object.fromEntries((this.#table?.names ?? []).map((name) => [name, ['192.0.2.99']]));
    return this.#table && fakeTable({ nodes, peers, routes: this.#table.routes });
  }
}

/** All rows, page by page, without what tells of the past. */
function rowsOf(engine: VerdictEngine): Verdict[] {
  const rows: Verdict[] = [];
  for (let after: VerdictKey | undefined, more = true; more; more = after !== undefined) {
    const page = engine.list({}, after, 3);
    rows.push(...page.rows.map((row) => ({ ...row, since: '' })));
    after = page.next;
  }
  return rows;
}

const keyOf = (v: Verdict): string => `${v.prefix} ${v.node} ${v.bgpPeer} ${v.neighbor} ${v.rule}`;

describe('after any sequence of events', () => {
  const run = (graceMs: number, check: (world: World) => void) =>
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const world = new World(graceMs);
        for (const happen of events) happen(world);
        world.scene.settle();
        check(world);
      }),
      { numRuns: 400 },
    );

  test('the rows are those of an engine without a past', () => {
    run(0, (world) => expect(rowsOf(world.scene.engine)).toEqual(world.fromScratch()));
  });

  test('the rows are those of an engine without a past once all grace is over', () => {
    run(grace, (world) => {
      world.scene.pass(6 * grace); // rules expire within four, and leave grace behind
      expect(rowsOf(world.scene.engine)).toEqual(world.fromScratch());
    });
  });

  test('the transitions told of lead to the rows that are not ok, each from where the last one ended', () => {
    run(grace, ({ scene }) => {
      const open = new Map<string, string>();
      for (const { from, to, verdict } of scene.changes) {
        expect(open.get(keyOf(verdict)) ?? 'ok').toBe(from ?? 'ok');
        if (to === null || to === 'ok') open.delete(keyOf(verdict));
        else open.set(keyOf(verdict), to);
      }
      const wrong = rowsOf(scene.engine).filter(({ verdict }) => verdict !== 'ok');
      expect(open).toEqual(new Map(wrong.map((row) => [keyOf(row), row.verdict])));
    });
  });

  test('the counts are those of the rows', () => {
    run(grace, ({ scene: { engine } }) => {
      const rows = rowsOf(engine);
      const counted = Object.fromEntries(
        verdicts.map((word) => [word, rows.filter((row) => row.verdict === word).length]),
      );
      expect(engine.summary().verdicts).toEqual(counted);
    });
  });

  test('no row is pending beyond the next deadline', () => {
    run(grace, ({ scene: { engine } }) => {
      const due = rowsOf(engine).flatMap(({ deadline }) => (deadline === null ? [] : [Date.parse(deadline)]));
      if (due.length > 0) expect(engine.nextDeadline()).toBeLessThanOrEqual(Math.min(...due));
    });
  });
});

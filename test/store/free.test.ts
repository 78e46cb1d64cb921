import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { namesOf } from '../../src/rib/names.ts';
import { Rib } from '../../src/rib/rib.ts';
import { UnusedRows } from '../../src/store/unused.ts';
import { Wire } from '../support/batches.ts';
import { Stored } from '../support/stored.ts';

let store: Stored;
afterEach(() => store?.close());

const remote = (session: number): string => `192.0.2.${10 + session}`;
const anyPrefix = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => ({ prefix: `203.0.113.${n}/32` })),
  fc.integer({ min: 1, max: 20 }).map((n) => ({ prefix: `2001:db8::${n.toString(16)}/128` })),
);
const session = fc.integer({ min: 1, max: 2 });
const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('announce' as const), session, prefix: anyPrefix, med: fc.nat(20) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), session, prefix: anyPrefix }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('free' as const, 'settle' as const, 'turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
);

/** Every stored change as `seq action neighbor prefix med, med before`. */
function storedChanges(stored: Stored): string[] {
  return stored.queries.changes({ since: 0, limit: 1_000_000 }).changes.map((change) => {
    const { prefix, attributes, previous } = namesOf(stored.view, change);
    return `${change.seq} ${change.action} ${change.neighbor} ${prefix} ${attributes?.med} ${previous?.med}`;
  });
}

/** Rows of the tables that stand for something else than they did. */
function idsOf(stored: Stored, seen: Map<number, string>): string[] {
  const rows = stored.db.prepare("SELECT id, prefix || ' ' || path_id AS text FROM prefixes").all() as {
    id: number;
    text: string;
  }[];
  const wrong = rows.filter(({ id, text }) => (seen.get(id) ?? text) !== text).map(({ id, text }) => `${id} ${text}`);
  for (const { id, text } of rows) seen.set(id, text);
  return wrong;
}

describe('ids that nothing uses any more', () => {
  it('are given up and never given again, and history keeps saying what it said', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        store = new Stored();
        try {
          const wire = new Wire();
          const model = new Map<string, number>();
          const seen = new Map<number, string>();
          let sessions = [1, 2];
          let next = 3;
          let log: string[] = [];
          const apply = () => {
            store.apply(wire.take());
            store.turn();
            log = [...log, ...storedChanges(store).slice(log.length)];
          };
          for (const s of sessions) wire.establish(s, remote(s));
          apply();
          for (const step of steps) {
            if (step.kind === 'announce') {
              wire.announce(sessions[step.session - 1]!, [step.prefix.prefix], { med: step.med });
              model.set(`${remote(step.session)} ${step.prefix.prefix} 0`, step.med);
              apply();
            } else if (step.kind === 'withdraw') {
              wire.withdraw(sessions[step.session - 1]!, [step.prefix.prefix]);
              model.delete(`${remote(step.session)} ${step.prefix.prefix} 0`);
              apply();
            } else if (step.kind === 'crash') {
              store.crash();
              expect(storedChanges(store)).toEqual(log);
              sessions = sessions.map(() => next++);
              for (const [i, s] of sessions.entries()) wire.establish(s, remote(i + 1));
              apply();
            } else if (step.kind === 'turn') store.turn();
            else {
              store.settle();
              if (step.kind === 'free') store.free();
              expect(idsOf(store, seen)).toEqual([]);
            }
            expect(storedChanges(store)).toEqual(log);
          }
          store.settle();
          const expected = [...model].map(([route, med]) => `${route} ${med}`).sort();
          expect(store.inMemory()).toEqual(expected);
          expect(store.inTables()).toEqual(expected);
          expect(idsOf(store, seen)).toEqual([]);
          for (const [i, s] of sessions.entries()) wire.down(s, remote(i + 1));
          apply();
          store.settle();
          store.free();
          store.settle();
          expect([store.rib.nlris.count, store.rib.attributeSets.count]).toEqual([0, 0]);
          expect(storedChanges(store)).toEqual(log);
          // with the history, the rows go too
          store.db.exec('DELETE FROM changes');
          const rows = new UnusedRows(store.db);
          while (rows.sweep() > 0);
          const left = store.db.prepare('SELECT (SELECT count(*) FROM prefixes), (SELECT count(*) FROM attributes)');
          expect(left.raw().get()).toEqual([0, 0]);
        } finally {
          store.close();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('cost nothing once they are gone, however many came', () => {
    const rib = new Rib();
    const wire = new Wire();
    rib.apply(wire.establish(1, remote(1)).take());
    for (let round = 0; round < 30; round++) {
      const prefixes = Array.from({ length: 200 }, (_, i) => `10.${round}.${i}.0/24`);
      rib.apply(wire.announce(1, prefixes, { med: round }).take());
      rib.apply(wire.withdraw(1, prefixes.slice(round === 7 ? 1 : 0)).take());
      rib.free(rib.seq, true, 1_000);
    }
    expect([rib.nlris.count, rib.nlris.next]).toEqual([1, 6_000]);
    expect([rib.attributeSets.count, rib.attributeSets.next]).toEqual([1, 30]);
    expect(rib.nlris.text(rib.nlris.ids()[0]!)).toBe('10.7.0.0/24');
  });
});

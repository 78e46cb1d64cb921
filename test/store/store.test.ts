import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import { Queries } from '../../src/store/queries.ts';
import { Wire } from '../support/batches.ts';
import { Stored, startOfRun } from '../support/stored.ts';
import { setWallClock } from '../support/wall-clock.ts';

const opened: Stored[] = [];
function stored(): Stored {
  const store = new Stored();
  opened.push(store);
  return store;
}
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

const node1 = '192.0.2.11';

describe('the readable tables', () => {
  it('show what a person asks for', () => {
    const store = stored();
    const wire = new Wire().establish(1, node1);
    wire.announce(1, ['203.0.113.200/32'], {
      localPref: 100,
      communities: ['65535:65282', '64512:7'],
      largeCommunities: ['64512:1:2'],
      med: 0,
    });
    wire.announce(1, ['fc00:f853:ccd:e799::/124'], { asPath: [64512, [1, 2]] });
    store.apply(wire.take());
    store.settle();
    const rows = store.db
      .prepare(
        'SELECT prefix, next_hop, as_path, origin, local_pref, med, communities, large_communities, first_seen, stale FROM received_routes',
      )
      .all();
    expect(rows).toEqual([
      {
        prefix: '203.0.113.200/32',
        next_hop: '192.0.2.11',
        as_path: '64512',
        origin: 'igp',
        local_pref: 100,
        med: 0,
        communities: '65535:65282 64512:7',
        large_communities: '64512:1:2',
        first_seen: '1970-01-01T00:00:01.001Z',
        stale: 0,
      },
      {
        prefix: 'fc00:f853:ccd:e799::/124',
        next_hop: '2001:db8::1',
        as_path: '64512 {1,2}',
        origin: 'igp',
        local_pref: null,
        med: null,
        communities: null,
        large_communities: null,
        first_seen: '1970-01-01T00:00:01.002Z',
        stale: 0,
      },
    ]);
  });

  it('keep the first sight of a route that is replaced, and forget it when it was away', () => {
    const store = stored();
    const wire = new Wire().establish(1, node1).announce(1, ['203.0.113.1/32', '203.0.113.2/32']);
    store.apply(wire.take());
    store.settle();
    store.apply(
      wire
        .announce(1, ['203.0.113.1/32'], { med: 1 })
        .withdraw(1, ['203.0.113.2/32'])
        .announce(1, ['203.0.113.2/32'], { med: 2 })
        .take(),
    );
    store.settle();
    expect(
      store.db.prepare('SELECT prefix, first_seen, last_changed FROM received_routes ORDER BY prefix').all(),
    ).toEqual([
      { prefix: '203.0.113.1/32', first_seen: '1970-01-01T00:00:01.001Z', last_changed: '1970-01-01T00:00:01.002Z' },
      { prefix: '203.0.113.2/32', first_seen: '1970-01-01T00:00:01.004Z', last_changed: '1970-01-01T00:00:01.004Z' },
    ]);
  });

  it('acknowledge a batch when it is in the journal, before the tables have it', () => {
    const store = stored();
    store.apply(new Wire().establish(1, node1).announce(1, ['203.0.113.1/32']).take());
    store.turn();
    expect(store.messages).toMatchObject([{ kind: 'committed', seq: 2, batches: 1 }]);
    expect(store.inTables()).toEqual([]);
    store.turn();
    expect(store.messages.at(-1)).toEqual({ kind: 'tables', seq: 2 });
    expect(store.inTables()).toEqual(store.inMemory());
  });
});

describe('neighbors that are forgotten', () => {
  const events = (store: Stored) => store.db.prepare('SELECT neighbor, kind FROM sessions ORDER BY id').raw().all();
  const reason = { direction: 'sent' as const, code: 'too-many-connections', text: '' };
  const endpoints = { remoteAddress: '192.0.2.99', remotePort: 1, localAddress: '192.0.2.1', localPort: 179 };

  it('take their events along when they never had a session, and no id is given twice', () => {
    const store = stored();
    store.apply(new Wire().establish(1, node1).down(1, node1).take());
    store.apply(new Wire().event(2, { kind: 'refused', endpoints, reason, suppressed: 0 }).take());
    store.command({ kind: 'neighbors', neighbors: [], forgotten: store.rib.forgetLongGone(1e12, 1e12) });
    store.settle();
    expect(store.db.prepare('SELECT id FROM neighbors').all()).toEqual([]);
    expect(events(store)).toEqual([
      [1, 'established'],
      [1, 'down'],
    ]);
    store.crash();
    store.apply(new Wire().establish(3, '192.0.2.12').take());
    expect([...store.rib.neighbors.byId.keys()]).toEqual([2]);
  });
});

test('the neighbors of more sessions than maxKnownSessions are found as well', () => {
  const store = stored();
  const sessions = [1, 2, 3];
  const wire = new Wire();
  for (const session of sessions) wire.establish(session, `192.0.2.1${session}`).announce(session, ['203.0.113.1/32']);
  store.apply(wire.take());
  store.settle();
  const queries = new Queries(store.db, { sessions: 2 });
  const { messages } = queries.messages({ since: 0, limit: 99 });
  expect(new Set(messages.map(({ session, neighbor }) => session === neighbor))).toEqual(new Set([true]));
  expect(queries.knownSessions).toBeLessThanOrEqual(2);
});

describe('when the wall clock was set', () => {
  const hour = 3_600_000;

  it('everything is stored with wall times, and answers have steady times', async () => {
    await setWallClock(hour);
    const store = stored();
    store.apply(new Wire().establish(1, node1).announce(1, ['203.0.113.1/32']).take());
    store.settle();
    expect(store.db.prepare('SELECT first_seen FROM received_routes').pluck().get()).toMatch(/^1970-01-01T01:00:0[01]/);
    const nearly = (at: number | undefined, expected: number) => expect(Math.abs(at! - expected)).toBeLessThan(10);
    nearly(store.queries.changes({ since: 0, limit: 9 }).changes[0]?.at, 1_001);
    nearly(store.queries.messages({ since: 0, limit: 9 }).messages[0]?.at, 1_001);
    nearly(store.queries.neighborEvents({ limit: 9 })[0]?.at, 1_000);
    expect(store.queries.changes({ since: 0, from: 900, to: 1_100, limit: 9 }).changes).toHaveLength(1);
  });

  it('a new run, whose steady time starts with the wall clock, has the times of the last one', async () => {
    await setWallClock(hour);
    const store = stored();
    store.apply(new Wire().establish(1, node1).announce(1, ['203.0.113.1/32']).take());
    store.turn();
    await setWallClock(0);
    store.crash();
    const [neighbor] = store.rib.neighbors.byId.values();
    const [route] = store.view.exact('203.0.113.1/32');
    for (const at of [neighbor!.establishedAt!, Date.parse(store.view.json(route!).firstSeenAt)])
      expect(Math.abs(at - hour - 1_000)).toBeLessThan(10);
  });
});

it('a run that starts when the wall clock was set back has nothing from its own future', () => {
  const store = stored();
  store.apply(new Wire(2 * startOfRun).establish(1, node1).down(1, node1).take());
  store.turn();
  store.crash();
  const [neighbor] = store.rib.neighbors.byId.values();
  const { stateSince, establishedAt, lastDown } = neighbor!;
  expect([stateSince, establishedAt, lastDown?.at]).toEqual([startOfRun, startOfRun, startOfRun]);
});

describe('after a crash', () => {
  it('what was acknowledged is there again as stale, and nothing else', () => {
    const store = stored();
    store.apply(new Wire().establish(1, node1).announce(1, ['203.0.113.1/32']).take());
    store.turn();
    store.apply(new Wire(2_000).announce(1, ['203.0.113.2/32']).take());
    store.crash();
    store.apply(new Wire(3_000).event(0, { kind: 'restored' }).take());
    expect(store.inMemory()).toEqual([`${node1} 203.0.113.1/32 0 0`]);
    expect(store.view.neighbors.get(1)).toMatchObject({ state: 'idle', restored: true, routes: { ipv4: 1, stale: 1 } });
  });

  it('seq and sessions go on where they stood', () => {
    const store = stored();
    store.apply(new Wire().establish(7, node1).announce(7, ['203.0.113.1/32']).take());
    store.settle();
    store.crash();
    expect(store.rib.seq).toBe(2);
    expect(store.db.prepare("SELECT value FROM meta WHERE key = 'next_session'").pluck().get()).toBe(8);
  });

  it('any sequence, killed anywhere, comes back as the fold of what was acknowledged', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('announce' as const),
        host: fc.integer({ min: 1, max: 6 }),
        med: fc.integer({ min: 0, max: 2 }),
      }),
      fc.record({ kind: fc.constant('withdraw' as const), host: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constant('flap' as const) }),
      fc.record({ kind: fc.constant('turn' as const) }),
      fc.record({ kind: fc.constant('crash' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const store = new Stored();
        let session = 1;
        const wire = new Wire().establish(session, node1);
        let committed: string[] = [];
        try {
          store.apply(wire.take());
          for (const s of steps) {
            if (s.kind === 'announce')
              store.apply(wire.announce(session, [`203.0.113.${s.host}/32`], { med: s.med }).take());
            else if (s.kind === 'withdraw') store.apply(wire.withdraw(session, [`203.0.113.${s.host}/32`]).take());
            else if (s.kind === 'flap') store.apply(wire.down(session, node1).establish(++session, node1).take());
            else if (s.kind === 'turn') {
              store.turn();
              const last = store.messages.at(-1);
              if (last?.kind === 'committed' && last.seq === store.rib.seq) committed = store.inMemory();
            } else {
              store.crash();
              expect(store.inMemory()).toEqual(committed);
              store.apply(wire.event(0, { kind: 'restored' }).establish(++session, node1).take());
            }
          }
          store.settle();
          expect(store.inTables()).toEqual(store.inMemory());
        } finally {
          store.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a disk that refuses', () => {
  it('costs the journal a range of seq that has a name; the tables catch up', () => {
    const store = stored();
    const wire = new Wire().establish(1, node1);
    store.apply(wire.take());
    store.settle();
    store.db.pragma(`max_page_count = ${store.db.pragma('page_count', { simple: true })}`);
    store.apply(
      wire
        .announce(
          1,
          Array.from({ length: 200 }, (_, i) => `203.0.113.${i}/32`),
        )
        .take(),
    );
    for (let i = 0; i < 200; i++)
      store.apply(wire.announce(1, [`198.51.100.${i}/32`], { communities: [`64512:${i}`] }).take());
    store.turn();
    expect(store.messages.at(-1)).toMatchObject({
      kind: 'degraded',
      code: 'SQLITE_FULL',
      firstSeq: 2,
      lastSeq: 202,
      batches: 201,
    });
    store.db.pragma('max_page_count = 1000000');
    store.settle();
    expect(store.messages.filter(({ kind }) => kind === 'recovered')).toMatchObject([
      { gap: { from: 2, to: 202, reason: 'SQLITE_FULL' } },
    ]);
    expect(store.db.prepare('SELECT first_seq, last_seq, reason FROM gaps').all()).toEqual([
      { first_seq: 2, last_seq: 202, reason: 'SQLITE_FULL' },
    ]);
    expect(store.inTables()).toEqual(store.inMemory());
    expect(store.inTables()).toHaveLength(400);
  });
});

describe('questions about the past', () => {
  function history(): Stored {
    const store = stored();
    const wire = new Wire().establish(1, node1).establish(2, '192.0.2.12');
    store.apply(wire.announce(1, ['203.0.113.1/32', '203.0.113.2/32']).take());
    store.apply(wire.announce(2, ['203.0.113.1/32'], { med: 5 }).take());
    store.apply(wire.withdraw(1, ['203.0.113.1/32']).take());
    store.settle();
    return store;
  }
  const seen = (store: Stored, query: Parameters<Stored['queries']['changes']>[0]) =>
    store.queries
      .changes(query)
      .changes.map((c) => `${c.seq} ${c.action} ${c.neighbor} ${store.view.prefixText(c.nlri)}`);

  it.each<[string, Parameters<Stored['queries']['changes']>[0], string[]]>([
    [
      'all of them',
      { since: 0, limit: 10 },
      [
        '3 announced 1 203.0.113.1/32',
        '3 announced 1 203.0.113.2/32',
        '4 announced 2 203.0.113.1/32',
        '5 withdrawn 1 203.0.113.1/32',
      ],
    ],
    ['since a seq', { since: 3, limit: 10 }, ['4 announced 2 203.0.113.1/32', '5 withdrawn 1 203.0.113.1/32']],
    [
      'a limit does not split what came in one message',
      { since: 0, limit: 1 },
      ['3 announced 1 203.0.113.1/32', '3 announced 1 203.0.113.2/32'],
    ],
    ['of one neighbor', { since: 0, neighbor: 2, limit: 10 }, ['4 announced 2 203.0.113.1/32']],
    ['of one prefix', { since: 0, nlris: [1], limit: 10 }, ['3 announced 1 203.0.113.2/32']],
    [
      'newest first',
      { since: 0, reverse: true, limit: 2 },
      ['5 withdrawn 1 203.0.113.1/32', '4 announced 2 203.0.113.1/32'],
    ],
  ])('changes: %s', (_, query, expected) => {
    expect(seen(history(), query)).toEqual(expected);
  });

  it('an answer says where to go on', () => {
    const store = history();
    expect(store.queries.changes({ since: 0, limit: 2 })).toMatchObject({ through: 3, complete: false, oldest: 1 });
    expect(store.queries.changes({ since: 3, limit: 9 })).toMatchObject({ through: 5, complete: true });
  });

  it('an answer that reaches maxScannedChanges or maxScannedBytes continues without loss', () => {
    const { db, queries: whole } = history();
    const queries = new Queries(db, { changes: 1, bytes: 1 });
    const pages = <T>(ask: (since: number) => { rows: T[]; through: number; complete: boolean }): [T[], number] => {
      const found: T[] = [];
      let count = 0;
      for (let since = 0, complete = false; !complete; count++) {
        const answer = ask(since);
        found.push(...answer.rows);
        ({ through: since, complete } = answer);
      }
      return [found, count];
    };
    const [changes, pagesOfChanges] = pages((since) => {
      const { changes: rows, ...rest } = queries.changes({ since, limit: 100 });
      return { rows, ...rest };
    });
    const [messages, pagesOfMessages] = pages((since) => {
      const { messages: rows, ...rest } = queries.messages({ since, limit: 100 });
      return { rows, ...rest };
    });
    expect(changes).toEqual(whole.changes({ since: 0, limit: 100 }).changes);
    expect(messages).toEqual(whole.messages({ since: 0, limit: 100 }).messages);
    expect([pagesOfChanges, pagesOfMessages].every((count) => count > 1)).toBe(true);
  });

  it('messages come back octet for octet, with their neighbor', () => {
    const { messages } = history().queries.messages({ since: 3, limit: 1 });
    expect(messages).toMatchObject([{ seq: 4, neighbor: 2, type: 2, session: 2 }]);
    expect(Buffer.from(messages[0]!.raw).toString('hex')).toMatch(/^f{32}/);
  });

  it('events of a neighbor come newest first', () => {
    expect(history().queries.neighborEvents({ neighbor: 1, limit: 5 })).toMatchObject([
      { neighbor: 1, kind: 'established', seq: 1 },
    ]);
  });
});

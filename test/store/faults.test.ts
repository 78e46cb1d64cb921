import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { Wire } from '../support/batches.ts';
import { finding, Stored } from '../support/stored.ts';

const opened: Stored[] = [];
function stored(): Stored {
  const store = new Stored();
  store.db.pragma('busy_timeout = 50');
  opened.push(store);
  return store;
}
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});
const node1 = '192.0.2.11';
function lock(store: Stored) {
  const other = new Database(join(store.folder, 'test.db'));
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('COMMIT');
    other.close();
  };
}
const last = (s: Stored) => s.messages.filter((m) => m.kind === 'degraded' || m.kind === 'recovered').at(-1)?.kind;

describe('a database that somebody else holds', () => {
  it('the tables cannot be written once: they are caught up with later', () => {
    const store = stored();
    store.apply(new Wire().establish(1, node1).announce(1, ['203.0.113.1/32', '203.0.113.2/32']).take());
    store.turn(); // journal
    const unlock = lock(store);
    store.turn(); // tables: BUSY
    unlock();
    store.settle();
    expect(store.inTables()).toEqual(store.inMemory());
  });
  it('that is over when writing works again, and it is said', () => {
    const store = stored();
    store.apply(new Wire().establish(1, node1).take());
    store.turn();
    const unlock = lock(store);
    store.turn();
    unlock();
    store.settle();
    store.apply(new Wire(5000).announce(1, ['203.0.113.9/32']).take());
    store.settle();
    expect(last(store)).not.toBe('degraded');
  });
  it('the journal is synced to disk afterwards as before', () => {
    const store = stored();
    store.apply(new Wire().establish(1, node1).take());
    store.turn();
    const unlock = lock(store);
    store.turn();
    unlock();
    expect(store.db.pragma('synchronous', { simple: true })).toBe(2);
  });
  it('a neighbor that came while the disk refused is there after a restart', () => {
    const store = stored();
    const unlock = lock(store);
    store.apply(new Wire().establish(1, node1).announce(1, ['203.0.113.1/32']).take());
    store.turn();
    unlock();
    store.settle();
    store.apply(new Wire(5000).announce(1, ['203.0.113.2/32']).take());
    store.settle();
    expect(last(store)).toBe('recovered');
    expect.soft(store.inTables()).toEqual(store.inMemory());
    store.crash();
  });
  it('a finding that closed while the disk refused is closed', () => {
    const store = stored();
    store.command({ kind: 'findings', findings: [finding(1)] });
    store.settle();
    const unlock = lock(store);
    store.command({ kind: 'findings', findings: [{ id: 1, until: 99, to: 'ok' }] });
    store.turn();
    unlock();
    store.settle();
    expect(store.db.prepare('SELECT count(*) FROM findings WHERE until IS NULL').pluck().get()).toBe(0);
  });
  it('edits that came while the disk refused, and what they did, are on the timeline', () => {
    const store = stored();
    store.settle();
    const unlock = lock(store);
    const object = { kind: 'Service', namespace: 'default', name: 'web' };
    const change = {
      ...{ id: 1, at: 1, lastAt: 1, times: 1, occasion: 'change' as const, action: 'deleted' as const },
      ...{ object, key: 'default/web', source: 'manifests', resourceVersion: null, manager: null },
      ...{ fields: [], moreFields: 0, addresses: ['203.0.113.1'] },
    };
    const sessions = { count: 1, blocks: [{ nodes: ['node-1'], bgpPeers: ['tor-1'] }] };
    const difference = { action: 'no-longer-expected' as const, fields: [], sessions };
    const differences = [{ difference, prefixes: ['203.0.113.1/32'] }];
    const set = { id: 1, at: 1, occasion: 'change' as const, objects: [1], moreObjects: 0, unrecordedPrefixes: 0 };
    store.command({ kind: 'objects', changes: [change], states: [] });
    store.turn();
    store.command({ kind: 'expectation-changes', set: { ...set, differences } });
    store.turn();
    unlock();
    store.settle();
    const kinds = ['object' as const, 'expectation' as const];
    const { rows } = store.queries.timeline({
      prefix: '203.0.113.1/32',
      nlris: [],
      neighbors: [],
      objects: [],
      kinds,
      limit: 9,
    });
    expect(rows).toMatchObject([
      { kind: 'expectation', because: [{ object }] },
      { kind: 'object', action: 'deleted' },
    ]);
  });
  it('stale routes that were swept are not back', () => {
    const store = stored();
    const gr = {
      gracefulRestart: {
        restartTime: 5,
        restarting: false,
        notification: false,
        families: [{ family: 4 as const, forwarding: true }],
      },
    };
    store.apply(
      new Wire()
        .establish(1, node1, { negotiated: gr })
        .announce(1, ['203.0.113.1/32', '203.0.113.2/32'])
        .down(1, node1, { retainRoutes: true })
        .take(),
    );
    store.settle();
    expect(store.db.prepare('SELECT sum(stale) FROM routes').pluck().get()).toBe(2);
    store.apply(new Wire(9000).event(1, { kind: 'swept', cause: 'restart-time-expired' }).take());
    store.turn();
    expect(store.inMemory()).toEqual([]);
    store.crash();
    expect(store.inMemory()).toEqual([]);
  });
  it('routes that a refresh took away are not back', () => {
    const store = stored();
    const rr = (sub: number) => Uint8Array.from([...Array(16).fill(255), 0, 23, 5, 0, 1, sub, 1]);
    store.apply(
      new Wire().establish(1, node1).announce(1, ['203.0.113.1/32', '203.0.113.2/32']).message(1, rr(1)).take(),
    );
    store.settle();
    store.apply(new Wire(9000).announce(1, ['203.0.113.1/32']).message(1, rr(2)).take());
    store.turn();
    const before = store.inMemory();
    expect(before.length).toBe(1);
    store.crash();
    expect(store.inMemory()).toEqual(before);
  });
  it('a session that took over from one with a higher number goes on', () => {
    const store = stored();
    // 6 dials later but speaks first; 5 then takes over
    store.apply(
      new Wire().establish(6, node1).down(6, node1).establish(5, node1).announce(5, ['203.0.113.1/32']).take(),
    );
    store.settle();
    store.apply(new Wire(9000).announce(5, ['203.0.113.2/32']).take());
    store.turn();
    const before = store.inMemory();
    expect(before.length).toBe(2);
    store.crash();
    expect(store.inMemory()).toEqual(before);
  });
  it('it stops although the disk refuses', () => {
    const store = stored();
    store.apply(new Wire().establish(1, node1).take());
    const unlock = lock(store);
    store.command({ kind: 'stop', isWhole: true });
    store.turn();
    unlock();
    store.settle();
    expect(store.messages.at(-1)).toEqual({ kind: 'stopped' });
  });
  it('flaps and counters are not counted twice', () => {
    const store = stored();
    store.apply(new Wire().establish(1, node1).take());
    store.settle();
    store.apply(new Wire(2000).announce(1, ['203.0.113.1/32']).down(1, node1).take());
    store.turn();
    const live = structuredClone(store.view.neighbors.get(1)!);
    store.crash();
    const back = store.view.neighbors.get(1)!;
    expect({ f: back.flaps, c: back.counters }).toEqual({ f: live.flaps, c: live.counters });
  });
});

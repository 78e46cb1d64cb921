import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Collector } from '../../src/collector/collector.ts';
import { OwnPeers } from '../../src/collector/own-peers.ts';
import { FeedPublisher } from '../../src/collector/publisher.ts';
import { maxGaps } from '../../src/collector/store-health.ts';
import type { SpeakerCommand } from '../../src/events.ts';
import { Feed, type FeedFrame } from '../../src/feed.ts';
import { Rib } from '../../src/rib/rib.ts';
import { LiveRib } from '../../src/rib/view.ts';
import { type StoreCommand, unpackNews } from '../../src/store/messages.ts';
import { VerdictEngine } from '../../src/verdicts/engine.ts';
import { Wire } from '../support/batches.ts';
import { databaseUsage } from '../support/fake-views.ts';

const node1 = '192.0.2.11';
const everybody = [{ range: '192.0.2.0/24', asn: 'any' as const }];

/** A collector whose clock, store and speaker are this test. */
function setUp({
  neighbors = everybody,
  ...options
}: {
  maxUnusedBytes?: number;
  neighbors?: ConstructorParameters<typeof Collector>[0]['identity']['neighbors'];
} = {}) {
  let now = 1_000;
  const rib = new Rib();
  const view = new LiveRib(rib);
  const feed = new Feed();
  const frames: FeedFrame[] = [];
  feed.subscribe((frame) => void frames.push(frame));
  const due: (() => void)[] = [];
  const publisher = new FeedPublisher(feed, (work) => due.push(work));
  const toStore: StoreCommand[] = [];
  const toSpeaker: SpeakerCommand[] = [];
  const ownPeers = new OwnPeers({ named: [] });
  const engine = new VerdictEngine({
    rib: view,
    now: () => now,
    graceMs: () => 0,
    standsFor: (bgpPeer) => ownPeers.has(bgpPeer),
  });
  const collector = new Collector({
    rib,
    engine,
    publisher,
    store: { post: (command) => toStore.push(command) },
    speaker: { post: (command) => toSpeaker.push(command) },
    log: pino({ level: 'silent' }),
    now: () => now,
    times: { quietMs: 5_000, restoreMs: 300_000, forgetMs: 30 * 86_400_000 },
    identity: { neighbors, nodes: {} },
    ownPeers,
    firstFinding: 1,
    maxExpectationRows: 10,
    database: databaseUsage(),
    schedule: () => {},
    ...options,
  });
  const wire = new Wire();
  return {
    rib,
    view,
    collector,
    frames,
    toStore,
    toSpeaker,
    send: (scene: (wire: Wire) => Wire) => collector.onSpeaker({ kind: 'batch', batch: scene(wire).take() }),
    tickAt(at: number) {
      now = at;
      collector.tick();
    },
    /** The store says that everything up to now is durable. */
    commit(batches: number) {
      const queued = { batches: 0, bytes: 0 };
      collector.onStore({ kind: 'committed', seq: rib.seq, batches, commitMs: 1, queued });
      for (const work of due.splice(0)) work();
    },
    prefixes: () => [...rib.table(1).nlris()].map((nlri) => view.prefixText(nlri)),
  };
}

const graceful = {
  restartTime: 120,
  restarting: false,
  notification: true,
  families: [{ family: 4 as const, forwarding: true }],
};

describe('ids that nothing uses any more', () => {
  const freedIn = (toStore: readonly StoreCommand[]) =>
    toStore.flatMap((command) => (command.kind === 'freed' ? [[command.nlris.length, command.sets.length]] : []));

  it('are freed some time after it is published and in the tables, and the store is told', () => {
    const { send, commit, collector, toStore, rib, tickAt } = setUp();
    send((w) => w.establish(1, node1).announce(1, ['203.0.113.1/32', '203.0.113.2/32']));
    send((w) => w.withdraw(1, ['203.0.113.1/32']).announce(1, ['203.0.113.2/32'], { med: 7 }));
    for (let i = 0; i < 40; i++) tickAt(2_000 + i * 250);
    expect([rib.nlris.count, rib.attributeSets.count]).toEqual([2, 2]);
    commit(2);
    for (let i = 0; i < 40; i++) tickAt(20_000 + i * 250);
    expect(freedIn(toStore)).toEqual([]);
    collector.onStore({ kind: 'tables', seq: rib.seq });
    tickAt(40_000);
    expect(freedIn(toStore)).toEqual([]);
    for (let i = 0; i < 20; i++) tickAt(40_250 + i * 250);
    expect(freedIn(toStore)).toEqual([[1, 1]]);
    expect([rib.nlris.count, rib.attributeSets.count]).toEqual([1, 1]);
  });

  it('are freed at once when there are very many', () => {
    const { send, commit, collector, rib, tickAt } = setUp({ maxUnusedBytes: 1_000 });
    send((w) => w.establish(1, node1));
    for (let i = 0; i < 40; i++) send((w) => w.announce(1, ['203.0.113.1/32'], { med: i }));
    commit(41);
    collector.onStore({ kind: 'tables', seq: rib.seq });
    tickAt(2_000);
    expect(rib.attributeSets.count).toBe(1);
  });
});

describe('one turn', () => {
  it('applies, stores, and publishes and acknowledges once it is durable', () => {
    const { send, commit, toStore, toSpeaker, frames } = setUp();
    send((w) => w.establish(1, node1).announce(1, ['203.0.113.1/32']));
    expect(toStore).toMatchObject([{ kind: 'append', firstSeq: 1, lastSeq: 2, changes: { count: 1 } }]);
    expect([frames, toSpeaker]).toEqual([[], []]);
    commit(1);
    expect(toSpeaker).toEqual([{ kind: 'ack', batches: 1 }]);
    expect(frames).toMatchObject([{ seq: 2, changes: [{ action: 'announced', seq: 2 }], sessions: [{ id: 1 }] }]);
  });

  it('a disk that refuses holds nobody up: acknowledged, published, and said', () => {
    const { send, collector, toSpeaker, rib } = setUp();
    send((w) => w.establish(1, node1));
    collector.onStore({
      kind: 'degraded',
      code: 'SQLITE_FULL',
      text: 'full',
      firstSeq: 1,
      lastSeq: rib.seq,
      batches: 1,
    });
    expect(toSpeaker).toEqual([{ kind: 'ack', batches: 1 }]);
    expect(collector.status.degraded).toMatchObject({ code: 'SQLITE_FULL', gap: { from: 1, to: rib.seq } });
    collector.onStore({ kind: 'recovered', gap: { from: 1, to: 1, at: 0, reason: 'SQLITE_FULL' } });
    expect(collector.status).toMatchObject({ degraded: null, gaps: [{ from: 1, to: 1 }] });
    for (let seq = 2; seq <= maxGaps + 1; seq++)
      collector.onStore({ kind: 'recovered', gap: { from: seq, to: seq, at: 0, reason: 'SQLITE_FULL' } });
    expect(collector.status.gaps).toMatchObject({ length: maxGaps, 0: { from: 2 } });
  });

  it('too many prefixes: the session is reset once, with the code for it', () => {
    const { send, toSpeaker } = setUp({ neighbors: [{ ...everybody[0]!, maxPrefixes: { limit: 1, action: 'drop' } }] });
    send((w) => w.establish(1, node1).announce(1, ['203.0.113.1/32', '203.0.113.2/32']));
    send((w) => w.announce(1, ['203.0.113.3/32']));
    expect(toSpeaker).toMatchObject([{ kind: 'reset', session: 1, maxPrefixes: true }]);
  });
});

describe('what time decides', () => {
  it('a neighbor that restarted loses the families that it did not preserve, once', () => {
    const { send, prefixes, toStore } = setUp();
    const both = { ...graceful, families: [...graceful.families, { family: 6 as const, forwarding: true }] };
    send((w) =>
      w
        .establish(1, node1, { negotiated: { gracefulRestart: both } })
        .announce(1, ['203.0.113.1/32'])
        .announce(1, ['2001:db8::/32']),
    );
    send((w) => w.down(1, node1, { retainRoutes: true }));
    expect(prefixes()).toEqual(['203.0.113.1/32', '2001:db8::/32']);
    send((w) => w.establish(2, node1, { negotiated: { gracefulRestart: graceful } }));
    expect(prefixes()).toEqual(['203.0.113.1/32']);
    const swept = toStore
      .flatMap((command) => (command.kind === 'append' ? unpackNews(command.news).events : []))
      .filter(({ kind }) => kind === 'swept');
    expect(swept).toMatchObject([{ code: 'family-not-preserved' }]);
  });

  it('a neighbor that does not come back loses its routes after the restart time', () => {
    const { send, tickAt, prefixes } = setUp();
    send((w) => w.establish(1, node1, { negotiated: { gracefulRestart: graceful } }).announce(1, ['203.0.113.1/32']));
    send((w) => w.down(1, node1, { retainRoutes: true }));
    tickAt(120_000);
    expect(prefixes()).toEqual(['203.0.113.1/32']);
    tickAt(122_000);
    expect(prefixes()).toEqual([]);
  });

  it('a neighbor that left for longer than the journal is kept is forgotten, with its row', () => {
    const { send, tickAt, view, toStore } = setUp();
    send((w) => w.establish(1, node1).down(1, node1));
    tickAt(29 * 86_400_000);
    expect(view.neighbors.size).toBe(1);
    tickAt(31 * 86_400_000);
    expect(view.neighbors.size).toBe(0);
    expect(toStore).toContainEqual({ kind: 'neighbors', neighbors: [], forgotten: [1] });
  });

  it('tells how full tables are, and who the strangers are', () => {
    const { collector } = setUp();
    const tables = [{ name: 'strangers', used: 1, max: 64, overflows: 0 }];
    const health = {
      sessions: 0,
      connections: 1,
      refused: 0,
      paused: false,
      unacknowledged: 0,
      loopDelayMs: 0,
      tables,
    };
    collector.onSpeaker({ kind: 'health', ...health, strangers: { connections: 2, addresses: { '192.0.2.66': 2 } } });
    collector.onSpeaker({ kind: 'health', ...health });
    expect(collector.strangers).toMatchObject({ connections: 2, addresses: [{ address: '192.0.2.66' }] });
    expect(collector.tables.map(({ name }) => name)).toEqual([
      'neighbors',
      'unestablished-neighbors',
      'prefix-ids',
      'attribute-set-ids',
      'strangers',
    ]);
  });

  it('routes of sessions that we ended wait for the neighbor, as after a crash', () => {
    const { send, collector, tickAt, prefixes, view } = setUp();
    send((w) => w.establish(1, node1).announce(1, ['203.0.113.1/32']));
    collector.close();
    send((w) => w.down(1, node1, { retainRoutes: 'all' }));
    expect(view.neighbors.get(1)).toMatchObject({ state: 'idle', restored: true, routes: { stale: 1 } });
    collector.start([]);
    tickAt(300_000);
    expect(prefixes()).toEqual(['203.0.113.1/32']);
    tickAt(600_000);
    expect(prefixes()).toEqual([]);
  });

  it('routes of an earlier run are confirmed by the neighbor that comes back, and the others go when it is quiet', () => {
    const { send, collector, tickAt, prefixes, view } = setUp();
    send((w) => w.establish(1, node1).announce(1, ['203.0.113.1/32', '203.0.113.2/32']));
    collector.start([]);
    expect(view.neighbors.get(1)).toMatchObject({ state: 'idle', restored: true, routes: { stale: 2 } });
    send((w) => w.establish(2, node1).announce(2, ['203.0.113.1/32']));
    tickAt(5_000);
    expect(prefixes()).toHaveLength(2);
    tickAt(60_000);
    tickAt(60_250);
    expect(prefixes()).toEqual(['203.0.113.1/32']);
    expect(view.neighbors.get(1)).toMatchObject({ synced: true, restored: false, routes: { stale: 0 } });
  });
});

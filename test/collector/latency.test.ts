import { describe, expect, it } from 'vitest';
import {
  Latency,
  maxAwaitedPrefixes,
  maxChangesPerTurn,
  maxHeldChanges,
  maxLatencyMs,
  maxMeasuredNodes,
  samplesPerNode,
} from '../../src/collector/latency.ts';
import type { DifferenceAction } from '../../src/metallb/answers/differences.ts';
import { ActionCode, ChangeLog } from '../../src/rib/change-log.ts';

const prefixes = ['203.0.113.1/32', '203.0.113.2/32'];

interface Session {
  state: 'established' | 'idle';
  establishedAt: number | null;
}

/** Two sessions, node-1 and node-2 with tor-1, up since 0. */
function setUp(): Scene {
  const sessions: Session[] = [1, 2].map(() => ({ state: 'established', establishedAt: 0 }));
  let isBehind = false;
  const latency = new Latency({
    neighbor: (id) => ({ node: `node-${id}`, bgpPeer: 'tor-1', ...sessions[id - 1]! }),
    prefixText: (nlri) => prefixes[nlri]!,
    isBehind: () => isBehind,
  });
  const seen: string[] = [];
  latency.subscribe((kind, node, seconds) => seen.push(`${kind} ${node} ${seconds}`));
  const scene: Scene = {
    latency,
    seen,
    sessions,
    behind(value: boolean) {
      isBehind = value;
      latency.settle();
      return scene;
    },
    edit(action: DifferenceAction, at: number, nodes = ['node-1', 'node-2'], of = prefixes.slice(0, 1)) {
      const sessionSet = { count: nodes.length, blocks: [{ nodes, bgpPeers: ['tor-1'] }] };
      latency.await({ action, fields: [], sessions: sessionSet }, of, at);
      return scene;
    },
    route(action: number, at: number, neighbor: number, nlri: number, times = 1) {
      const log = new ChangeLog();
      for (let i = 0; i < times; i++) log.append(1, at, action, neighbor, nlri, 1, 0);
      latency.routesChanged({ changes: log.take() });
      return scene;
    },
    announce: (at: number, neighbor = 1, nlri = 0, times = 1): Scene =>
      scene.route(ActionCode.announced, at, neighbor, nlri, times),
    withdraw: (at: number, neighbor = 1, nlri = 0): Scene => scene.route(ActionCode.withdrawn, at, neighbor, nlri),
    replace: (at: number, neighbor = 1, nlri = 0): Scene => scene.route(ActionCode.replaced, at, neighbor, nlri),
  };
  return scene;
}

interface Scene {
  latency: Latency;
  seen: string[];
  sessions: Session[];
  behind(value: boolean): Scene;
  edit(action: DifferenceAction, at: number, nodes?: string[], of?: string[]): Scene;
  route(action: number, at: number, neighbor: number, nlri: number, times?: number): Scene;
  announce(at: number, neighbor?: number, nlri?: number, times?: number): Scene;
  withdraw(at: number, neighbor?: number, nlri?: number): Scene;
  replace(at: number, neighbor?: number, nlri?: number): Scene;
}

describe('what is measured, from an edit at 1 s', () => {
  it.each<[string, (scene: Scene) => void, string[]]>([
    [
      'the first announcement of a route that is expected now',
      (s) => s.edit('expected', 1_000).announce(3_500),
      ['advertise node-1 2.5'],
    ],
    [
      'the withdrawal of one that is not any more',
      (s) => s.edit('no-longer-expected', 1_000).withdraw(1_200),
      ['withdraw node-1 0.2'],
    ],
    [
      'each node for itself',
      (s) => s.edit('expected', 1_000).announce(2_000, 1).announce(3_000, 2),
      ['advertise node-1 1', 'advertise node-2 2'],
    ],
    [
      'each prefix for itself',
      (s) => s.edit('expected', 1_000, ['node-1'], prefixes).announce(2_000, 1, 1).announce(3_000),
      ['advertise node-1 1', 'advertise node-1 2'],
    ],
    [
      'once, whatever comes later',
      (s) => s.edit('expected', 1_000).announce(2_000).withdraw(3_000).announce(4_000),
      ['advertise node-1 1'],
    ],
    [
      'both ways of an edit that is taken back',
      (s) => s.edit('expected', 1_000).announce(2_000).edit('no-longer-expected', 3_000).withdraw(3_500),
      ['advertise node-1 1', 'withdraw node-1 0.5'],
    ],
    [
      'from the last of two edits',
      (s) => s.edit('expected', 1_000).edit('no-longer-expected', 1_100).edit('expected', 1_200).announce(2_200),
      ['advertise node-1 1'],
    ],
    [
      'what came while the edit was being worked out',
      (s) => s.behind(true).announce(1_400).edit('expected', 1_000).behind(false),
      ['advertise node-1 0.4'],
    ],
  ])('%s', (_, act, seen) => {
    const scene = setUp();
    act(scene);
    expect(scene.seen).toEqual(seen);
  });
});

describe('what is not measured', () => {
  it.each<[string, (scene: Scene) => void]>([
    ['a route that nobody edited anything for', (s) => s.announce(2_000)],
    ['another prefix', (s) => s.edit('expected', 1_000).announce(2_000, 1, 1)],
    ['a session that is not concerned', (s) => s.edit('expected', 1_000, ['node-2']).announce(2_000, 1)],
    ['new attributes', (s) => s.edit('changed', 1_000).withdraw(1_500).announce(2_000)],
    ['a route that was there, whose attributes change', (s) => s.edit('expected', 1_000).replace(2_000)],
    ['a route that was there and flaps', (s) => s.edit('expected', 1_000).withdraw(2_000).announce(3_000)],
    [
      'a route that was not there and comes and goes',
      (s) => s.edit('no-longer-expected', 1_000).announce(2_000).withdraw(3_000),
    ],
    [
      'an announcement from before the edit was seen',
      (s) => s.behind(true).announce(900).edit('expected', 1_000).behind(false),
    ],
    [
      'an edit that was taken back before anything came',
      (s) => s.edit('expected', 1_000).edit('no-longer-expected', 1_100).announce(1_200).withdraw(1_300),
    ],
    [
      'a session that came up after the edit',
      (s) => {
        s.edit('expected', 1_000);
        s.sessions[0] = { state: 'established', establishedAt: 1_500 };
        s.announce(2_000);
      },
    ],
    [
      'a session that went down with its routes',
      (s) => {
        s.edit('no-longer-expected', 1_000);
        s.sessions[0] = { state: 'idle', establishedAt: 0 };
        s.withdraw(2_000);
      },
    ],
    ['what takes longer than is waited', (s) => s.edit('expected', 1_000).announce(1_001 + maxLatencyMs)],
    [
      'anything, when a whole table came in between',
      (s) =>
        s
          .edit('expected', 1_000)
          .announce(2_000, 2, 1, maxChangesPerTurn + 1)
          .announce(3_000),
    ],
  ])('%s', (_, act) => {
    const scene = setUp();
    act(scene);
    expect(scene.seen).toEqual([]);
  });
});

describe('the figures of a node', () => {
  it('are of its latest measurements', () => {
    const { latency, edit, announce, withdraw } = setUp();
    expect(latency.figures('node-1', 'advertise')).toBeNull();
    for (let i = 1; i <= samplesPerNode + 100; i++) {
      const at = i * 10_000;
      edit('expected', at);
      announce(at + (i <= 100 ? 9_000 : 1_000));
      edit('no-longer-expected', at + 9_100);
      withdraw(at + 9_200);
    }
    const lastAt = (samplesPerNode + 100) * 10_000 + 1_000;
    expect(latency.figures('node-1', 'advertise')).toEqual({
      count: samplesPerNode + 100,
      p50: 1,
      p99: 1,
      last: 1,
      lastAt,
    });
    expect(latency.figures('node-1', 'withdraw')).toMatchObject({ p50: 0.1, last: 0.1 });
    expect(latency.figures('node-2', 'advertise')).toBeNull();
  });
});

describe('bounds', () => {
  it('beyond maxAwaitedPrefixes the oldest changes are not measured', () => {
    const scene = setUp().edit('expected', 1_000);
    const many = Array.from({ length: maxAwaitedPrefixes }, (_, i) => `2001:db8::${i.toString(16)}/128`);
    scene.edit('expected', 1_100, ['node-1'], [...many.slice(1), prefixes[1]!]);
    scene.announce(2_000).announce(2_100, 1, 1);
    expect(scene.seen).toEqual(['advertise node-1 1']);
  });

  it('beyond maxHeldChanges that wait for a comparison nothing is measured', () => {
    const scene = setUp().behind(true);
    for (let held = 0; held <= maxHeldChanges; held += maxChangesPerTurn)
      scene.announce(1_500, 1, 0, maxChangesPerTurn);
    scene.announce(1_600).edit('expected', 1_000).behind(false);
    expect(scene.seen).toEqual([]);
  });

  it('of more than maxMeasuredNodes the node measured longest ago makes room', () => {
    const count = 2 * maxMeasuredNodes + 1;
    const latency = new Latency({
      neighbor: (id) => ({ node: `node-${id}`, bgpPeer: 'tor-1', state: 'established', establishedAt: 0 }),
      prefixText: () => prefixes[0]!,
      isBehind: () => false,
    });
    const nodes = Array.from({ length: count }, (_, i) => `node-${i + 1}`);
    latency.await(
      { action: 'expected', fields: [], sessions: { count, blocks: [{ nodes, bgpPeers: ['tor-1'] }] } },
      prefixes.slice(0, 1),
      1_000,
    );
    const log = new ChangeLog();
    for (let id = 1; id <= count; id++) log.append(1, 2_000, ActionCode.announced, id, 0, 1, 0);
    latency.routesChanged({ changes: log.take() });
    const known = ['node-1', 'node-2', `node-${count}`].map((node) => latency.figures(node, 'advertise')?.count);
    expect(known).toEqual([undefined, 1, 1]);
  });
});

/** What is remembered of what happened: from real batches and real objects, within bounds. */

import { describe, expect, it } from 'vitest';
import {
  historyMs,
  maxAwaited,
  maxEdits,
  maxEvents,
  maxGapMs,
  maxOfAll,
  maxPerNeighbor,
  RecentHistory,
} from '../../src/diagnoses/history.ts';
import { Md5Window, md5Counters } from '../../src/diagnoses/kernel.ts';
import { maxSetsPerNeighbor, RouteSets } from '../../src/diagnoses/routes.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import type { Resources } from '../../src/metallb/objects/resources.ts';
import { ActionCode, ChangeLog } from '../../src/rib/change-log.ts';
import type { Applied } from '../../src/rib/rib.ts';
import type { NeighborEvent } from '../../src/rib/types.ts';
import { FakeRib } from '../support/fake-rib.ts';
import { advertisement, type KubeObject, pool, service } from '../support/metallb-objects.ts';
import { now } from './facts.ts';

/** A RIB and its history, told of changes as the collector tells them. */
class Scene {
  readonly rib = new FakeRib();
  readonly history = new RecentHistory();

  constructor() {
    this.rib.neighbor(1, { state: 'established' });
  }

  applied(some: Partial<Applied> = {}): this {
    this.history.applied(
      {
        firstSeq: 1,
        lastSeq: 1,
        changes: new ChangeLog().take(),
        touched: new Set(),
        sessions: new Set(),
        resent: new Set(),
        events: [],
        forgotten: [],
        ...some,
      },
      this.rib.neighbors,
    );
    return this;
  }

  /** `+5` announces NLRI 5, `-5` withdraws it. */
  routes(at: number, ...changes: string[]): this {
    const log = new ChangeLog();
    for (const change of changes)
      log.append(
        1,
        at,
        change[0] === '+' ? ActionCode.announced : ActionCode.withdrawn,
        1,
        Number(change.slice(1)),
        1,
        1,
      );
    return this.applied({ changes: log.take() });
  }

  event(some: Partial<NeighborEvent>): this {
    const event = {
      seq: 1,
      at: now,
      neighbor: 1,
      session: 1,
      kind: 'down',
      from: null,
      to: null,
      code: null,
      text: null,
      detail: {},
    };
    return this.applied({ events: [{ ...event, ...some }] });
  }
}

describe('gaps', () => {
  it.each<[string, (scene: Scene) => void, { nlri: number; from: number; to: number }[]]>([
    [
      'a route that comes back',
      (s) => s.routes(1, '+5').routes(2, '-5').routes(9, '+5'),
      [{ nlri: 5, from: 2, to: 9 }],
    ],
    ['a route that stays away', (s) => s.routes(1, '+5').routes(2, '-5'), []],
    ['a route that was never there', (s) => s.routes(1, '+5'), []],
    ['within one batch', (s) => s.routes(3, '-5', '+5'), [{ nlri: 5, from: 3, to: 3 }]],
    ['too late to be one', (s) => s.routes(2, '-5').routes(3 + maxGapMs, '+5'), []],
    [
      'what a session takes with it',
      (s) => {
        const neighbor = s.rib.neighbor(1, { state: 'idle' });
        s.applied({ sessions: new Set([neighbor]) }).routes(2, '-5');
        s.rib.neighbor(1, { state: 'established' });
        s.routes(9, '+5');
      },
      [],
    ],
    [
      'withdrawn before the session ended, announced after',
      (s) => {
        s.routes(2, '-5');
        const neighbor = s.rib.neighbor(1, { state: 'idle' });
        s.applied({ sessions: new Set([neighbor]) });
        s.rib.neighbor(1, { state: 'established' });
        s.routes(9, '+5');
      },
      [],
    ],
  ])('%s', (_, play, gaps) => {
    const scene = new Scene();
    play(scene);
    expect(scene.history.gaps(1)).toEqual(gaps);
  });

  it('are bounded, and the newest stay', () => {
    const scene = new Scene();
    for (let i = 0; i < 3 * maxPerNeighbor; i++) scene.routes(i, '-5', '+5');
    const gaps = scene.history.gaps(1);
    expect(gaps.length).toBeLessThanOrEqual(maxPerNeighbor);
    expect(gaps.at(-1)!.to).toBe(3 * maxPerNeighbor - 1);
  });

  it('so are ends of sessions (maxEvents) and edits (maxEdits)', () => {
    const scene = new Scene();
    for (let at = 0; at < 3 * maxEvents; at++) scene.event({ at });
    const ends = scene.history.ends(1);
    expect(ends.length).toBeLessThanOrEqual(maxEvents);
    expect(ends.at(-1)!.at).toBe(3 * maxEvents - 1);
    const states = [['203.0.113.0/24'], ['198.51.100.0/24']].map((addresses) =>
      assembleResources([readObject({ raw: pool('p', addresses) })]),
    );
    for (let at = 0; at <= 2 * maxEdits; at++) scene.history.observed(states[at % 2]!, at);
    expect(scene.history.edits.length).toBeLessThanOrEqual(maxEdits);
    expect(scene.history.edits.at(-1)!.at).toBe(2 * maxEdits);
  });
});

describe('the bound over all neighbors', () => {
  it('takes no more withdrawn routes in, until the past is forgotten', () => {
    const scene = new Scene();
    const neighbors = Array.from({ length: Math.ceil(maxOfAll / maxAwaited) + 1 }, (_, i) => i + 1);
    for (const id of neighbors) scene.rib.neighbor(id, { state: 'established' });
    const all = (action: number, at: number) => {
      const log = new ChangeLog();
      for (const id of neighbors)
        for (let nlri = 0; nlri < maxAwaited + 10; nlri++) log.append(1, at, action, id, nlri, 1, 1);
      scene.applied({ changes: log.take() });
    };
    all(ActionCode.withdrawn, 1);
    all(ActionCode.announced, 2);
    const [first, last] = [neighbors[0]!, neighbors.at(-1)!];
    expect(scene.history.gaps(first).length).toBeGreaterThan(0);
    expect(scene.history.gaps(last)).toEqual([]);
    scene.history.forget(2 + historyMs + 1);
    const log = new ChangeLog();
    log.append(1, historyMs, ActionCode.withdrawn, last, 5, 1, 1);
    log.append(1, historyMs, ActionCode.announced, last, 5, 1, 1);
    scene.applied({ changes: log.take() });
    expect(scene.history.gaps(last)).toHaveLength(1);
  });
});

describe('ends of sessions', () => {
  it('say whether the session was up, and how many were not reported', () => {
    const { history } = new Scene()
      .event({ from: 'established', code: 'hold-timer-expired', text: 'hold timer expired' })
      .event({ kind: 'refused', code: 'unconfigured-neighbor', text: 'nobody knows it', detail: { suppressed: 9 } })
      .event({ kind: 'established' });
    expect(history.ends(1)).toEqual([
      { at: now, code: 'hold-timer-expired', text: 'hold timer expired', wasUp: true, suppressed: 0 },
      { at: now, code: 'unconfigured-neighbor', text: 'nobody knows it', wasUp: false, suppressed: 9 },
    ]);
  });

  it('and malformed UPDATEs, are forgotten with time, and with the neighbor', () => {
    const scene = new Scene()
      .event({ at: now - historyMs - 1 })
      .event({ at: now })
      .event({ kind: 'malformed', at: now, text: 'bad', detail: [{ attribute: 5 }] });
    scene.history.forget(now);
    expect(scene.history.ends(1)).toHaveLength(1);
    expect(scene.history.malformed(1)).toEqual([{ at: now, text: 'bad', attributes: [5] }]);
    scene.applied({ forgotten: [1] });
    expect(scene.history.ends(1)).toEqual([]);
  });
});

describe('edits of objects', () => {
  const read = new Map<KubeObject, ReturnType<typeof readObject>>();
  let last: Resources | undefined;
  const resourcesOf = (...objects: KubeObject[]): Resources => {
    const results = objects.map((raw) => {
      if (!read.has(raw)) read.set(raw, readObject({ raw }));
      return read.get(raw)!;
    });
    last = assembleResources(results, last);
    return last;
  };
  const block = pool('block', ['203.0.113.0/24']);

  it('tell what was created, changed and deleted, and not what was there at the start', () => {
    const history = new RecentHistory();
    history.observed(resourcesOf(block, advertisement('a')), 1);
    history.observed(resourcesOf(block, advertisement('a', { localPref: 5 }), service('web', [])), 2);
    history.observed(resourcesOf(block), 3);
    expect(history.edits.map(({ at, action, object }) => `${at} ${action} ${object.kind}/${object.name}`)).toEqual([
      '2 changed BGPAdvertisement/a',
      '2 created Service/web',
      '3 deleted BGPAdvertisement/a',
      '3 deleted Service/web',
    ]);
  });

  it('tell when the address of a service changes, and not when something else does', () => {
    const history = new RecentHistory();
    history.observed(resourcesOf(service('web', ['203.0.113.1'])), 1);
    history.observed(resourcesOf(service('web', ['203.0.113.1'], { labels: { app: 'web' } })), 2);
    history.observed(resourcesOf(service('web', ['203.0.113.2'])), 3);
    expect(history.addressEdits).toEqual([
      { at: 3, service: 'default/web', from: ['203.0.113.1'], to: ['203.0.113.2'] },
    ]);
  });
});

describe('the counters of TCP MD5', () => {
  const text = (failure: number): string =>
    `TcpExt: SyncookiesSent TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPSackShifted\nTcpExt: 7 1 2 ${failure} 9\nIpExt: InNoRoutes\nIpExt: 0\n`;

  it.each([
    [text(3), { notFound: 1, unexpected: 2, failure: 3 }],
    ['TcpExt: SyncookiesSent\nTcpExt: 7\n', undefined],
    ['', undefined],
    ['TcpExt: TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure', undefined],
  ])('are read by name', (input, counters) => {
    expect(md5Counters(input)).toEqual(counters);
  });

  it('count over the last minute', () => {
    const window = new Md5Window();
    const growths = [
      [0, 5],
      [5, 5],
      [10, 8],
      [60, 8],
      [65, 8],
      [75, 8],
    ].map(([at, failure]) => {
      window.add(at! * 1000, md5Counters(text(failure!))!);
      return window.growth()?.failure ?? null;
    });
    expect(growths).toEqual([null, 0, 3, 3, 3, 0]);
  });
});

describe('routes by attribute set', () => {
  const setsOf = (sets: RouteSets, rib: FakeRib) => {
    const walk = sets.of(rib.neighbors.get(1)!);
    for (;;) {
      const next = walk.next();
      if (next.done) return next.value;
    }
  };

  it('are counted by family, and kept until the neighbor announces or withdraws', () => {
    const rib = new FakeRib();
    const neighbor = rib.neighbor(1);
    rib.announce(1, '203.0.113.1/32');
    rib.announce(1, 'fc00::1/128');
    rib.announce(1, '203.0.113.2/32', { med: 5 });
    const sets = new RouteSets(rib);
    const first = setsOf(sets, rib);
    expect(first).toMatchObject([
      { ipv4: 1, ipv6: 1, example4: '203.0.113.1/32', example6: 'fc00::1/128' },
      { ipv4: 1, ipv6: 0, attributes: { med: 5 } },
    ]);
    expect(setsOf(sets, rib)).toBe(first);
    neighbor.counters.announcements++;
    expect(setsOf(sets, rib)).not.toBe(first);
  });

  it('stop at a bound', () => {
    const rib = new FakeRib();
    rib.neighbor(1);
    for (let i = 0; i < maxSetsPerNeighbor + 10; i++) rib.announce(1, `10.0.${i >> 8}.${i & 255}/32`, { med: i });
    expect(setsOf(new RouteSets(rib), rib)).toHaveLength(maxSetsPerNeighbor);
  });
});

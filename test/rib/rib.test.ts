import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChangeReader } from '../../src/rib/change-log.ts';
import { maxAsnsPerRemote, Neighbors, unestablishedMs } from '../../src/rib/neighbors.ts';
import { Rib } from '../../src/rib/rib.ts';
import { maxId } from '../../src/rib/unused.ts';
import { LiveRib } from '../../src/rib/view.ts';
import { Wire } from '../support/batches.ts';
import { message } from '../support/builders.ts';

const node1 = '192.0.2.11';
const node2 = '192.0.2.12';

/** Applies a scenario and answers the RIB, its view, and all changes as `action neighbor prefix`. */
function play(...scenes: ((wire: Wire) => Wire)[]) {
  const rib = new Rib();
  const view = new LiveRib(rib);
  const wire = new Wire();
  const changes = scenes.map((scene) => {
    const reader = new ChangeReader(rib.apply(scene(wire).take()).changes);
    return reader.toArray().map((c) => `${c.action} ${c.neighbor} ${view.prefixText(c.nlri)}`);
  });
  return { rib, view, wire, changes };
}

const graceful = {
  restartTime: 120,
  restarting: false,
  notification: true,
  families: [{ family: 4 as const, forwarding: true }],
};

describe('the RIB turns records into changes', () => {
  const cases: [string, ((wire: Wire) => Wire)[], string[]][] = [
    [
      'an announcement',
      [(w) => w.establish(1, node1), (w) => w.announce(1, ['203.0.113.1/32'])],
      ['announced 1 203.0.113.1/32'],
    ],
    [
      'an identical announcement is a refresh, not a change',
      [(w) => w.establish(1, node1).announce(1, ['203.0.113.1/32']), (w) => w.announce(1, ['203.0.113.1/32'])],
      [],
    ],
    [
      'other attributes replace the route',
      [
        (w) => w.establish(1, node1).announce(1, ['203.0.113.1/32']),
        (w) => w.announce(1, ['203.0.113.1/32'], { med: 7 }),
      ],
      ['replaced 1 203.0.113.1/32'],
    ],
    [
      'a withdrawal',
      [(w) => w.establish(1, node1).announce(1, ['203.0.113.1/32']), (w) => w.withdraw(1, ['203.0.113.1/32'])],
      ['withdrawn 1 203.0.113.1/32'],
    ],
    [
      'a withdrawal of what was never announced is nothing',
      [(w) => w.establish(1, node1), (w) => w.withdraw(1, ['203.0.113.1/32'])],
      [],
    ],
    [
      'IPv6 comes in MP_REACH_NLRI and goes in MP_UNREACH_NLRI',
      [(w) => w.establish(1, node1).announce(1, ['2001:db8::/32']), (w) => w.withdraw(1, ['2001:db8::/32'])],
      ['withdrawn 1 2001:db8::/32'],
    ],
    [
      'a lost session takes its routes, and only its own',
      [
        (w) =>
          w.establish(1, node1).establish(2, node2).announce(1, ['203.0.113.1/32']).announce(2, ['203.0.113.1/32']),
        (w) => w.down(1, node1),
      ],
      ['withdrawn 1 203.0.113.1/32'],
    ],
    [
      'graceful restart keeps the families that were announced for it, and no others',
      [
        (w) =>
          w
            .establish(1, node1, { negotiated: { gracefulRestart: graceful } })
            .announce(1, ['203.0.113.1/32'])
            .announce(1, ['2001:db8::/32']),
        (w) => w.down(1, node1, { retainRoutes: true }),
      ],
      ['withdrawn 1 2001:db8::/32', 'stale 1 203.0.113.1/32'],
    ],
    [
      'when we stop, all routes stay as stale, with or without graceful restart',
      [
        (w) => w.establish(1, node1).announce(1, ['203.0.113.1/32']).announce(1, ['2001:db8::/32']),
        (w) => w.down(1, node1, { retainRoutes: 'all' }),
      ],
      ['stale 1 203.0.113.1/32', 'stale 1 2001:db8::/32'],
    ],
    [
      'End-of-RIB takes what a restarted neighbor did not announce again, and confirms the rest',
      [
        (w) =>
          w
            .establish(1, node1, { negotiated: { gracefulRestart: graceful } })
            .announce(1, ['203.0.113.1/32', '203.0.113.2/32'])
            .down(1, node1, { retainRoutes: true }),
        (w) =>
          w
            .establish(2, node1, { negotiated: { gracefulRestart: graceful } })
            .announce(2, ['203.0.113.1/32'])
            .endOfRib(2),
      ],
      ['refreshed 1 203.0.113.1/32', 'withdrawn 1 203.0.113.2/32'],
    ],
    [
      'enhanced route refresh takes what is not announced between its two marks (RFC 7313)',
      [
        (w) => w.establish(1, node1).announce(1, ['203.0.113.1/32', '203.0.113.2/32']),
        (w) =>
          w
            .message(1, message(5, [0, 1, 1, 1]))
            .announce(1, ['203.0.113.1/32'])
            .message(1, message(5, [0, 1, 2, 1])),
      ],
      ['stale 1 203.0.113.1/32', 'stale 1 203.0.113.2/32', 'refreshed 1 203.0.113.1/32', 'withdrawn 1 203.0.113.2/32'],
    ],
    [
      'a neighbor that restarts again before it is done loses what was stale already (RFC 4724 §4.2)',
      [
        (w) =>
          w
            .establish(1, node1, { negotiated: { gracefulRestart: graceful } })
            .announce(1, ['203.0.113.1/32', '203.0.113.2/32'])
            .down(1, node1, { retainRoutes: true })
            .establish(2, node1, { negotiated: { gracefulRestart: graceful } })
            .announce(2, ['203.0.113.1/32']),
        (w) => w.down(2, node1, { retainRoutes: true }),
      ],
      ['withdrawn 1 203.0.113.2/32', 'stale 1 203.0.113.1/32'],
    ],
    [
      'path identifiers keep routes of one prefix apart (RFC 7911)',
      [
        (w) => w.establish(1, node1, { negotiated: { addPath: [4] } }),
        (w) =>
          w
            .announce(
              1,
              [
                { prefix: '203.0.113.1/32', pathId: 1 },
                { prefix: '203.0.113.1/32', pathId: 2 },
              ],
              {},
              { addPath: true },
            )
            .withdraw(1, [{ prefix: '203.0.113.1/32', pathId: 1 }], { addPath: true }),
      ],
      ['announced 1 203.0.113.1/32', 'announced 1 203.0.113.1/32', 'withdrawn 1 203.0.113.1/32'],
    ],
    ['UPDATEs of a session that nobody opened are left alone', [(w) => w.announce(9, ['203.0.113.1/32'])], []],
  ];
  it.each(cases)('%s', (_, scenes, expected) => {
    expect(play(...scenes).changes.at(-1)).toEqual(expected);
  });
});

describe('neighbors', () => {
  it('are told apart by our address and by AS, not by router ID', () => {
    const { view } = play((w) =>
      w.establish(1, node1).establish(2, node1, { localAddress: '192.0.2.2' }).establish(3, node1, { asn: 64513 }),
    );
    expect([...view.neighbors.values()].map((n) => [n.id, n.localAddress, n.asn])).toEqual([
      [1, '192.0.2.1', 64512],
      [2, '192.0.2.2', 64512],
      [3, '192.0.2.1', 64513],
    ]);
  });

  it('keep their id over sessions and count how often they left', () => {
    const { view } = play((w) => w.establish(1, node1).down(1, node1).establish(2, node1));
    expect(view.neighbors.size).toBe(1);
    expect(view.neighbors.get(1)).toMatchObject({ state: 'established', session: 2, flaps: 1 });
  });

  it('of one remote that comes with another AS each time: the one that has been away longest makes room', () => {
    const rib = new Rib();
    const remote = '192.0.2.11';
    const wire = new Wire();
    // the first is still here, the second has routes that wait for it
    wire.establish(1, remote, { asn: 65001 });
    wire.establish(2, remote, { asn: 65002, negotiated: { gracefulRestart: graceful } });
    wire.announce(2, ['203.0.113.1/32']).down(2, remote, { retainRoutes: true });
    for (let i = 3; i <= maxAsnsPerRemote + 2; i++) wire.establish(i, remote, { asn: 65000 + i }).down(i, remote);
    const { events, forgotten } = rib.apply(wire.take());
    expect(forgotten).toEqual([3, 4]);
    expect([...rib.neighbors.byId.values()].map(({ asn }) => asn)).toEqual(
      [1, 2, ...Array.from({ length: maxAsnsPerRemote - 2 }, (_, i) => i + 5)].map((n) => 65000 + n),
    );
    expect(events.filter(({ kind }) => kind === 'forgotten')).toMatchObject([
      {
        neighbor: maxAsnsPerRemote + 1,
        code: 'too-many-as-numbers',
        text: 'AS 65003 (neighbor 3) made room: 192.0.2.11 has come with more than 16 AS numbers',
      },
      { neighbor: maxAsnsPerRemote + 2 },
    ]);
  });

  describe('bounded to 4 (maxNeighbors), of which 2 without a session (maxUnestablished), with ids up to 6 (maxNeighborId)', () => {
    const bounded = (): Rib => new Rib(undefined, new Neighbors({ neighbors: 4, unestablished: 2, id: 6 }));
    const endpoints = (host: number) => ({
      remoteAddress: `192.0.2.${host}`,
      remotePort: 1,
      localAddress: '192.0.2.1',
      localPort: 179,
    });
    const fail = (wire: Wire, host: number): Wire =>
      wire.event(100 + host, {
        kind: 'refused',
        endpoints: endpoints(host),
        reason: { direction: 'sent', code: 'too-many-connections', text: '' },
        suppressed: 0,
      });
    const visit = (wire: Wire, host: number): Wire =>
      wire.establish(host, `192.0.2.${host}`).down(host, `192.0.2.${host}`);
    const stay = (wire: Wire, host: number): Wire => wire.establish(host, `192.0.2.${host}`);
    const hold = (wire: Wire, host: number): Wire =>
      wire
        .establish(host, `192.0.2.${host}`, { negotiated: { gracefulRestart: graceful } })
        .announce(host, [`203.0.113.${host}/32`])
        .down(host, `192.0.2.${host}`, { retainRoutes: true });

    it.each<[string, ((wire: Wire) => Wire)[], string, Record<string, number>]>([
      [
        'the oldest without a session makes room for the next without one',
        [(w) => fail(w, 1), (w) => fail(w, 2), (w) => fail(w, 3)],
        '2=.2 3=.3',
        { neighbors: 0, 'unestablished-neighbors': 1 },
      ],
      [
        'those without a session make room before those that had one',
        [(w) => visit(w, 1), (w) => visit(w, 2), (w) => visit(w, 3), (w) => fail(w, 4), (w) => stay(w, 5)],
        '1=.1 2=.2 3=.3 5=.5',
        { neighbors: 1, 'unestablished-neighbors': 0 },
      ],
      [
        'the one that left first makes room, not one that is here or has routes',
        [(w) => stay(w, 1), (w) => hold(w, 2), (w) => visit(w, 3), (w) => visit(w, 4), (w) => stay(w, 5)],
        '1=.1 2=.2 4=.4 5=.5',
        { neighbors: 1, 'unestablished-neighbors': 0 },
      ],
      [
        'nothing is forgotten for one more when all are here',
        [(w) => stay(w, 1), (w) => stay(w, 2), (w) => stay(w, 3), (w) => stay(w, 4), (w) => stay(w, 5)],
        '1=.1 2=.2 3=.3 4=.4',
        { neighbors: 1, 'unestablished-neighbors': 0 },
      ],
      [
        'ids start over, and those in use are left out',
        [(w) => stay(w, 1), ...[2, 3, 4, 5, 6, 7, 8].map((host) => (w: Wire) => visit(w, host))],
        '1=.1 6=.6 2=.7 3=.8',
        {},
      ],
    ])('%s', (_, scenes, expected, overflows) => {
      const rib = bounded();
      for (const scene of scenes) rib.apply(scene(new Wire()).take());
      const left = [...rib.neighbors.byId.values()].map(({ id, remoteAddress }) => `${id}=${remoteAddress.slice(7)}`);
      expect(left.join(' ')).toBe(expected);
      expect(Object.fromEntries(rib.neighbors.tables.map(({ name, overflows }) => [name, overflows]))).toMatchObject(
        overflows,
      );
    });

    it('any sequence leaves no more than the bound, and what is here has routes that can be looked up', () => {
      const act = fc.tuple(fc.constantFrom(fail, visit, stay, hold), fc.integer({ min: 1, max: 9 }));
      fc.assert(
        fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
          const rib = bounded();
          for (const [what, host] of acts) rib.apply(what(new Wire(), host).take());
          expect(rib.neighbors.byId.size).toBeLessThanOrEqual(4);
          for (const id of rib.tables.keys()) expect(rib.neighbors.byId.has(id)).toBe(true);
          const held = [...rib.tables.values()].reduce((sum, { count }) => sum + count, 0);
          expect(rib.routeCount).toBe(held);
        }),
      );
    });
  });

  it('that left long ago without routes are forgotten, and those without a session after a day', () => {
    const reason = { direction: 'sent' as const, code: 'too-many-connections', text: '' };
    const endpoints = { remoteAddress: '192.0.2.99', remotePort: 1, localAddress: '192.0.2.1', localPort: 179 };
    const { rib } = play((w) =>
      w
        .establish(1, node1)
        .down(1, node1)
        .establish(2, '192.0.2.12')
        .event(3, { kind: 'refused', endpoints, reason, suppressed: 0 }),
    );
    const month = 30 * unestablishedMs;
    expect(rib.forgetLongGone(0, unestablishedMs)).toEqual([]);
    expect(rib.forgetLongGone(0, 2 * unestablishedMs)).toEqual([3]);
    expect(rib.forgetLongGone(month, 2 * month)).toEqual([1]);
    expect([...rib.neighbors.byId.keys()]).toEqual([2]);
  });

  it('are not made of addresses that are not configured, as older journals have them', () => {
    const endpoints = { remoteAddress: node1, remotePort: 1, localAddress: '192.0.2.1', localPort: 179 };
    const reason = { direction: 'sent' as const, code: 'unconfigured-neighbor', text: '' };
    const { rib } = play((w) => w.event(1, { kind: 'refused', endpoints, reason, suppressed: 0 }));
    expect(rib.neighbors.byId.size).toBe(0);
  });

  it('leave nothing behind when a session ends', () => {
    const endpoints = { remoteAddress: node1, remotePort: 1, localAddress: '192.0.2.1', localPort: 179 };
    const { rib } = play((w) =>
      w.establish(1, node1).down(1, node1).event(1, { kind: 'state', endpoints, from: 'established', to: 'idle' }),
    );
    expect(rib.neighbors.sessionCount).toBe(0);
  });

  it('do not change state because a second connection knocks', () => {
    const endpoints = { remoteAddress: node1, remotePort: 1, localAddress: '192.0.2.1', localPort: 179 };
    const { view } = play((w) =>
      w.establish(1, node1).event(2, { kind: 'state', endpoints, from: 'active', to: 'open-sent' }),
    );
    expect(view.neighbors.get(1)).toMatchObject({ state: 'established', session: 1 });
  });
});

it('routes that find no id left are not recorded, and counted', () => {
  const rib = new Rib();
  rib.nlris.next = maxId;
  const wire = new Wire().establish(1, node1);
  rib.apply(wire.announce(1, ['203.0.113.1/32', '203.0.113.2/32']).take());
  rib.apply(wire.announce(1, ['2001:db8::/32']).take());
  expect([...rib.table(1).nlris()].map((nlri) => rib.nlris.text(nlri))).toEqual(['203.0.113.1/32']);
  expect(rib.idTables[0]).toEqual({ name: 'prefix-ids', used: 2 ** 32 - 1, max: 2 ** 32 - 1, overflows: 2 });
  rib.attributeSets.next = maxId + 1;
  rib.apply(wire.announce(1, ['203.0.113.1/32'], { med: 9 }).take());
  expect(rib.idTables[1]).toMatchObject({ name: 'attribute-set-ids', overflows: 1 });
  expect(rib.routeCount).toBe(1);
});

describe('times of a route', () => {
  it('first seen, last changed and received are three things', () => {
    const { view } = play(
      (w) => w.establish(1, node1),
      (w) => w.announce(1, ['203.0.113.1/32']),
      (w) => w.announce(1, ['203.0.113.1/32'], { med: 7 }),
      (w) => w.announce(1, ['203.0.113.1/32'], { med: 7 }),
    );
    const [route] = view.exact('203.0.113.1/32').map((handle) => view.json(handle));
    expect(route).toMatchObject({
      seq: 3,
      firstSeenAt: '1970-01-01T00:00:01.001000Z',
      lastChangedAt: '1970-01-01T00:00:01.002000Z',
      receivedAt: '1970-01-01T00:00:01.003000Z',
    });
  });
});

describe('looking routes up', () => {
  const prefixes = [
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.2.0/24',
    '10.2.0.0/16',
    '2001:db8::/32',
    '2001:db8:1::/48',
  ];
  const { view } = play((w) => w.establish(1, node1).announce(1, prefixes.slice(0, 5)).announce(1, prefixes.slice(5)));
  const within = (prefix: string) => {
    const found: string[] = [];
    view.walk({ within: prefix }, ({ nlri }) => found.push(view.prefixText(nlri)) > 0);
    return found;
  };

  it.each([
    ['10.1.2.3', '10.1.2.0/24'],
    ['10.1.0.0/16', '10.1.0.0/16'],
    ['10.3.0.0/16', '10.0.0.0/8'],
    ['192.0.2.1', '0.0.0.0/0'],
    ['2001:db8:1::1', '2001:db8:1::/48'],
    ['2001:db9::', undefined],
  ])('the longest match of %s is %s', (prefix, longest) => {
    expect(view.longest(prefix)).toBe(longest);
  });

  it.each([
    ['10.0.0.0/8', ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.2.0.0/16']],
    ['10.1.0.0/16', ['10.1.0.0/16', '10.1.2.0/24']],
    ['2001:db8::/32', ['2001:db8::/32', '2001:db8:1::/48']],
    ['11.0.0.0/8', []],
  ])('within %s there is %j', (prefix, expected) => {
    expect(within(prefix)).toEqual(expected);
  });

  it('a neighbor with few routes among many is walked in the same order', () => {
    const many = Array.from({ length: 200 }, (_, i) => `198.51.${i}.0/24`);
    const few = ['198.51.7.0/24', '198.51.150.0/24', '10.9.0.0/16', '2001:db8::/32'];
    const { view } = play((w) =>
      w
        .establish(1, node1)
        .establish(2, node2)
        .announce(1, many)
        .announce(2, few.slice(0, 3))
        .announce(2, few.slice(3)),
    );
    const found: string[] = [];
    view.walk({ neighbor: 2 }, ({ nlri }) => found.push(view.prefixText(nlri)) > 0);
    expect(found).toEqual(['10.9.0.0/16', '198.51.7.0/24', '198.51.150.0/24', '2001:db8::/32']);
    const after: string[] = [];
    view.walk(
      { neighbor: 2, after: { prefix: '198.51.7.0/24', pathId: 0, neighbor: 2 } },
      ({ nlri }) => after.push(view.prefixText(nlri)) > 0,
    );
    expect(after).toEqual(['198.51.150.0/24', '2001:db8::/32']);
  });

  it('covering prefixes come shortest first', () => {
    expect(view.covering('10.1.2.0/24')).toEqual(['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24']);
  });
});

/** Small worlds, so that everything collides: 3 sessions, 12 prefixes of both families, 3 attribute sets. */
const anyPrefix = fc.oneof(
  fc.integer({ min: 24, max: 32 }).map((length) => `203.0.113.0/${length}`),
  fc.constantFrom('2001:db8::/32', '2001:db8::/48', '2001:db8:0:1::/64'),
);
const anyStep = fc.oneof(
  fc.record({
    kind: fc.constant('announce' as const),
    session: fc.integer({ min: 1, max: 3 }),
    prefix: anyPrefix,
    med: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ kind: fc.constant('withdraw' as const), session: fc.integer({ min: 1, max: 3 }), prefix: anyPrefix }),
  fc.record({ kind: fc.constant('flap' as const), session: fc.integer({ min: 1, max: 3 }) }),
);

describe('against a naive model', () => {
  it('any sequence leaves the same routes, in the same order, page by page', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (steps, pageLength) => {
        const rib = new Rib();
        const view = new LiveRib(rib);
        const model = new Map<string, number>();
        const wire = new Wire();
        for (const session of [1, 2, 3]) wire.establish(session, `192.0.2.1${session}`);
        let sessions = [1, 2, 3];
        for (const step of steps) {
          const neighbor = step.session;
          const session = sessions[neighbor - 1]!;
          if (step.kind === 'announce') {
            wire.announce(session, [step.prefix], { med: step.med });
            model.set(`${neighbor} ${step.prefix}`, step.med);
          } else if (step.kind === 'withdraw') {
            wire.withdraw(session, [step.prefix]);
            model.delete(`${neighbor} ${step.prefix}`);
          } else {
            sessions = sessions.with(neighbor - 1, session + 3);
            wire.down(session, `192.0.2.1${neighbor}`).establish(session + 3, `192.0.2.1${neighbor}`);
            for (const key of model.keys()) if (key.startsWith(`${neighbor} `)) model.delete(key);
          }
          if (step.session === 2) rib.apply(wire.take());
        }
        rib.apply(wire.take());
        const found = new Map<string, number>();
        let after: { prefix: string; pathId: number; neighbor: number } | undefined;
        for (let more = true; more; ) {
          let left = pageLength;
          more = false;
          view.walk(after ? { after } : {}, (handle) => {
            if (left-- === 0) {
              more = true;
              return false;
            }
            const prefix = view.prefixText(handle.nlri);
            found.set(`${handle.neighbor} ${prefix}`, view.attributes(handle.attributes).med!);
            after = { prefix, pathId: view.pathId(handle.nlri), neighbor: handle.neighbor };
            return true;
          });
        }
        expect(Object.fromEntries([...found].sort())).toEqual(Object.fromEntries([...model].sort()));
        expect(rib.routeCount).toBe(model.size);
        expect(rib.prefixCount).toBe(new Set([...model.keys()].map((key) => key.split(' ')[1])).size);
      }),
      { numRuns: 200 },
    );
  });
});

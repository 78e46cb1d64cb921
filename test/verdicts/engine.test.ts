import { describe, expect, test } from 'vitest';
import {
  allExpectations,
  changeOfPrefixes,
  someExpectations,
} from '../../src/metallb/expectations/expectation-change.ts';
import { maxNotedRoutes } from '../../src/verdicts/changed-routes.ts';
import { type FakeTableInput, fakeTable } from './fake-table.ts';
import { grace, restore, Scene } from './scene.ts';

const web = '203.0.113.1/32';
const nodes = { 'node-1': ['192.0.2.11'], 'node-2': ['192.0.2.12'] };
const onBoth = [
  { node: 'node-1', prefix: web, communities: ['64512:100'] },
  { node: 'node-2', prefix: web, communities: ['64512:100'] },
];
const right = { communities: ['64512:100'] };
const cluster: FakeTableInput = { nodes, routes: onBoth };

/** Two nodes that announce what they should, long enough ago. */
function calm(): Scene {
  const scene = new Scene().expect(cluster).up(1).up(2).announce(1, web, right).announce(2, web, right).pass(grace);
  expect(scene.verdicts(web)).toEqual({ 'node-1': 'ok', 'node-2': 'ok' });
  scene.news();
  return scene;
}

describe('from the start to ok', () => {
  test('a session that nobody saw yet is given grace, then missing, then its route is ok', () => {
    const scene = new Scene().expect({ nodes: { 'node-1': [] }, routes: [onBoth[0]!] });
    expect(scene.news()).toEqual([`node-1 ${web}: null → pending (grace)`]);
    expect(scene.pass(grace - 1).news()).toEqual([]);
    expect(scene.pass(1).news()).toEqual([`node-1 ${web}: pending → missing (session-never-seen)`]);
    scene.up(1);
    // The row is another one now that a neighbor stands for the session.
    expect(scene.news()).toEqual([`node-1 ${web}: missing → null (gone)`, `node-1 ${web}: null → pending (grace)`]);
    expect(scene.announce(1, web, right).news()).toEqual([`node-1 ${web}: pending → ok (as-expected)`]);
  });

  test('nothing is missing before the table of a session is in', () => {
    const scene = new Scene()
      .expect(cluster)
      .pass(grace)
      .neighbor(1, { node: 'node-1', bgpPeer: 'tor', state: 'established', session: 1 });
    expect(scene.pass(10 * grace).verdicts(web)['node-1']).toBe('pending');
    scene.neighbor(1, { synced: true });
    expect(scene.engine.ofPrefix(web)[0]).toMatchObject({
      verdict: 'pending',
      reasonCode: 'grace',
      deadline: expect.any(String),
    });
    expect(scene.pass(grace).verdicts(web)['node-1']).toBe('missing');
  });

  test('routes that were there before the expectations are found', () => {
    const scene = new Scene().up(1).announce(1, web, right).announce(1, '198.51.100.0/24').expect(cluster).pass(grace);
    expect(scene.verdicts(web)['node-1']).toBe('ok');
    expect(scene.verdicts('198.51.100.0/24')).toEqual({ 'node-1': 'unexpected' });
  });

  test('without sources there are no verdicts, and it says why', () => {
    const scene = new Scene({ emptyText: () => 'no manifests' }).up(1).announce(1, web);
    expect(scene.engine.word(1, scene.rib.nlri(web))).toBeNull();
    expect(scene.engine.summary()).toMatchObject({
      emptyText: 'no manifests',
      sessions: { expected: 0, established: 0 },
    });
    expect(scene.engine.nextDeadline()).toBeUndefined();
  });

  test('sources that go away take all verdicts along', () => {
    const scene = calm().withdraw(1, web);
    scene.news();
    scene.engine.setExpectations(null, allExpectations);
    expect(scene.settle().news()).toEqual([`node-1 ${web}: missing → null (gone)`]);
    expect(scene.engine.summary().verdicts).toMatchObject({ ok: 0, missing: 0 });
    expect(scene.engine.nextDeadline()).toBeUndefined();
  });
});

describe('one fault at a time, to the right verdict and back', () => {
  test('a node withdraws', () => {
    const scene = calm().withdraw(1, web);
    expect(scene.news()).toEqual([`node-1 ${web}: ok → missing (route-missing)`]);
    expect(scene.verdicts(web)).toEqual({ 'node-1': 'missing', 'node-2': 'ok' });
    expect(scene.announce(1, web, right).news()).toEqual([`node-1 ${web}: missing → ok (as-expected)`]);
  });

  test('a community is dropped', () => {
    const scene = calm().announce(1, web);
    expect(scene.news()).toEqual([`node-1 ${web}: ok → mismatch (community-mismatch)`]);
    expect(scene.engine.ofPrefix(web)[0]).toMatchObject({
      fields: ['communities'],
      reasonText: expect.stringContaining('communities none instead of 64512:100'),
    });
    expect(scene.announce(1, web, right).news()).toEqual([`node-1 ${web}: mismatch → ok (as-expected)`]);
  });

  test('localPref changes, then the community too', () => {
    const scene = calm().announce(1, web, { ...right, localPref: 200 });
    expect(scene.news()).toEqual([`node-1 ${web}: ok → mismatch (local-pref-mismatch)`]);
    const { since } = scene.engine.ofPrefix(web)[0]!;
    scene.now += 1000;
    expect(scene.announce(1, web, { localPref: 200 }).news()).toEqual([
      `node-1 ${web}: mismatch → mismatch (attributes-mismatch)`,
    ]);
    expect(scene.engine.ofPrefix(web)[0]).toMatchObject({ since, fields: ['localPref', 'communities'] });
    expect(scene.announce(1, web, right).news()).toEqual([`node-1 ${web}: mismatch → ok (as-expected)`]);
  });

  test('a foreign prefix', () => {
    const foreign = '198.51.100.0/24';
    const scene = calm().announce(1, foreign);
    expect(scene.news()).toEqual([`node-1 ${foreign}: null → unexpected (no-expectation)`]);
    expect(scene.engine.word(1, scene.rib.nlri(foreign))).toBe('unexpected');
    expect(scene.withdraw(1, foreign).news()).toEqual([`node-1 ${foreign}: unexpected → null (gone)`]);
    expect(scene.engine.ofPrefix(foreign)).toEqual([]);
  });

  test('a foreign prefix that an FRRConfiguration comes to ask for', () => {
    const foreign = '198.51.100.0/24';
    const scene = calm().announce(1, foreign);
    expect(scene.news()).toEqual([`node-1 ${foreign}: null → unexpected (no-expectation)`]);
    scene.expect({ nodes, routes: onBoth, foreign: { [`node-1 ${foreign}`]: 'anycast' } });
    expect(scene.news()).toEqual([`node-1 ${foreign}: unexpected → ok (foreign-prefix)`]);
    const [verdict] = scene.engine.ofPrefix(foreign);
    expect(verdict!.reasonText).toContain('FRRConfiguration anycast');
    expect(verdict!.evidence).toContainEqual({ kind: 'object', ref: 'FRRConfiguration/frr-k8s-system/anycast' });
    expect(scene.expect({ nodes, routes: onBoth }).pass(grace).news().at(-1)).toBe(
      `node-1 ${foreign}: ok → unexpected (no-expectation)`,
    );
  });

  test('the session goes down and comes back', () => {
    const scene = calm().down(1);
    expect(scene.news()).toEqual([`node-1 ${web}: ok → missing (session-down)`]);
    expect(scene.engine.ofPrefix(web)[0]!.reasonText).toContain('hold timer expired');
    scene.neighbor(1, { state: 'established', establishedAt: scene.now, session: 9 });
    expect(scene.news()).toEqual([`node-1 ${web}: missing → pending (not-synced)`]);
    expect(scene.announce(1, web, right).news()).toEqual([`node-1 ${web}: pending → ok (as-expected)`]);
    expect(scene.neighbor(1, { synced: true }).pass(grace).news()).toEqual([]);
  });

  test('a graceful restart: stale, then confirmed', () => {
    const scene = calm().down(1, { keep: true });
    expect(scene.news()).toEqual([`node-1 ${web}: ok → stale (graceful-restart)`]);
    scene.neighbor(1, { state: 'established', establishedAt: scene.now });
    expect(scene.announce(1, web, right).news()).toEqual([`node-1 ${web}: stale → ok (as-expected)`]);
  });

  test('a graceful restart that never ends: stale, then missing', () => {
    const scene = calm().down(1, { keep: true });
    scene.engine.routesChanged(scene.rib.clear(1));
    expect(scene.settle().news()).toEqual([
      `node-1 ${web}: ok → stale (graceful-restart)`,
      `node-1 ${web}: stale → missing (session-down)`,
    ]);
  });

  test('MetalLB has a reason why the node should not announce', () => {
    const whyNot = {
      [`node-2 ${web}`]: { reason: 'noLocalEndpoints', text: 'service default/web has no endpoint on node-2' },
    };
    const scene = calm().expect({ nodes, routes: [onBoth[0]!], whyNot }, new Set([web]));
    expect(scene.news()).toEqual([`node-2 ${web}: ok → pending (grace)`]);
    expect(scene.pass(grace).news()).toEqual([`node-2 ${web}: pending → unexpected (no-expectation)`]);
    const [, verdict] = scene.engine.ofPrefix(web);
    expect(verdict!.reasonText).toContain('noLocalEndpoints');
    expect(verdict!.evidence).toContainEqual({ kind: 'object', ref: 'Service/default/web' });
    expect(scene.withdraw(2, web).news()).toEqual([`node-2 ${web}: unexpected → null (gone)`]);
  });
});

describe('grace after a change of expectations', () => {
  const other = [{ ...onBoth[0]!, communities: ['64512:200'] }, onBoth[1]!];

  test('covers the row whose own expectation changed, and no other', () => {
    const scene = calm().withdraw(2, web);
    scene.news();
    scene.expect({ nodes, routes: other }, new Set([web]));
    expect(scene.news()).toEqual([`node-1 ${web}: ok → pending (grace)`]);
    expect(scene.pass(grace).news()).toEqual([`node-1 ${web}: pending → mismatch (community-mismatch)`]);
  });

  test('starts anew with each change', () => {
    const scene = calm()
      .expect({ nodes, routes: other }, new Set([web]))
      .pass(grace - 1);
    scene.expect({ nodes, routes: [{ ...onBoth[0]!, communities: [] }, onBoth[1]!] }, new Set([web]));
    scene.news();
    expect(scene.pass(grace - 1).news()).toEqual([]);
    expect(scene.pass(1).news()).toEqual([`node-1 ${web}: pending → mismatch (community-mismatch)`]);
  });

  test('does not start when everything is looked at anew but asks for the same', () => {
    const scene = calm().withdraw(1, web);
    scene.news();
    expect(scene.expect(cluster, 'all').news()).toEqual([]);
    expect(scene.verdicts(web)['node-1']).toBe('missing');
  });

  test('a new service is pending, then ok', () => {
    const dns = '203.0.113.2/32';
    const scene = calm().expect({ nodes, routes: [...onBoth, { node: 'node-1', prefix: dns }] }, new Set([dns]));
    expect(scene.announce(1, dns).news()).toEqual([
      `node-1 ${dns}: null → pending (grace)`,
      `node-1 ${dns}: pending → ok (as-expected)`,
    ]);
  });

  test('a node that is new gets its own', () => {
    const scene = calm();
    const grown = {
      nodes: { ...nodes, 'node-3': ['192.0.2.13'] },
      routes: [...onBoth, { node: 'node-3', prefix: web }],
    };
    expect(scene.expect(grown).news()).toEqual([`node-3 ${web}: null → pending (grace)`]);
    expect(scene.pass(grace).verdicts(web)['node-3']).toBe('missing');
    expect(scene.expect(cluster).news()).toContain(`node-3 ${web}: missing → null (gone)`);
  });

  test('expectations that come while others are taking over wait for them, the last ones win', () => {
    const dns = '203.0.113.2/32';
    const scene = calm();
    const [first, second, third] = [
      { nodes, routes: other },
      {
        nodes,
        routes: [
          { ...onBoth[0]!, communities: ['64512:300'] },
          { node: 'node-2', prefix: dns },
        ],
      },
      { nodes, routes: [...onBoth, { node: 'node-1', prefix: dns }] },
    ].map(fakeTable);
    scene.engine.setExpectations(first!, changeOfPrefixes(new Set([web])));
    scene.engine.setExpectations(second!, changeOfPrefixes(new Set([web, dns])));
    scene.engine.setExpectations(third!, changeOfPrefixes(new Set([web, dns])));
    scene.settle().pass(grace);
    expect(scene.verdicts(web)).toEqual({ 'node-1': 'ok', 'node-2': 'ok' });
    expect(scene.verdicts(dns)).toEqual({ 'node-1': 'missing' });
  });
});

describe('a re-send', () => {
  test('excuses what came with it', () => {
    const scene = calm();
    scene.engine.resend(1);
    expect(scene.announce(1, web).news()).toEqual([`node-1 ${web}: ok → pending (grace)`]);
    expect(scene.pass(grace).news()).toEqual([`node-1 ${web}: pending → mismatch (community-mismatch)`]);
  });

  test('takes back a mismatch that came just before it was noticed', () => {
    const scene = calm().announce(1, web);
    scene.news();
    scene.now += 100;
    scene.engine.resend(1);
    expect(scene.settle().news()).toEqual([`node-1 ${web}: mismatch → pending (grace)`]);
  });

  test('does not take back an old mismatch', () => {
    const scene = calm()
      .announce(1, web)
      .pass(2 * grace);
    scene.news();
    scene.engine.resend(1);
    expect(scene.settle().news()).toEqual([]);
  });
});

describe('after our own restart', () => {
  const before = Date.UTC(2025, 0, 1);
  const restarted = () => {
    const scene = new Scene();
    scene.rib.neighbor(1, { node: 'node-1', bgpPeer: 'tor', session: 5, establishedAt: before, restored: true });
    scene.rib.announce(1, web, { ...right, nextHop: '192.0.2.11' });
    scene.rib.markStale(1);
    return scene
      .expect({ nodes: { 'node-1': [] }, routes: [onBoth[0]!, { node: 'node-1', prefix: '203.0.113.9/32' }] })
      .pass(grace);
  };

  test('what was restored is stale, and nothing is missing until the session is back', () => {
    const scene = restarted();
    expect(scene.verdicts(web)).toEqual({ 'node-1': 'stale' });
    expect(scene.verdicts('203.0.113.9/32')).toEqual({ 'node-1': 'unknown' });
    scene.neighbor(1, { state: 'established', establishedAt: scene.now, session: 6 });
    expect(scene.announce(1, web, right).verdicts(web)).toEqual({ 'node-1': 'ok' });
    expect(scene.verdicts('203.0.113.9/32')).toEqual({ 'node-1': 'pending' });
    scene.neighbor(1, { synced: true, restored: false }).pass(grace);
    expect(scene.verdicts('203.0.113.9/32')).toEqual({ 'node-1': 'missing' });
  });

  test('a neighbor that does not come back counts as down in the end', () => {
    const scene = restarted().pass(restore);
    expect(scene.engine.ofPrefix('203.0.113.9/32')[0]).toMatchObject({
      verdict: 'missing',
      reasonCode: 'session-down',
    });
  });
});

describe('who is who', () => {
  test('a neighbor of no known node sends what nobody expects', () => {
    const scene = calm().up(7, null, null).announce(7, web, right).pass(grace);
    expect(scene.verdicts(web)).toEqual({ 'node-1': 'ok', 'node-2': 'ok', '#7': 'unexpected' });
    expect(scene.engine.list({ neighbor: 7 }, undefined, 10).rows[0]!.reasonCode).toBe('neighbor-not-mapped');
  });

  test('a session that cannot be told apart is unknown on both sides', () => {
    const two = {
      nodes: { 'node-1': ['192.0.2.11'] },
      peers: ['tor-1', 'tor-2'],
      routes: [{ node: 'node-1', bgpPeer: 'tor-1', prefix: web }],
    };
    const scene = new Scene().expect(two).pass(grace).up(1, 'node-1', null).announce(1, web).pass(grace);
    expect(scene.engine.ofPrefix(web).map((v) => [v.bgpPeer, v.neighbor, v.reasonCode])).toEqual([
      [null, 1, 'session-ambiguous'],
      ['tor-1', null, 'session-ambiguous'],
    ]);
    scene.up(1, 'node-1', 'tor-1').pass(grace);
    expect(scene.engine.ofPrefix(web).map((v) => [v.bgpPeer, v.neighbor, v.verdict])).toEqual([['tor-1', 1, 'ok']]);
  });

  test('of two neighbors for one session the established one stands for it', () => {
    const scene = calm()
      .down(1)
      .up(11, 'node-1')
      .announce(11, web, { ...right, nextHop: '192.0.2.11' })
      .pass(grace);
    expect(scene.engine.ofPrefix(web).map((v) => [v.node, v.neighbor, v.verdict])).toEqual([
      ['node-1', 11, 'ok'],
      ['node-2', 2, 'ok'],
    ]);
    expect(scene.engine.summary().sessions).toEqual({ expected: 2, established: 2, elsewhere: 0 });
  });

  test('a neighbor that turns out to be another node takes its routes along', () => {
    const scene = calm().neighbor(1, { node: 'node-2' }).pass(grace);
    expect(scene.verdicts(web)['node-1']).toBe('missing');
  });

  test('neighbors that the collector matched anew for a table are paired by it', () => {
    const scene = new Scene().up(1, null, null).announce(1, web, right);
    scene.rib.neighbor(1, { node: 'node-1', bgpPeer: 'tor' });
    scene.expect(cluster).pass(grace);
    expect(scene.verdicts(web)['node-1']).toBe('ok');
  });

  test('a node whose configuration nobody knows may announce anything', () => {
    const scene = new Scene().expect({
      nodes,
      routes: [],
      configurationUnknown: ['node-1'],
      staleConfig: { 'node-1': 'two peers share a router ID' },
    });
    scene.up(1).announce(1, web).pass(grace);
    expect(scene.engine.ofPrefix(web)[0]).toMatchObject({ verdict: 'unknown', reasonCode: 'configuration-unknown' });
  });

  test('with several paths of a prefix (RFC 7911) the wrong one decides', () => {
    const scene = calm().announce(1, web, { ...right, localPref: 5 }, 2);
    expect(scene.engine.ofPrefix(web)[0]).toMatchObject({ verdict: 'mismatch', received: { pathId: 2 } });
    expect(scene.withdraw(1, web, 2).verdicts(web)['node-1']).toBe('ok');
  });
});

describe('in slices', () => {
  test('prefixes with other objects in their chains only are not asked for', () => {
    const scene = calm();
    const asked: string[] = [];
    const table = fakeTable(cluster);
    const counting = {
      ...table,
      route(...row: [string, string, string]) {
        asked.push(row[2]);
        return table.route(...row);
      },
    };
    scene.engine.setExpectations(
      counting,
      someExpectations({ prefixes: new Set(['203.0.113.2/32']), chains: new Set([web]) }),
    );
    scene.settle();
    expect(new Set(asked)).toEqual(new Set(['203.0.113.2/32']));
    expect(scene.verdicts(web)).toEqual({ 'node-1': 'ok', 'node-2': 'ok' });
  });

  const many = Array.from({ length: 500 }, (_, i) => ({ node: 'node-1', prefix: `203.0.${i >> 8}.${i & 255}/32` }));

  test('rows of a match that is no more end before the same rows begin again', () => {
    const scene = new Scene().expect({ nodes, routes: many }).up(1).pass(grace);
    const prefix = many[400]!.prefix;
    scene.news();
    for (const node of ['node-2', 'node-1']) {
      scene.rib.neighbor(1, { node });
      scene.engine.neighborChanged(1);
    }
    scene.engine.routesChanged([scene.rib.announce(1, prefix, { localPref: 7 }), scene.rib.withdraw(1, prefix)]);
    while (scene.engine.busy) scene.step(0);
    const news = scene.changes.filter(({ verdict }) => verdict.prefix === prefix && verdict.neighbor === 1);
    expect(news.map(({ from, to }) => `${from} → ${to}`)).toEqual(['missing → null', 'null → missing']);
  });

  test('no step takes much longer than it may', () => {
    const scene = new Scene().up(1);
    for (const { prefix } of many) scene.rib.announce(1, prefix);
    scene.engine.setExpectations(fakeTable({ nodes, routes: many }), allExpectations);
    let steps = 1;
    for (scene.step(0); scene.engine.busy; scene.step(0)) steps++;
    expect(steps).toBeGreaterThan(10);
    expect(scene.engine.summary().verdicts.ok).toBe(500);
  });

  test('more route changes than are noted one by one are found all the same', () => {
    const scene = new Scene().expect({ nodes, routes: many }).up(1).pass(grace);
    const change = scene.rib.announce(1, many[0]!.prefix);
    scene.engine.routesChanged(Array.from({ length: maxNotedRoutes }, () => change));
    scene.engine.routesChanged([scene.rib.announce(1, many[1]!.prefix), scene.rib.announce(1, '198.51.100.0/24')]);
    scene.settle();
    expect(scene.engine.summary().verdicts).toMatchObject({ ok: 2, missing: 498, unexpected: 1 });
  });
});

describe('the summary', () => {
  test('counts rows by verdict, sessions and services', () => {
    const dns = '203.0.113.2/32';
    const scene = new Scene()
      .expect({ nodes, routes: [...onBoth, { node: 'node-1', prefix: dns }] })
      .up(1)
      .up(2);
    scene.announce(1, web, right).announce(2, web, right).announce(2, '198.51.100.0/24').pass(grace);
    expect(scene.engine.summary()).toEqual({
      verdicts: { ok: 2, pending: 0, missing: 1, unexpected: 1, mismatch: 0, stale: 0, suppressed: 0, unknown: 0 },
      sessions: { expected: 2, established: 2, elsewhere: 0 },
      services: { ok: 1, pending: 0, failing: 1 },
      evaluatedAt: expect.any(Number),
      emptyText: null,
    });
    scene.announce(1, dns);
    expect(scene.engine.summary().services).toEqual({ ok: 2, pending: 0, failing: 0 });
    scene.expect({ nodes, routes: onBoth }, new Set([dns]));
    expect(scene.engine.summary().services).toEqual({ ok: 1, pending: 0, failing: 0 });
  });
});

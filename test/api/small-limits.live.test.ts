/** Answers at bounds that are made small here. */
import { describe, expect, test, vi } from 'vitest';
import { compileFilter } from '../../src/api/route-filter.ts';
import { RequestError, readRequest } from '../../src/api/simulation/request.ts';
import { objectsOf, simulate } from '../../src/api/simulation/simulate.ts';
import { Channels } from '../../src/api/stream/channels.ts';
import { fetchRaw } from '../../src/api/stream/raw.ts';
import { SharedFrame } from '../../src/api/stream/shared-frame.ts';
import { fakeDeps, neighbor } from '../support/fake-views.ts';
import { advertisement, frr, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { clusterScene, resourcesOf } from './cluster.ts';

vi.mock('../../src/api/limits.ts', async (original) => {
  const { limits } = await original<typeof import('../../src/api/limits.ts')>();
  const small = {
    explainedSessions: 1,
    objectRoutes: 1,
    timelineRoutes: 1,
    timelineObjects: 4,
    simulatedRoutes: 1,
    simulatedDeletions: 2,
    rawMessages: 2,
    frameBytes: 1,
    filterCache: 2,
    streamFilterCache: 1,
  };
  return { limits: { ...limits, ...small } };
});

const objects = [
  node('node-1', 11),
  node('node-2', 12),
  peer('tor-1'),
  peer('tor-2', { peerAddress: '192.0.2.2' }),
  pool('blue', ['203.0.113.0/28']),
  advertisement('adv'),
  service('web', ['203.0.113.1']),
  slice('web', ['node-1', 'node-2']),
];

describe('an answer', () => {
  test.each([
    ['explain?prefix=203.0.113.1/32', 'sessions', 'explainedSessions'],
    ['services/default/web', 'routes', 'objectRoutes'],
    ['nodes/node-1', 'routes', 'objectRoutes'],
  ])('%s has %s up to limits.%s, and is truncated', async (path, list) => {
    const { get } = await clusterScene(objects);
    const { data } = (await get(`/api/v1/${path}`)).body;
    expect(data[list]).toHaveLength(1);
    expect(data.truncated).toBe(true);
  });

  test.each([
    ['timelineRoutes routes: not for the other BGPPeer', [], ['BGPAdvertisement', 'BGPPeer', 'IPAddressPool']],
    [
      'timelineObjects objects: not for all advertisements',
      [advertisement('adv-2'), advertisement('adv-3')],
      ['BGPAdvertisement', 'BGPAdvertisement', 'BGPPeer', 'IPAddressPool'],
    ],
  ])('/timeline asks for objects of %s', async (_, more, kinds) => {
    const { get, deps } = await clusterScene([...objects, ...more]);
    await get('/api/v1/timeline/203.0.113.1');
    expect(deps.queries.asked?.objects.map(([kind]) => kind).sort()).toEqual(kinds);
  });
});

describe('a simulation', () => {
  test('of more than simulatedRoutes routes is not complete', () => {
    const resources = resourcesOf(objects);
    const { simulation } = simulate(
      {
        options: frr,
        overrides: {},
        base: 'current',
        replace: [],
        rules: [],
        text: JSON.stringify({ delete: [{ kind: 'Service', name: 'web' }] }),
        asked: {},
        page: { after: undefined, limit: 10 },
      },
      { ...resources, objects: objectsOf(resources) },
    );
    expect(simulation).toMatchObject({ complete: false, expectations: [{}] });
  });

  test.each([
    [2, false],
    [3, true],
  ])('of %i deletions is invalid: %s (simulatedDeletions)', (count, isInvalid) => {
    const text = JSON.stringify({ delete: Array.from({ length: count }, () => ({ kind: 'Service', name: 'web' })) });
    if (isInvalid) expect(() => readRequest(text)).toThrow(RequestError);
    else expect(readRequest(text).deletions).toHaveLength(count);
  });
});

describe('live clients', () => {
  test('raw messages are read rawMessages at a time', async () => {
    const reads: number[] = [];
    const messages = async ({ since, until = 0, limit }: { since: number; until?: number; limit: number }) => {
      reads.push(since);
      const through = Math.min(until, since + limit);
      const found = Array.from({ length: through - since }, (_, i) => ({ seq: since + 1 + i, raw: new Uint8Array(1) }));
      return { messages: found, through, complete: through === until };
    };
    const raw = await fetchRaw({ messages } as never, [1, 2, 3, 4, 5]);
    expect([...raw.keys()]).toEqual([1, 2, 3, 4, 5]);
    expect(reads).toEqual([0, 2, 4]);
  });

  test('a frame makes texts again beyond frameBytes, with the same content', () => {
    const { rib } = fakeDeps();
    rib.neighbors.set(1, neighbor(1));
    const changes = [rib.announce(1, '203.0.113.1/32')] as never;
    const frame = new SharedFrame({ seq: 1, changes, sessions: [], verdicts: [], gap: null }, 0, false, rib);
    expect(frame.route(0)).not.toBe(frame.route(0));
    expect(frame.route(0)).toEqual(frame.route(0));
  });

  test('a filter keeps filterCache answers; a later id replaces an earlier one', () => {
    const deps = fakeDeps();
    deps.rib.neighbors.set(1, neighbor(1));
    for (const i of [0, 1, 2]) deps.rib.announce(1, `203.0.113.${i}/32`);
    const reads = vi.spyOn(deps.rib, 'prefixText');
    const { nlri } = compileFilter({ prefix: '203.0.113.0/32' }, deps);
    const answers = [0, 1, 0, 2, 2, 0].map((id) => nlri(id));
    expect(answers).toEqual([true, false, true, false, false, true]);
    expect(reads.mock.calls).toEqual([[0], [1], [2], [0]]);
  });

  test('a channel keeps streamFilterCache answers', () => {
    const deps = fakeDeps();
    deps.rib.neighbors.set(1, neighbor(1));
    for (const i of [0, 1]) deps.rib.announce(1, `203.0.113.${i}/32`);
    const reads = vi.spyOn(deps.rib, 'prefixText');
    const { filter } = new Channels(deps).acquire({ type: 'subscribe', id: 'a', filter: { prefix: '203.0.113.0/32' } });
    expect([0, 0, 1, 0].map((id) => filter.nlri(id))).toEqual([true, true, false, true]);
    expect(reads.mock.calls).toEqual([[0], [1], [0]]);
  });
});

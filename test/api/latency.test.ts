/** What was measured of speakers, as scrapers and people see it. */

import { expect, it } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import type { LatencyKind, LatencyView } from '../../src/collector/latency.ts';
import { node, peer } from '../support/metallb-objects.ts';
import { clusterScene } from './cluster.ts';
import { scene } from './support.ts';

it('a measurement falls into the buckets of its node', async () => {
  let observe: (kind: LatencyKind, node: string, seconds: number) => void = () => {};
  const latency: LatencyView = { figures: () => null, subscribe: (observer) => (observe = observer) };
  const { get } = await scene(() => {}, { latency });
  observe('advertise', 'node-1', 0.3);
  observe('advertise', 'node-1', 12);
  observe('withdraw', 'node-2', 1);
  const lines = (await get('/metrics')).body.split('\n') as string[];
  for (const line of [
    'peerglass_time_to_advertise_seconds_bucket{le="0.25",node="node-1"} 0',
    'peerglass_time_to_advertise_seconds_bucket{le="0.5",node="node-1"} 1',
    'peerglass_time_to_advertise_seconds_bucket{le="15",node="node-1"} 2',
    'peerglass_time_to_advertise_seconds_count{node="node-1"} 2',
    'peerglass_time_to_withdraw_seconds_bucket{le="1",node="node-2"} 1',
  ])
    expect(lines).toContain(line);
});

it('a node shows its figures, or that nothing was measured', async () => {
  const latency: LatencyView = {
    figures: (_, kind) =>
      kind === 'advertise'
        ? { count: 2, p50: 0.3, p99: 12, last: 12, lastAt: Date.parse('2026-01-01T00:00:05Z') }
        : null,
    subscribe: () => {},
  };
  const { get, deps } = await clusterScene([node('node-1'), peer('tor-1')]);
  Object.assign(deps, { latency });
  expect((await get('/api/v1/nodes/node-1')).body.data).toMatchObject({
    timeToAdvertise: { count: 2, p50: 0.3, p99: 12, last: 12, lastAt: '2026-01-01T00:00:05.000000Z' },
    timeToWithdraw: null,
  });
});

it('more nodes than have their own series share one', async () => {
  let observe: (kind: LatencyKind, node: string, seconds: number) => void = () => {};
  const latency: LatencyView = { figures: () => null, subscribe: (observer) => (observe = observer) };
  const { get } = await scene(() => {}, { latency });
  for (let i = 0; i < limits.nodeSeries + 3; i++) observe('advertise', `node-${i}`, 1);
  const { body } = await get('/metrics');
  expect(body.match(/^peerglass_time_to_advertise_seconds_count/gm)).toHaveLength(limits.nodeSeries + 1);
  expect(body).toContain('peerglass_time_to_advertise_seconds_count{node="other"} 3');
});

/** Lists and texts beside the figures, bounded. */
import { expect, it } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { scene } from './support.ts';

it('many problems and gaps, and long texts, are cut', async () => {
  const { get, deps } = await scene();
  const text = 'x'.repeat(1_000_000);
  const status = deps.status();
  const problems = Array.from({ length: 5_000 }, (_, i) => ({ file: `${i}.yaml`, text }));
  const gaps = Array.from({ length: 5_000 }, (_, i) => ({ from: 2 * i, to: 2 * i, at: 0, reason: 'disk full' }));
  const source = {
    name: 'manifests',
    kind: 'manifests' as const,
    synced: false,
    readAt: null,
    objects: 0,
    kinds: null,
  };
  Object.assign(deps, { status: () => ({ ...status, gaps, sources: [{ ...source, problems }] }) });
  const { data } = (await get('/api/v1/status')).body;
  expect(data.gaps).toHaveLength(limits.statusRows);
  expect(data.gaps.at(-1)).toMatchObject({ from: 9_998 });
  expect(data.sources[0]).toMatchObject({ problemCount: 5_000 });
  expect(data.sources[0].problems).toHaveLength(limits.statusRows);
  expect(data.sources[0].problems[0].text).toBe(`${'x'.repeat(limits.statusText)}…`);
  expect((await get('/readyz')).body.checks.at(-1).text).toHaveLength(limits.statusText + 1);
});

it('the row of a Service in /lookup names lookupAddresses of its addresses', async () => {
  const { get, deps } = await scene();
  const chain = Array.from({ length: 5 }, (_, i) => ({ service: 'web/shop', ip: `192.0.2.${i}` }));
  const table = { sessions: [{ node: 'node-1', bgpPeer: 'tor-1' }], routes: () => [{ chain }], nodes: new Map() };
  Object.assign(deps, { expectations: () => table });
  const { results } = (await get('/api/v1/lookup?q=shop')).body.data;
  expect(results[0].text).toBe('service with 192.0.2.0, 192.0.2.1, 192.0.2.2 and 2 more');
});

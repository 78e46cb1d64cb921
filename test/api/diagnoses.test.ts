/** `/diagnoses`: what is listed, by which filters, and how the catalog, the status and the metrics show it. */
import { describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../src/diagnoses/types.ts';
import { epoch, type FakeDeps } from '../support/fake-views.ts';
import { scene } from './support.ts';

const diagnosis = (code: string, some: Partial<Diagnosis> = {}): Diagnosis => ({
  code,
  severity: 'warning',
  title: 'peers selects no session',
  text: 'BGPAdvertisement a lists the peer tor1.',
  hint: 'Put metadata.name of a BGPPeer into spec.peers.',
  node: null,
  bgpPeer: null,
  neighbor: null,
  prefix: null,
  service: null,
  objects: [{ kind: 'BGPAdvertisement', namespace: 'metallb-system', name: 'a' }],
  evidence: [],
  since: epoch,
  ...some,
});
const found = [
  diagnosis('tcp-md5', { severity: 'critical', node: 'node-1' }),
  diagnosis('odd-next-hop', { node: 'node-1', neighbor: 1, prefix: 'fc00::1/128' }),
  diagnosis('odd-next-hop', { node: 'node-2', neighbor: 2, prefix: 'fc00::1/128' }),
  diagnosis('service-moved', { severity: 'info', service: 'default/web' }),
];
const row = {
  code: 'tcp-md5',
  severity: 'critical' as const,
  title: 'TCP MD5 password mismatch',
  aliases: ['md5-of-old'],
  looksFor: 'segments that the kernel drops.',
  found: 1,
  foundBySeverity: { critical: 1, warning: 0, info: 0 },
  notListed: 0,
};
const set = (deps: FakeDeps): void => {
  deps.diagnoses.rows = found;
  deps.diagnoses.checks = [row];
};

describe('GET /diagnoses', () => {
  it.each([
    ['', ['tcp-md5', 'odd-next-hop', 'odd-next-hop', 'service-moved']],
    ['?code=tcp-md5,service-moved', ['tcp-md5', 'service-moved']],
    ['?code=md5-of-old', ['tcp-md5']],
    ['?severity=critical', ['tcp-md5']],
    ['?node=node-1', ['tcp-md5', 'odd-next-hop']],
    ['?neighbor=2', ['odd-next-hop']],
    ['?service=default/web', ['service-moved']],
    ['?prefix=fc00::1/128&severity=warning', ['odd-next-hop', 'odd-next-hop']],
    ['?code=no-such-code', []],
  ])('%s', async (query, codes) => {
    const { get } = await scene(set);
    const { status, body } = await get(`/api/v1/diagnoses${query}`);
    expect(status).toBe(200);
    expect(body.data.map(({ code }: Diagnosis) => code)).toEqual(codes);
  });

  it('shows everything of one', async () => {
    const { get } = await scene(set);
    const { body } = await get('/api/v1/diagnoses?limit=1');
    expect(body.data).toEqual([{ ...found[0], since: '2026-01-01T00:00:00.000000Z' }]);
  });

  it('goes on behind a cursor', async () => {
    const { get } = await scene(set);
    const first = await get('/api/v1/diagnoses?limit=3');
    const second = await get(`/api/v1/diagnoses?limit=3&cursor=${first.body.page.nextCursor}`);
    expect([first.body.data.length, second.body.data.length, second.body.page.nextCursor]).toEqual([3, 1, null]);
  });

  it('counts facets over everything that matches', async () => {
    const { get } = await scene(set);
    const { body } = await get('/api/v1/diagnoses?facets=code,severity,node&limit=1&node=node-1');
    expect(body.facets).toEqual({
      code: {
        values: [
          { value: 'odd-next-hop', count: 1 },
          { value: 'tcp-md5', count: 1 },
        ],
        truncated: false,
      },
      severity: {
        values: [
          { value: 'critical', count: 1 },
          { value: 'warning', count: 1 },
        ],
        truncated: false,
      },
      node: { values: [{ value: 'node-1', count: 2 }], truncated: false },
    });
  });

  it.each(['severity=bad', 'facets=prefix', 'prefix=10.0.0.1/24', 'neighbor=nobody', 'cursor=x'])(
    'refuses %s',
    async (query) => {
      const { get } = await scene(set);
      expect((await get(`/api/v1/diagnoses?${query}`)).status).toBeGreaterThanOrEqual(400);
    },
  );

  it('answers 304 until the checks were through again', async () => {
    const { get, deps } = await scene(set);
    const { headers } = await get('/api/v1/diagnoses');
    const again = { 'if-none-match': String(headers['etag']) };
    expect((await get('/api/v1/diagnoses', again)).status).toBe(304);
    deps.diagnoses.evaluatedAt = epoch + 3_000;
    expect((await get('/api/v1/diagnoses', again)).status).toBe(200);
  });

  it('is CSV when asked', async () => {
    const { get } = await scene(set);
    const { body } = await get('/api/v1/diagnoses?format=csv&fields=code,severity,node');
    expect(body.split(/\r?\n/).slice(0, 2)).toEqual(['code,severity,node', 'tcp-md5,critical,node-1']);
  });
});

describe('beside the list', () => {
  it('the catalog says what is looked for', async () => {
    const { get } = await scene(set);
    const { body } = await get('/api/v1/diagnoses/catalog');
    expect(body.data).toEqual({ evaluatedAt: '2026-01-01T00:00:00.000000Z', checks: [row] });
  });

  it('the status counts them', async () => {
    const { get } = await scene(set);
    expect((await get('/api/v1/status')).body.data.diagnoses).toEqual({ critical: 1, warning: 2, info: 1 });
  });

  it('a metric counts them by code and severity', async () => {
    const { get } = await scene(set);
    expect((await get('/metrics')).body).toContain('peerglass_diagnoses{code="tcp-md5",severity="critical"} 1');
  });
});

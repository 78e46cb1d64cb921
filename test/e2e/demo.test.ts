/** `npm run demo`: every view has data within ten seconds, and Ctrl-C removes all files. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page, Summary } from '../../src/api/schemas.ts';
import { ownNetwork } from '../support/netns.ts';
import { type Child, start } from '../support/processes.ts';
import { StreamClient } from '../support/product-stream.ts';
import { until } from '../support/wait.ts';

const soon = 10_000;
let demo: Child;
let url = '';

beforeAll(async () => {
  ownNetwork();
  demo = start([process.execPath, join(import.meta.dirname, '../demo/demo.ts')]);
  url = await until('the demo prints the URL', () => /page: (\S+)/.exec(demo.log())?.[1], {
    context: () => demo.log(),
  });
});

afterAll(async () => void (await demo?.stop('SIGKILL')));

async function rows(resource: string): Promise<number> {
  const answer = (await (await fetch(`${url}/api/v1/${resource}`)).json()) as Page<unknown>;
  return answer.data.length;
}

describe('the demo', () => {
  it.each([
    ['neighbors?limit=100', 10],
    ['routes', 50],
    ['expectations', 50],
    ['checks?verdict=ok', 50],
    ['checks?verdict=missing', 1],
    ['changes', 50],
    ['neighbors/1/events', 1],
    ['checks?verdict=suppressed', 1],
    ['diagnoses', 1],
    ['l2', 1],
    ['timeline/198.51.100.129%2F32?kind=object,expectation', 2],
  ])('%s shows at least %i rows', async (resource, minRows) => {
    await until(`${resource} has rows`, async () => (await rows(resource)) >= minRows, {
      timeout: soon,
      context: () => demo.log(),
    });
  });

  it('only the faults are wrong', async () => {
    const { data } = (await (await fetch(`${url}/api/v1/checks/summary`)).json()) as { data: Summary };
    // the accepted fault is suppressed; the edit by the demo can be pending
    const { ok, suppressed, pending: _, ...others } = data.verdicts;
    expect(suppressed).toBe(1);
    expect(ok).toBeGreaterThan(50);
    expect(Object.values(others).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2);
    expect(data.sessions).toEqual({ expected: 10, established: 10, elsewhere: 0 });
  });

  it('the live feed sends verdicts', async () => {
    const feed = await StreamClient.open(`${url.replace('http', 'ws')}/api/v1/stream`, { verdicts: true });
    const { to, reasonText } = await feed.next('verdict');
    feed.close();
    expect(to).not.toBeNull();
    expect(reasonText).not.toBe('');
  });

  it('the page is served', async () => {
    expect(await (await fetch(url)).text()).toContain('<script');
  });

  it('Ctrl-C stops it and removes its files', async () => {
    const files = [...demo.log().matchAll(/to edit: (\S+)/g)].map(([, path]) => path!);
    expect(files.map((path) => existsSync(path))).toEqual([true, true]);
    expect((await demo.stop('SIGINT')).code).toBe(0);
    expect(files.map((path) => existsSync(path))).toEqual([false, false]);
    await expect(fetch(url)).rejects.toThrow();
  });
});

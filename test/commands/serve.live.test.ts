/** What `peerglass serve` says when it starts, and when it cannot. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Child, start } from '../support/processes.ts';
import { until } from '../support/wait.ts';

const main = join(import.meta.dirname, '../../src/main.mjs');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerglass-serve-'));
  return () => rmSync(folder, { recursive: true });
});

function serve(config: object): Child {
  const file = join(folder, 'peerglass.yaml');
  const listen = { bgp: { listen: ['127.0.0.1:0'] }, http: { listen: '127.0.0.1:0' } };
  writeFileSync(file, JSON.stringify({ ...listen, ...config }));
  const child = start([process.execPath, main, 'serve', '--config', file]);
  onTestFinished(async () => void (await child.stop()));
  return child;
}

/** The texts of the lines that it logged. */
const texts = (child: Child): string[] =>
  child
    .log()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);

describe('peerglass serve', () => {
  it('says where the page, the configuration and the data are', async () => {
    const child = serve({});
    const started = await until('it listens', () => child.log().includes('Peerglass ') && texts(child).at(-1));
    expect(started).toMatch(/^Peerglass [\d.]+: http:\/\/127\.0\.0\.1:\d+, /);
    expect(started).toContain(`configuration ${join(folder, 'peerglass.yaml')}, data ${join(folder, 'data')}`);
  });

  it('says once that the BGP port is taken, and which key names it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const child = serve({ bgp: { listen: [address] } });
    expect((await child.exited).code).toBe(78);
    expect(texts(child)).toEqual([`bgp.listen ${address}: address already in use; is another Peerglass running?`]);
  });

  it.each([
    ['a file', () => writeFileSync(join(folder, 'data'), ''), 'is a file'],
    [
      'one with a database that is none',
      () => {
        mkdirSync(join(folder, 'data'));
        writeFileSync(join(folder, 'data/peerglass.db'), 'no database '.repeat(100));
      },
      'has a damaged or foreign database: run `peerglass db salvage',
    ],
  ])('does not start on a data folder that is %s, and says what to do', async (_, prepare, text) => {
    prepare();
    const child = serve({});
    expect((await child.exited).code).toBe(78);
    expect(texts(child)).toEqual([expect.stringContaining(`data: ${join(folder, 'data')} ${text}`)]);
    expect(texts(child)[0]).toContain('set `data` to');
  });
});

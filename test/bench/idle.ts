/**
 * The cost of a collector without neighbors: the time from exec to a ready /readyz, the processor time of that start,
 * and the resident memory when it is idle. The first start fills the compile cache and does not count.
 *
 *     node test/bench/idle.ts [--rounds 5]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { serve } from './peerglass.ts';
import { cpuSeconds, memoryMiB, start } from './processes.ts';
import { table } from './report.ts';
import { median, spread } from './statistics.ts';

/** On a machine that does nothing else. */
const targets = { readySeconds: 1, memoryMiB: 110 };
/** From ready to idle, ms. */
const settleMs = 10_000;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const folder = mkdtempSync(join(tmpdir(), 'peerglass-idle-'));
const port = await freePort();
const config = join(folder, 'peerglass.yaml');
writeFileSync(
  config,
  `data: ${folder}/data
bgp: { listen: ["127.0.0.1:${await freePort()}"] }
http: { listen: "127.0.0.1:${port}" }
`,
);

async function measure(): Promise<{ ready: number; cpu: number; memory: number }> {
  mkdirSync(join(folder, 'data'), { recursive: true });
  const from = performance.now();
  // the shell that starts it becomes the collector
  const child = start(serve(config), folder);
  const pids = [child.pid!];
  await until('Peerglass to be ready', isReady, { timeout: 60_000, every: 5 });
  const ready = (performance.now() - from) / 1_000;
  const cpu = cpuSeconds(pids);
  await delay(settleMs);
  const memory = memoryMiB(pids, 'VmRSS');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  return { ready, cpu, memory };
}

/** `fetch` would make this process slow on its first use. */
const isReady = (): Promise<boolean> =>
  new Promise((resolve) => {
    request({ port, path: '/readyz', agent: false }, (answer) => resolve(answer.resume().statusCode === 200))
      .on('error', () => resolve(false))
      .end();
  });

try {
  await measure();
  const results = [];
  for (let round = 1; round <= Number(values.rounds); round++) results.push(await measure());
  const row = (what: string, figures: number[], digits: number, target?: number) => [
    what,
    spread(figures, digits),
    target === undefined ? '' : `≤ ${target}`,
    target === undefined ? '' : median(figures) <= target ? 'reached' : 'missed',
  ];
  const rows = [
    ['', 'measured', 'target', ''],
    row(
      'ready, s',
      results.map(({ ready }) => ready),
      2,
      targets.readySeconds,
    ),
    row(
      'CPU until ready, s',
      results.map(({ cpu }) => cpu),
      2,
    ),
    row(
      'idle memory, MiB',
      results.map(({ memory }) => memory),
      0,
      targets.memoryMiB,
    ),
  ];
  console.log(table(rows));
} finally {
  rmSync(folder, { recursive: true });
}

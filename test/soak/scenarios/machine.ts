/** Disk, clock, processes: what the machine does to the collector. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/wait.ts';
import { leakKey } from '../addresses.ts';
import type { Disk } from '../faults.ts';
import type { World } from '../world.ts';
import { churn } from './routes.ts';
import type { Scenario } from './scenario.ts';

/** How soon the deletion of the database must be noticed, ms. */
const noticeTimeout = 10_000;

/** Amid changes the disk is `disk` until the status says so; then it is well again. */
const badDisk =
  (disk: Disk): Scenario['run'] =>
  async (world) => {
    const { product, faults, speakers, random } = world;
    const session = random.integer(0, 199);
    faults.disk(disk);
    try {
      await until(
        'the status says degraded',
        async () => {
          // many UPDATEs, so that the journal has to grow
          await speakers.announceEach(session, leakKey(session), 2_000, random.integer(1, 1e6));
          return (await product.status()).degraded !== null;
        },
        { timeout: 60_000, every: 250 },
      );
      await churn(3_000)(world);
    } finally {
      faults.clear();
    }
    await until(
      'the database is written again',
      async () => {
        await speakers.announce([session], leakKey(session), 10, random.integer(1, 1e6));
        return (await product.status()).degraded === null;
      },
      { timeout: 30_000, every: 500, context: () => world.logTail() },
    );
    await speakers.withdraw([session], leakKey(session), 2_000);
  };

export const diskFull: Scenario = {
  name: 'disk-full',
  what: 'writes get ENOSPC until the status says degraded and 3 s longer, amid churn',
  run: badDisk('full'),
};

export const diskFailing: Scenario = {
  name: 'disk-failing',
  what: 'writes and fsync get EIO until the status says degraded and 3 s longer, amid churn',
  run: badDisk('failing'),
};

export const diskSlow: Scenario = {
  name: 'disk-slow',
  what: 'each fsync takes 2 s, amid churn for 8 s',
  async run(world) {
    world.faults.syncDelay(2_000);
    try {
      await churn(8_000)(world);
    } finally {
      world.faults.clear();
    }
  },
};

/** The collector ends amid changes, and starts again on the same data. */
const ending =
  (signal: 'SIGKILL' | 'SIGTERM'): Scenario['run'] =>
  async (world) => {
    const changes = churn(4_000)(world);
    await delay(world.random.integer(1_000, 3_500));
    await world.restart(signal, world.random.integer(0, 1_000));
    await changes;
  };

export const kill: Scenario = {
  name: 'kill',
  what: 'kill -9 amid churn, and a start on the same data',
  run: ending('SIGKILL'),
};

export const terminate: Scenario = {
  name: 'terminate',
  what: 'SIGTERM amid churn, and a start on the same data',
  run: ending('SIGTERM'),
};

export const killFull: Scenario = {
  name: 'kill-in-a-leak',
  what: 'kill -9 while 100,000 routes that nothing expects come in, and a start on the same data',
  async run(world) {
    const { speakers, random } = world;
    const session = random.integer(0, 190);
    const leak = speakers.announce([session, session + 1], leakKey(session), 50_000);
    await delay(random.integer(100, 3_000));
    await world.restart('SIGKILL');
    await leak;
    await speakers.settled();
    await speakers.withdraw([session, session + 1], leakKey(session), 50_000);
  },
};

export const held: Scenario = {
  name: 'held',
  what: 'SIGSTOP for 1.5 s, shorter than the hold timer; then for 8 s, which takes all sessions along',
  async run(world) {
    await world.hold(1_500, false);
    await delay(2_000);
    await world.hold(8_000, true);
  },
};

export const clockJumps: Scenario = {
  name: 'clock-jumps',
  what: 'the wall clock jumps an hour forth, two back, and to where it was, amid churn',
  async run(world) {
    const { product, faults, fail } = world;
    const seconds = 3_600;
    const started = performance.now();
    const before = (await product.status()).uptimeSeconds;
    try {
      for (const offset of [seconds, -seconds, 0]) {
        faults.clock(offset);
        await churn(3_000)(world);
        const { uptimeSeconds } = await product.status();
        const passed = (performance.now() - started) / 1_000;
        if (Math.abs(uptimeSeconds - before - passed) > 5)
          fail(
            'scenario',
            `uptimeSeconds went from ${before} to ${uptimeSeconds} in ${passed.toFixed(1)} s, with the wall clock off by ${offset} s`,
          );
        await until('what was changed is durable', async () => {
          const { seq, watermark } = await product.status();
          return seq === watermark;
        });
      }
    } finally {
      faults.clear();
    }
  },
};

export const databaseDeleted: Scenario = {
  name: 'database-deleted',
  what: 'the files of the database are deleted while running: it is noticed, and written anew where possible',
  async run(world) {
    const { product, speakers, clients, random } = world;
    const { gaps } = await product.status();
    for (const name of readdirSync(world.data).filter((file) => /\.db(-wal|-shm)?$/.test(file)))
      rmSync(join(world.data, name));
    const session = random.integer(0, 199);
    await until(
      'the deletion is noticed',
      async () => {
        await speakers.announce([session], leakKey(session), 10, random.integer(1, 1e6));
        const status = await product.status();
        return status.degraded !== null || status.gaps.length > gaps.length;
      },
      { timeout: noticeTimeout, every: 250 },
    );
    await speakers.withdraw([session], leakKey(session), 10);
    for (const path of ['/api/v1/findings', '/api/v1/changes', '/api/v1/checks/summary'])
      await answersWithReason(world, path);
    // what was published before is lost with the files
    await clients.forget();
    await churn(1_000)(world);
    await world.restart('SIGTERM');
  },
};

async function answersWithReason(world: World, path: string): Promise<void> {
  const { status, text } = await world.request('GET', path);
  if (status >= 500 && status !== 503) world.fail('documented answers', `GET ${path}: ${status} ${text.slice(0, 200)}`);
}

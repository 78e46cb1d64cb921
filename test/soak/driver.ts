/** Runs scenarios one after the other, watches all the time, compares when it is quiet, and says what it saw. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guestSessions, serviceCount, serviceKey, sessionAddress, sessionCount } from './addresses.ts';
import type { Clients } from './clients.ts';
import { MemoryGroup, maxMemory, startCollector } from './collector.ts';
import { Faults } from './faults.ts';
import { always, checkQuiet, type Seen } from './invariants.ts';
import type { Probe } from './probe.ts';
import { Random } from './random.ts';
import { connect } from './rpc.ts';
import { range, type Scenario } from './scenarios/scenario.ts';
import type { Speakers } from './speakers.ts';
import { Summary } from './summary.ts';
import { type Failure, World } from './world.ts';

/** One live client in so many never reads. */
const stalledShare = 10;
const watchEveryMs = 2_000;
const progressEveryMs = 10_000;

export interface SoakOptions {
  /** Each scenario runs once in any case; then random ones until this time is over. */
  minutes: number;
  seed: number;
  scenarios: readonly Scenario[];
  /** Live clients. */
  clients: number;
  /** Keep the folder with database and log. */
  keep: boolean;
  /** Fail for delays above their limits; they are printed in any case. */
  judgeDelays: boolean;
}

/** Runs the soak in this process's network; answers what failed. */
export async function soak(options: SoakOptions): Promise<Failure[]> {
  const { minutes, seed, scenarios, clients: clientCount, keep } = options;
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-soak-'));
  const data = join(folder, 'data');
  const faults = new Faults(folder, data);
  const group = MemoryGroup.make();
  console.log(
    group
      ? `The kernel limits the collector to ${maxMemory / 2 ** 20} MiB (${group.folder}).`
      : 'This system lets us make no control group: memory is measured, not limited.',
  );
  const speakers = connect<Speakers>(join(import.meta.dirname, 'speakers.ts'));
  const clients = connect<Clients>(join(import.meta.dirname, 'clients.ts'));
  const probe = connect<Probe>(join(import.meta.dirname, 'probe.ts'));
  const product = await startCollector(data, faults, group);
  const parts = { product, data, faults, speakers: speakers.remote, clients: clients.remote, probe: probe.remote };
  const world = new World(parts);
  const interrupt = (): void => {
    process.kill(product.pid, 'SIGKILL');
    if (!keep) for (const each of [folder, product.directory]) rmSync(each, { recursive: true, force: true });
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  process.once('exit', () => group?.remove());
  const summary = new Summary();
  try {
    await prepare(world, clientCount);
    const watch = startWatching(world, summary, options.judgeDelays);
    const end = performance.now() + minutes * 60_000;
    for (const [at, scenario] of order(scenarios, seed, end)) {
      world.scenario = scenario.name;
      world.random = new Random(seed * 1_000 + at);
      await runScenario(world, scenario, summary);
    }
    world.scenario = 'end';
    await watch();
    summary.checkMemory(world);
    await world.stop('SIGTERM');
  } finally {
    for (const child of [speakers, clients, probe]) child.close();
    await product.stop();
    if (keep) console.log(`Kept: ${folder}, ${product.directory}`);
    else {
      await product.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  summary.print(world);
  return world.failures;
}

/** Each scenario once in a random order, then random ones until `end`; with its number. */
function* order(scenarios: readonly Scenario[], seed: number, end: number): Generator<[number, Scenario]> {
  const random = new Random(seed);
  let at = 0;
  for (const scenario of random.shuffle(scenarios)) yield [at++, scenario];
  while (performance.now() < end) yield [at++, random.pick(scenarios)];
}

/** All sessions up with the routes of all services, all live clients connected, everything as the tally says. */
async function prepare(world: World, clientCount: number): Promise<void> {
  const { product, speakers, clients } = world;
  const sessions = range(0, sessionCount);
  await speakers.announce(sessions, serviceKey(0), serviceCount);
  await speakers.open(sessions);
  await world.watch();
  const stalled = Math.floor(clientCount / stalledShare);
  await clients.start(product.url, clientCount, stalled);
  await checkQuiet(world);
  console.log(
    `${sessionCount} sessions from ${sessionAddress(0)} on, ${guestSessions.count} guests, ${clientCount} live clients of which ${stalled} never read.`,
  );
}

async function runScenario(world: World, scenario: Scenario, summary: Summary): Promise<void> {
  const started = performance.now();
  const failed = world.failures.length;
  try {
    await scenario.run(world);
  } catch (error) {
    world.fail('scenario', (error as Error).message.split('\n').slice(0, 4).join(' ').slice(0, 800));
  }
  world.faults.clear();
  await recover(world);
  await world.speakers.reset(sessionCount, serviceKey(0), serviceCount);
  await checkQuiet(world);
  await recover(world);
  summary.ran(scenario.name, performance.now() - started, world.failures.length - failed);
}

/** After a crash the next scenario needs a collector, and the services' routes alone. */
async function recover(world: World): Promise<void> {
  try {
    await world.ensureRunning();
  } catch (error) {
    throw new Error(`the collector cannot be started again: ${(error as Error).message}`, { cause: error });
  }
}

/** Every 2 s the invariants that hold always; every 10 s a line. Returns how to end that. */
function startWatching(world: World, summary: Summary, judgeDelays: boolean): () => Promise<void> {
  const started = performance.now();
  let nextLine = started + progressEveryMs;
  let isOver = false;
  const look = async (): Promise<void> => {
    const [report, tally, clients] = await Promise.all([
      world.probe.report(),
      world.speakers.tally(),
      world.clients.tally(),
    ]);
    const seen: Seen = { report, tally, clients };
    for (const { name, check, isDelay = false } of always) {
      const wrong = isDelay && !judgeDelays ? null : check(seen);
      if (wrong !== null) world.fail(name, wrong);
    }
    summary.add(seen);
    if (performance.now() < nextLine) return;
    nextLine += progressEveryMs;
    console.log(summary.line(world.scenario, performance.now() - started, world.failures.length));
  };
  const run = (async () => {
    while (!isOver) {
      await delay(watchEveryMs);
      await look();
    }
  })();
  return async () => {
    isOver = true;
    await run;
  };
}

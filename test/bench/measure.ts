/** One start of one subject under one load: the stopwatch. */
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/product.ts';
import { Injector } from './injector.ts';
import { cpuSeconds, endTree, memoryMiB, processTree, start } from './processes.ts';
import type { Scenario } from './scenarios.ts';
import type { Run, Subject } from './subject.ts';

/** When a point was seen, and what it had cost by then. */
export interface Reading {
  /** From the first UPDATE octet to the answer that showed it. */
  seconds: number;
  /** To the question before that one, which did not show it yet: the truth lies between the two. */
  notBefore: number;
  /** CPU seconds of all its processes since the sessions were established, answering polls included. */
  cpu: number;
  /** Sum of the peaks of its processes up to here. */
  peakRssMiB: number;
}

export interface Result {
  scenario: string;
  quick: boolean;
  round: number;
  subject: string;
  /** By name of point; a missing one did not come true in time. */
  readings: Record<string, Reading>;
  /** Routes that the last poll showed. */
  routes: number;
  baseRssMiB: number;
  /** Two seconds after the last point. */
  peakRssMiB: number;
  polls: number;
  worstPollSeconds: number;
  /** Until the last octet was taken by the kernel; undefined = not by the end. */
  sentSeconds?: number;
  lostSessions?: number;
  error?: string;
}

export interface MeasureOptions {
  subject: Subject;
  scenario: Scenario;
  quick: boolean;
  round: number;
  injector: string;
  folder: string;
}

/** Shortest and longest wait between polls, ms: polling must not become the load. */
const pollLeast = 100;
const pollMost = 5000;
const establishWithin = 90_000;
/** Two seconds behind the last point, what is left of memory peaks and lost sessions shows. */
const afterglow = 2000;

export async function measure(options: MeasureOptions): Promise<Result> {
  const { subject, scenario, round, quick } = options;
  const folder = join(options.folder, `${scenario.name}-${round}-${subject.name}`);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777); // some drop privileges before they write their socket
  const run: Run = { folder, bgpPort: await freePort(), apiPort: await freePort(), scenario };
  const result: Result = {
    scenario: scenario.name,
    quick,
    round,
    subject: subject.name,
    readings: {},
    routes: 0,
    baseRssMiB: 0,
    peakRssMiB: 0,
    polls: 0,
    worstPollSeconds: 0,
  };
  const child = start(subject.command(run), folder);
  let injector: Injector | undefined;
  try {
    await Promise.race([subject.ready(run), end(child)]);
    injector = new Injector(options.injector, scenario, run.bgpPort);
    await watch(run, subject, child, injector, result);
    const problem = subject.verify?.(run);
    if (problem) result.error = problem;
  } catch (error) {
    result.error = `${(error as Error).message} ${tail(folder)}`.trim();
  } finally {
    if (injector) await endTree(injector.process);
    await endTree(child);
  }
  return result;
}

async function watch(
  run: Run,
  subject: Subject,
  child: ChildProcess,
  injector: Injector,
  result: Result,
): Promise<void> {
  await injector.heard('established', establishWithin);
  let tree = processTree(child.pid!);
  const cpuBefore = cpuSeconds(tree);
  result.baseRssMiB = memoryMiB(tree, 'VmRSS');
  const { t: first } = await injector.heard('first', establishWithin);
  const since = () => Math.max(0, Date.now() / 1000 - first);

  let notBefore = 0;
  while (since() < run.scenario.timeout) {
    const asked = since();
    const { routes, reached } = await subject.poll(run);
    const answered = since();
    result.routes = routes;
    result.polls++;
    result.worstPollSeconds = Math.max(result.worstPollSeconds, answered - asked);
    for (const point of reached.filter((name) => !(name in result.readings))) {
      tree = processTree(child.pid!);
      const cpu = cpuSeconds(tree) - cpuBefore;
      result.readings[point] = { seconds: answered, notBefore, cpu, peakRssMiB: memoryMiB(tree, 'VmHWM') };
    }
    if (subject.points.every((point) => point in result.readings)) break;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('ended by itself');
    notBefore = asked;
    await sleep(Math.min(pollMost, Math.max(pollLeast, subject.pollFactor * (answered - asked) * 1000)));
  }

  await sleep(afterglow);
  result.peakRssMiB = memoryMiB(processTree(child.pid!), 'VmHWM');
  const sent = injector.said('sent');
  if (sent) Object.assign(result, { sentSeconds: sent.seconds, lostSessions: sent.closed });
  if (sent?.closed) throw new Error(`${sent.closed} sessions lost: ${injector.complaints}`);
}

/** Rejects when `child` ends. */
async function end(child: ChildProcess): Promise<never> {
  await new Promise((resolve) => child.once('exit', resolve));
  throw new Error('ended at its start:');
}

function tail(folder: string): string {
  return readFileSync(join(folder, 'output'), 'utf8').slice(-800);
}

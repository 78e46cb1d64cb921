/** What /proc says of a process and its descendants, and how they are ended. Linux only. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

let ticksPerSecond = 0;

/** `pid` and its descendants that live now. */
export function processTree(pid: number): number[] {
  const tree: number[] = [];
  const todo = [pid];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    tree.push(next);
    const children = read(`/proc/${next}/task/${next}/children`);
    for (const child of children.split(' ')) if (child.trim()) todo.push(Number(child));
  }
  return tree;
}

/** User and system time used so far by all threads of `pids`, seconds (resolution: one clock tick, 10 ms). */
export function cpuSeconds(pids: readonly number[]): number {
  ticksPerSecond ||= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  let ticks = 0;
  for (const pid of pids) {
    // The command name is in parentheses and may hold blanks: count fields behind it. utime and stime are 14 and 15.
    const fields = read(`/proc/${pid}/stat`).split(')').at(-1)!.trim().split(' ');
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / ticksPerSecond;
}

/** Sum over `pids` of the resident set, now (`VmRSS`) or at its peak (`VmHWM`), in MiB. */
export function memoryMiB(pids: readonly number[], key: 'VmRSS' | 'VmHWM'): number {
  let kib = 0;
  for (const pid of pids) kib += Number(new RegExp(`${key}:\\s+(\\d+)`).exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  return kib / 1024;
}

/** Ends `child` and every descendant: SIGTERM, then SIGKILL to what is left after `patience` ms. */
export async function endTree(child: ChildProcess, patience = 10_000): Promise<void> {
  if (child.pid === undefined) return;
  // OpenBGPD's route decision engine outlives a parent that is killed, and goes on computing: remember them all.
  const tree = processTree(child.pid);
  child.kill('SIGTERM');
  const deadline = performance.now() + patience;
  while (tree.some(isAlive) && performance.now() < deadline) await sleep(50);
  for (const pid of tree.filter(isAlive)) process.kill(pid, 'SIGKILL');
}

function isAlive(pid: number): boolean {
  const status = read(`/proc/${pid}/stat`);
  return status !== '' && !/\) Z /.test(status);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}

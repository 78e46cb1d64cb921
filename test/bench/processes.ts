/** How programs are started and ended, descendants included, and what /proc says of them. Linux only. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

let ticksPerSecond = 0;
const running = new Set<ChildProcess>();

/**
 * Starts `command` with as many file descriptors as it may have, killed by the kernel should we go first. What it
 * prints goes to `folder`/output.
 */
export function start(command: string[], folder: string): ChildProcess {
  const output = openSync(join(folder, 'output'), 'w');
  const shell = 'ulimit -n "$(ulimit -Hn)"; exec setpriv --pdeathsig KILL "$@"';
  const child = spawn('sh', ['-c', shell, 'sh', ...command], { stdio: ['ignore', output, output] });
  closeSync(output);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Kills whatever `start` started, with all descendants: the kernel sees to the children only. */
export function killAll(): void {
  for (const { pid } of running)
    for (const member of pid === undefined ? [] : processTree(pid).filter(isAlive)) process.kill(member, 'SIGKILL');
}

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

/** What the numbers were measured on. */
import { closeSync, fsyncSync, openSync, readFileSync, statfsSync, writeSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { packageVersion } from '../support/debian.ts';
import { median } from './statistics.ts';
import type { Subject } from './subject.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  kernel: string;
  node: string;
  /** Load average over the last minute, before the first run: other work shares the cores. */
  loadBefore: number;
  /** Milliseconds to write and fsync 4 KiB where the data goes: median and worst of 50. */
  fsyncMs: { median: number; worst: number };
  /** Debian package versions. */
  daemons: Record<string, string>;
}

export function machine(folder: string, subjects: readonly Subject[]): Machine {
  const cpus = os.cpus();
  const installed = subjects.filter((subject) => subject.package !== undefined);
  return {
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: /^PRETTY_NAME="(.*)"/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? os.type(),
    kernel: os.release(),
    node: process.version,
    loadBefore: os.loadavg()[0]!,
    fsyncMs: fsyncTimes(folder),
    daemons: Object.fromEntries(
      installed.map(({ label, package: name }) => [label, packageVersion(name!) ?? 'missing']),
    ),
  };
}

export function describeMachine(facts: Machine): string {
  const { cpu, cores, memoryGiB, system, kernel, node, loadBefore, fsyncMs } = facts;
  const daemons = Object.entries(facts.daemons).map((pair) => pair.join(' '));
  return [
    `${cores} × ${cpu}, ${memoryGiB} GiB, ${system}, kernel ${kernel}, load ${loadBefore.toFixed(2)} before the start`,
    `fsync of 4 KiB: median ${fsyncMs.median.toFixed(2)} ms, worst ${fsyncMs.worst.toFixed(2)} ms`,
    `Node ${node}; ${daemons.join(', ')}`,
  ].join('\n');
}

function fsyncTimes(folder: string): Machine['fsyncMs'] {
  const file = openSync(join(folder, 'fsync'), 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 50 }, () => {
    const before = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    return performance.now() - before;
  });
  closeSync(file);
  return { median: median(times), worst: Math.max(...times) };
}

const tmpfsMagic = 0x01021994;

/** Whether `folder` lives in memory, where a commit costs nothing. */
export const isInMemory = (folder: string): boolean => statfsSync(folder).type === tmpfsMagic;

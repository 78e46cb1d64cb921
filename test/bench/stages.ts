/**
 * What each stage of the way of an UPDATE costs by itself: in process, one thread, no socket, no disk.
 *
 *     node test/bench/stages.ts FILE [--rounds 5]      FILE: what `inject --dump` wrote
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Batch, BatchWriter, RecordKind } from '../../src/events.ts';
import { Rib } from '../../src/rib/rib.ts';
import { isCleanUpdate } from '../../src/wire/check.ts';
import type { UpdateContext } from '../../src/wire/context.ts';
import { Framer } from '../../src/wire/framer.ts';
import { MessageType } from '../../src/wire/iana.ts';
import { type RouteSink, walkUpdate } from '../../src/wire/walk.ts';
import { established } from './established.ts';
import { table } from './report.ts';
import { spread } from './statistics.ts';

/** Octets that a socket hands over at once. */
const chunkLength = 65_536;
/** As the speaker does it. */
const batchLength = 256 * 1024;
const session = 1;
const context: UpdateContext = {
  as4: true,
  ibgp: false,
  ipv4: true,
  ipv6: true,
  addPath4: false,
  addPath6: false,
  extendedNextHop: true,
};

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const octets = readFileSync(positionals[0]!);
const rounds = Number(values.rounds);

/** Cuts the octets as a socket would, and hands on the UPDATEs. */
function frame(onUpdate: (bytes: Uint8Array, start: number, end: number) => void): void {
  const framer = new Framer();
  for (let at = 0; at < octets.length; at += chunkLength)
    framer.push(octets.subarray(at, at + chunkLength), (bytes, start, end, type) => {
      if (type === MessageType.update) onUpdate(bytes, start, end);
    });
}

function walk(): number {
  let routes = 0;
  const count = (): void => void routes++;
  const nothing = (): void => {};
  const sink: RouteSink = {
    attributes: nothing,
    announce4: count,
    announce6: count,
    withdraw4: nothing,
    withdraw6: nothing,
    endOfRib: nothing,
  };
  frame((bytes, start, end) => walkUpdate(bytes, start, end, false, false, sink));
  return routes;
}

function toBatches(): Batch[] {
  const batches: Batch[] = [];
  const writer = new BatchWriter(batchLength * 2);
  writer.appendEvent(session, Date.now(), established('127.1.0.1', 65001, 64512));
  frame((bytes, start, end) => {
    writer.append(RecordKind.message, session, Date.now(), bytes, start, end);
    if (writer.length >= batchLength) batches.push(writer.take());
  });
  batches.push(writer.take());
  return batches;
}

function checkAll(): void {
  frame((bytes, start, end) => {
    if (!isCleanUpdate(bytes, start, end, context)) throw new Error('the load holds an UPDATE that is not clean');
  });
}

function applyAll(batches: readonly Batch[]): Rib {
  const rib = new Rib();
  for (const batch of batches) rib.apply(batch);
  return rib;
}

/** Milliseconds of each round. */
function time(stage: () => unknown): number[] {
  return Array.from({ length: rounds }, () => {
    const before = performance.now();
    stage();
    return performance.now() - before;
  });
}

/** Octets that are in use, garbage not counted. */
function usedOctets(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

let updates = 0;
frame(() => updates++);
const routes = walk();
const batches = toBatches();
// First of all: garbage of the rounds would blur it.
const before = usedOctets();
const rib = applyAll(batches);
const grown = usedOctets() - before;

const stages: [string, () => unknown][] = [
  ['frame', () => frame(() => {})],
  ['frame, check (RFC 7606)', checkAll],
  ['frame, walk to routes', walk],
  ['frame, copy to batches', toBatches],
  ['apply batches to an empty RIB', () => applyAll(batches)],
];

const rows = stages.map(([name, stage]) => {
  const milliseconds = time(stage);
  return [name, spread(milliseconds, 0), `${(routes / Math.min(...milliseconds) / 1000).toFixed(1)} M`];
});
console.log(`${routes} routes in ${updates} UPDATEs, ${rounds} rounds, one thread`);
console.log(table([['', 'ms', 'best, routes/s'], ...rows]));
console.log(
  `  the RIB's tables: ${(grown / 2 ** 20).toFixed(0)} MiB for ${rib.routeCount} routes with ` +
    `${rib.attributeSets.count} attribute sets`,
);

/**
 * What expectations of a large cluster cost: the first ones, and those after one object has changed, by themselves
 * and all the way from the objects to judged rows. With --connected the speakers of so many nodes are there and
 * announce what they should at the start; without, no session ever came, and every row is news.
 *
 *     node test/bench/calculator.ts [--nodes 1000] [--services 5000] [--pools 20] [--advertisements 30] [--changes 40]
 *       [--connected 0]
 */
import { parseArgs } from 'node:util';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { assembleResources, type ReadResult, readObject } from '../../src/metallb/objects/read.ts';
import type { Resources } from '../../src/metallb/objects/resources.ts';
import { Rib } from '../../src/rib/rib.ts';
import { LiveRib } from '../../src/rib/view.ts';
import { VerdictEngine } from '../../src/verdicts/engine.ts';
import { endpointSlice, largeCluster, node, service } from './large-cluster.ts';
import { table as rows } from './report.ts';
import { connect } from './speakers.ts';
import { median } from './statistics.ts';

/** What it means to reach. */
const targets = { firstSeconds: 5, firstMiB: 1024, changeMs: 20 };
/** As the collector does it: nobody waits longer than about this for the main thread, ms. */
const slice = 8;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    services: { type: 'string', default: '5000' },
    pools: { type: 'string', default: '20' },
    advertisements: { type: 'string', default: '30' },
    changes: { type: 'string', default: '40' },
    connected: { type: 'string', default: '0' },
  },
});
const { nodes, services, pools, advertisements, changes, connected } = Object.fromEntries(
  Object.entries(values).map(([name, value]) => [name, Number(value)]),
) as Record<keyof typeof values, number>;
const sizes = { nodes, services, pools, advertisements };

const reached = (is: boolean): string => (is ? 'yes' : 'NO');
const ms = (value: number): string => `${value.toFixed(1)} ms`;
const mebibytes = (): number => process.resourceUsage().maxRSS / 1024;
function timed<T>(work: () => T): [result: T, ms: number] {
  const start = performance.now();
  const result = work();
  return [result, performance.now() - start];
}

/** Every object by kind and name, as its source read it. */
const read = new Map<string, ReadResult>();
function put(raw: object): void {
  const result = readObject({ raw });
  if (!result.object) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  read.set(`${result.object.ref.kind} ${result.object.key}`, result);
}
const [, readMs] = timed(() => largeCluster(sizes).forEach(put));
const mibBefore = mebibytes();

const calculator = createCalculator({
  mode: 'frr',
  namespace: 'metallb-system',
  ignoreExcludeLB: false,
  loadBalancerClass: '',
  fieldValidation: 'strict',
});
let resources: Resources | undefined;
const [assembled, assembleMs] = timed(() => assembleResources(read.values()));
resources = assembled;
const [first, updateMs] = timed(() => calculator.update(assembled));
const [prefixes, prefixesMs] = timed(() => [...first.table.prefixes()]);
const firstMs = assembleMs + updateMs + prefixesMs;
const firstMiB = mebibytes();
if (first.table.refusals.length > 0) throw new Error(JSON.stringify(first.table.refusals[0]));

const rib = new Rib();
connect(rib, first.table, [...first.table.nodes.keys()].slice(0, connected));
const engine = new VerdictEngine({
  rib: new LiveRib(rib),
  now: Date.now,
  graceMs: () => 0,
});
function judge(): void {
  while (engine.busy) engine.step(slice);
}
const [, judgeMs] = timed(() => {
  engine.setExpectations(first.table, first.change);
  for (const id of rib.neighbors.byId.keys()) engine.neighborChanged(id);
  judge();
});
const { verdicts, sessions } = engine.summary();
const expected = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
if (verdicts.ok !== rib.routeCount || verdicts.mismatch + verdicts.unexpected > 0)
  throw new Error(`not as announced: ${JSON.stringify(verdicts)}`);

console.log(
  `  ${nodes} nodes, ${services} services, ${pools} pools, ${advertisements} advertisements: ${read.size} objects, ` +
    `${sessions.expected} sessions, ${prefixes.length} prefixes, ${(expected / 1e6).toFixed(1)} M expected routes, ` +
    `${(rib.routeCount / 1e6).toFixed(1)} M of them received`,
);
console.log(
  rows([
    ['first expectations', '', 'target', 'reached'],
    ['objects read by their schemas', ms(readMs), '', ''],
    ['put together', ms(assembleMs), '', ''],
    ['worked out', ms(updateMs), '', ''],
    ['every prefix', ms(prefixesMs), '', ''],
    ['all but the reading', ms(firstMs), `≤ ${targets.firstSeconds} s`, reached(firstMs <= targets.firstSeconds * 1e3)],
    [
      'peak resident set',
      `${firstMiB.toFixed(0)} MiB`,
      `≤ ${targets.firstMiB} MiB`,
      reached(firstMiB <= targets.firstMiB),
    ],
    ['of it before, with the objects', `${mibBefore.toFixed(0)} MiB`, '', ''],
    ['every row judged, in slices', ms(judgeMs), '', ''],
    ['peak resident set with these', `${mebibytes().toFixed(0)} MiB`, '', ''],
  ]),
);

/** One object that changes; `round` makes it another change each time. */
const kinds: [string, (round: number) => object][] = [
  ['EndpointSlice, Local', (round) => endpointSlice(4 * round + 3, sizes, round + 1)],
  ['EndpointSlice, Cluster', (round) => endpointSlice(4 * round + 1, sizes, round + 1)],
  ['Service, a label', (round) => service(round, sizes, { team: `team-${(round + 1) % 10}` })],
  ['Service, its addresses', (round) => service(round, { ...sizes, pools: pools - 1 })],
  ['Node, a label of nobody', (round) => node(round, { rolled: String(round) })],
  ['Node, the label of its zone', (round) => node(round, { zone: `zone-${(round + 1) % 5}` })],
];
const measured = kinds.map(([name, change]) => {
  const spent = { assemble: [] as number[], update: [] as number[], judge: [] as number[], all: [] as number[] };
  for (let round = 0; round < changes; round++) {
    put(change(round));
    const [next, assemble] = timed(() => assembleResources(read.values(), resources));
    resources = next;
    const [{ table, change: touched }, update] = timed(() => calculator.update(next));
    const [, judging] = timed(() => {
      engine.setExpectations(table, touched);
      judge();
    });
    spent.assemble.push(assemble);
    spent.update.push(update);
    spent.judge.push(judging);
    spent.all.push(assemble + update + judging);
  }
  const figure = (times: readonly number[]): string => `${median(times).toFixed(1)} / ${Math.max(...times).toFixed(1)}`;
  return [
    name,
    ...Object.values(spent).map(figure),
    `≤ ${targets.changeMs}`,
    reached(median(spent.all) <= targets.changeMs),
  ];
});
console.log(
  rows([
    ['one object changed, median / worst ms', 'put together', 'worked out', 'judged', 'all', 'target', 'reached'],
    ...measured,
  ]),
);

/**
 * What the diagnoses of a large cluster cost: each check by itself, and the longest time for which a pass in slices
 * holds the main thread.
 *
 *     node test/bench/diagnoses.ts [--nodes 1000] [--services 5000] [--routes 1000]
 */
import { parseArgs } from 'node:util';
import { Diagnosing } from '../../src/diagnoses/diagnosing.ts';
import { RecentHistory } from '../../src/diagnoses/history.ts';
import { checks } from '../../src/diagnoses/index.ts';
import { RouteSets } from '../../src/diagnoses/routes.ts';
import type { Check, Facts } from '../../src/diagnoses/types.ts';
import { BatchWriter, RecordKind } from '../../src/events.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import { Cluster } from '../../src/metallb/problems/cluster.ts';
import { Rib } from '../../src/rib/rib.ts';
import { LiveRib } from '../../src/rib/view.ts';
import { VerdictEngine } from '../../src/verdicts/engine.ts';
import { announce, update } from '../support/builders.ts';
import { established } from './established.ts';
import { largeCluster } from './large-cluster.ts';
import { table as rows } from './report.ts';

/** As the collector does it, ms; and how long nobody is to wait for the main thread. */
const slice = 6;
const targetMs = 20;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    services: { type: 'string', default: '5000' },
    routes: { type: 'string', default: '1000' },
  },
});
const sizes = { nodes: Number(values.nodes), services: Number(values.services), pools: 20, advertisements: 30 };
const options = {
  mode: 'frr',
  namespace: 'metallb-system',
  ignoreExcludeLB: false,
  loadBalancerClass: '',
  fieldValidation: 'strict',
} as const;

/** Every node has one session, with routes of which half are expected by nobody. */
function fill(rib: Rib): void {
  const endOfRib = update({});
  for (let node = 0; node < sizes.nodes; node++) {
    const address = `10.${100 + (node >> 16)}.${(node >> 8) & 255}.${node & 255}`;
    const writer = new BatchWriter();
    writer.appendEvent(node + 1, 0, established(address, 64512, 64500));
    const routes = Array.from(
      { length: Number(values.routes) },
      (_, i) => `10.${(i % 2) * 100 + 1}.${(i >> 8) & 255}.${i & 255}/32`,
    );
    for (const message of [...announce(routes, { asPath: [64512], nextHop: address, med: 0 }), endOfRib])
      writer.append(RecordKind.message, node + 1, 0, message);
    const { sessions } = rib.apply(writer.take());
    for (const neighbor of sessions)
      Object.assign(neighbor, { node: `node-${node}`, bgpPeer: 'reflector-4', synced: true });
  }
}

const rib = new Rib();
fill(rib);
const view = new LiveRib(rib);
const resources = assembleResources(largeCluster(sizes).map((raw) => readObject({ raw })));
const { table, change } = createCalculator(options).update(resources);
const engine = new VerdictEngine({ rib: view, now: Date.now, graceMs: () => 0 });
engine.setExpectations(table, change);
for (const id of rib.neighbors.byId.keys()) engine.neighborChanged(id);
while (engine.busy) engine.step(slice);

const history = new RecentHistory();
history.observed(resources, Date.now());
const sets = new RouteSets(view);
const facts = (): Facts => ({
  now: Date.now(),
  startedAt: Date.now(),
  graceMs: 0,
  options,
  cluster: new Cluster(resources, table),
  rib: view,
  verdicts: engine,
  history,
  routeSets: (neighbor) => sets.of(neighbor),
  md5: { notFound: 5, unexpected: 5, failure: 5 },
  own: {
    asn: 64500,
    routerId: '192.0.2.1',
    neighbors: [{ range: '10.0.0.0/8', asn: 64512, hasPassword: true, ttlSecurity: false }],
    interfaces: [],
  },
  strangers: [],
});

/** CPU time of this thread, ms: what others do on the machine does not count. */
const cpu = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** One pass over some checks: ms in all, and of the longest slice. */
function pass(some: readonly Check[], over: Facts): { total: number; longest: number; found: number } {
  const diagnosing = new Diagnosing(some);
  diagnosing.begin(over);
  let total = 0;
  let longest = 0;
  for (let done = false; !done; ) {
    const start = cpu();
    done = diagnosing.step(slice) !== undefined;
    const took = cpu() - start;
    total += took;
    longest = Math.max(longest, took);
  }
  return { total, longest, found: diagnosing.catalog().reduce((sum, { found }) => sum + found, 0) };
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const each = checks.map((check) => ({ code: check.code, ...pass([check], facts()) })).sort((a, b) => b.total - a.total);
console.log(
  rows([
    ['check', 'in all', 'longest slice', 'found'],
    ...each.map(({ code, total, longest, found }) => [code, ms(total), ms(longest), String(found)]),
  ]),
);
for (const name of ['first pass', 'second pass']) {
  const { total, longest, found } = pass(checks, facts());
  console.log(
    `  ${name} over ${table.sessions.length} expected sessions and ${rib.routeCount} routes: ${ms(total)}, longest slice ${ms(longest)} (≤ ${targetMs} ms: ${longest <= targetMs ? 'yes' : 'NO'}), ${found} found`,
  );
}

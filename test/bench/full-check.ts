/**
 * How long it takes to judge a million routes from nothing: what the collector does after its start, in slices.
 *
 *     node test/bench/full-check.ts [--nodes 1000] [--services 1000]
 */
import { parseArgs } from 'node:util';
import { BatchWriter, RecordKind } from '../../src/events.ts';
import { createCalculator } from '../../src/metallb/calculator.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import { Rib } from '../../src/rib/rib.ts';
import { LiveRib } from '../../src/rib/view.ts';
import { VerdictEngine } from '../../src/verdicts/engine.ts';
import { announce, update } from '../support/builders.ts';
import { bgpPeer, clusterObjects } from './cluster.ts';
import { established } from './established.ts';

/** As the collector does it: nobody waits longer than about this for the main thread, ms. */
const slice = 10;
const community = '64512:100';
const asns = { myASN: 64512, peerASN: 64500 };

const { values } = parseArgs({
  options: { nodes: { type: 'string', default: '1000' }, services: { type: 'string', default: '1000' } },
});
const numbered = (count: string, base: string): string[] =>
  Array.from({ length: Number(count) }, (_, index) => `${base}.${index >> 8}.${index & 255}`);
const nodes = numbered(values.nodes, '10.1').map((address, index) => ({ node: `node-${index}`, address }));
const addresses = numbered(values.services, '10.2');

/** A RIB in which every node announces every service as it should. */
function fill(rib: Rib): void {
  const endOfRib = update({});
  for (const [index, { node, address }] of nodes.entries()) {
    const session = index + 1;
    const writer = new BatchWriter();
    writer.appendEvent(session, 0, established(address, asns.myASN, asns.peerASN));
    const attributes = { asPath: [asns.myASN], nextHop: address, med: 0, communities: [community] };
    const routes = addresses.map((service) => `${service}/32`);
    for (const message of [...announce(routes, attributes), endOfRib])
      writer.append(RecordKind.message, session, 0, message);
    const { sessions } = rib.apply(writer.take());
    for (const neighbor of sessions) Object.assign(neighbor, { node, bgpPeer, synced: true });
  }
}

const rib = new Rib();
fill(rib);
const { table, change } = createCalculator({
  mode: 'frr',
  namespace: 'metallb-system',
  ignoreExcludeLB: false,
  loadBalancerClass: '',
  fieldValidation: 'strict',
}).update(
  assembleResources(
    clusterObjects({ nodes, addresses, pool: '10.2.0.0/16', community, ...asns }).map((raw) => readObject({ raw })),
  ),
);

const engine = new VerdictEngine({ rib: new LiveRib(rib), now: Date.now, graceMs: () => 0 });
const start = performance.now();
let longest = 0;
engine.setExpectations(table, change);
for (const id of rib.neighbors.byId.keys()) engine.neighborChanged(id);
while (engine.busy) {
  const before = performance.now();
  engine.step(slice);
  longest = Math.max(longest, performance.now() - before);
}
const seconds = (performance.now() - start) / 1000;

const { verdicts } = engine.summary();
const routes = nodes.length * addresses.length;
if (verdicts.ok !== routes) throw new Error(`not all ok: ${JSON.stringify(verdicts)}`);
console.log(
  `  full check of ${routes} expected × ${rib.routeCount} received routes: ${seconds.toFixed(2)} s, ` +
    `${Math.round(routes / seconds / 1000)} k/s, longest slice ${longest.toFixed(0)} ms`,
);

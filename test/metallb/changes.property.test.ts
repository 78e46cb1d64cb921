/** Whatever nodes, services and endpoints become: what is not said to have changed has not. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains } from '../../src/metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../../src/metallb/expectations/table.ts';
import {
  advertisement,
  type KubeObject,
  node,
  peer,
  pool,
  service,
  slice,
  TestCluster,
} from '../support/metallb-objects.ts';

const rack = (name: string): object => ({ nodeSelectors: [{ matchLabels: { rack: name } }] });
const team = (name: string): object => ({ serviceSelectors: [{ matchLabels: { team: name } }] });
const configuration = [
  pool('p', ['203.0.113.0/28', '2001:db8::/120']),
  pool('q', ['203.0.113.16/28']),
  peer('tor', { peerASN: 64512, dualStackAddressFamily: true }),
  peer('other', { peerAddress: '192.0.2.2' }),
  advertisement('one', { ...rack('1'), ipAddressPools: ['p'], communities: ['1:1'], aggregationLengthV6: 124 }),
  advertisement('two', { ...rack('2'), communities: ['1:2'], aggregationLength: 28, localPref: 200 }),
  advertisement('both', { ...team('red'), localPref: 200, peers: ['tor'] }),
  advertisement('q', { ...rack('2'), ipAddressPools: ['q'], localPref: 300 }),
];
const nodeNames = ['node-0', 'node-1', 'node-2', 'node-3', 'node-4'];

const anyNode = fc.record({
  rack: fc.constantFrom('1', '2', '3'),
  networkUnavailable: fc.constantFrom(...Array(9).fill(false), true),
});
const anyService = fc.record({
  addresses: fc.constantFrom<string[]>(['203.0.113.1', '2001:db8::1'], ['203.0.113.2'], ['203.0.113.17']),
  labels: fc.constantFrom<Record<string, string>>({}, { team: 'red' }, { team: 'blue' }),
  local: fc.boolean(),
  endpoints: fc.subarray(nodeNames.slice(0, 2)),
});
const anyState = fc
  .record({
    nodes: fc.array(anyNode, { minLength: nodeNames.length, maxLength: nodeNames.length }),
    services: fc.array(anyService, { maxLength: 3 }),
  })
  .map(({ nodes, services }) => ({
    nodes: nodes.map((one, i) =>
      node(nodeNames[i]!, 11 + i, { labels: { rack: one.rack }, networkUnavailable: one.networkUnavailable }),
    ),
    services: services.flatMap(({ addresses, labels, local, endpoints }, i) => [
      service(`s${i}`, addresses, { labels, ...(local && { spec: { externalTrafficPolicy: 'Local' } }) }),
      slice(`s${i}`, endpoints),
    ]),
  }));
type State = { nodes: KubeObject[]; services: KubeObject[] };

/** `node peer prefix` → what is asked for, but for the objects behind it. */
function routesOf(table: ExpectationTable): Map<string, string> {
  const rows = table.sessions.flatMap(({ node: on, bgpPeer }) => [...table.routes(on, bgpPeer)]);
  return new Map(
    rows.map(({ chain, ...route }) => {
      const services = [...new Set(chain.map((link) => link.service))].sort();
      return [`${route.node} ${route.bgpPeer} ${route.prefix}`, JSON.stringify([route, services])];
    }),
  );
}

test.each(['frr', 'frr-k8s', 'native'] as const)(
  'of every route that is another one it is said, in mode %s',
  (mode) => {
    let narrow = 0;
    fc.assert(
      fc.property(
        anyState,
        anyState,
        fc.option(fc.subarray([0, 1, 2, 3, 4, 5]), { freq: 1 }),
        fc.nat(nodeNames.length),
        (first, second, kept, moving) => {
          const cluster = new TestCluster({ mode });
          const { table: before } = cluster.update(...configuration, ...first.nodes, ...first.services);
          const mixed = (kind: keyof State, isKept: (i: number) => boolean): KubeObject[] =>
            second[kind].map((object, i) => (isKept(i) ? (first[kind][i] ?? object) : object));
          const { table: after, change } = cluster.update(
            ...configuration,
            ...mixed('nodes', (i) => i !== moving),
            ...(kept ? mixed('services', (i) => kept.includes(i)) : first.services),
          );
          if (change.kind === 'some') narrow++;
          const [were, are] = [routesOf(before), routesOf(after)];
          for (const key of new Set([...were.keys(), ...are.keys()])) {
            const [on, , prefix] = key.split(' ') as [string, string, string];
            if (were.get(key) !== are.get(key)) expect([key, contains(change, on, prefix)]).toEqual([key, true]);
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(narrow).toBeGreaterThan(50);
  },
);

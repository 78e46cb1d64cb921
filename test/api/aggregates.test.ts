/** An aggregate stands for many Services, on every session: what is shown of it is bounded wherever it is shown. */
import { expect, test } from 'vitest';
import { maxShownLinks } from '../../src/metallb/answers/shown.ts';
import { advertisement, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { clusterScene } from './cluster.ts';

const many = maxShownLinks + 10;
const prefix = '203.0.113.0/24';
const last = `default/web-${many}`;
const objects = [
  node('node-1', 11),
  peer('tor-1'),
  pool('blue', [prefix]),
  advertisement('adv', { aggregationLength: 24 }),
  ...Array.from({ length: many }, (_, i) => [
    service(`web-${i + 1}`, [`203.0.113.${i + 1}`]),
    slice(`web-${i + 1}`, ['node-1']),
  ]).flat(),
];
type Shown = { chain: { service: string }[]; chainLeftOut?: number };

test.each<[string, (data: never) => Shown]>([
  ['expectations', ([route]: [Shown]) => route],
  ['checks', ([row]: [{ expected: Shown }]) => row.expected],
  [`checks?service=${last}`, ([row]: [{ expected: Shown }]) => row.expected],
  [`prefixes/${prefix}`, ({ cells }: { cells: [{ expected: Shown }] }) => cells[0].expected],
  [`prefixes/${prefix}`, ({ cells }: { cells: [{ verdict: { expected: Shown } }] }) => cells[0].verdict.expected],
  [`explain?prefix=${prefix}`, ({ sessions }: { sessions: [{ expected: Shown }] }) => sessions[0].expected],
  ['nodes/node-1', ({ routes }: { routes: [{ expected: Shown }] }) => routes[0].expected],
  ['services/default/web-1', ({ routes }: { routes: [{ expected: Shown }] }) => routes[0].expected],
])('GET /%s has the first links of its chain, and how many more there are', async (path, routeIn) => {
  const { data } = (await (await clusterScene(objects)).get(`/api/v1/${path}`)).body as { data: never };
  const route = routeIn(data);
  expect(route.chain).toHaveLength(maxShownLinks);
  expect(route.chainLeftOut).toBe(many - maxShownLinks);
});

test('GET /services has the links of the Service before all others', async () => {
  const { data } = (await (await clusterScene(objects)).get(`/api/v1/services/${last}`)).body as {
    data: { routes: { expected: Shown }[] };
  };
  expect(data.routes[0]!.expected.chain[0]!.service).toBe(last);
});

test('GET /explain counts those that it leaves out, too', async () => {
  const { data } = (await (await clusterScene(objects)).get(`/api/v1/explain?prefix=${prefix}`)).body as {
    data: { sessions: { text: string }[] };
  };
  expect(data.sessions[0]!.text).toMatch(new RegExp(`BGPAdvertisement adv and ${many - 1} more$`));
});

import { describe, expect, it } from 'vitest';
import { allExpectations, noExpectations } from '../../../src/metallb/expectations/expectation-change.ts';
import type { BGPMode } from '../../../src/metallb/types.ts';
import {
  advertisement,
  frrConfiguration,
  type KubeObject,
  node,
  peer,
  pool,
  service,
  slice,
  TestCluster,
  tableOf,
} from '../../support/metallb-objects.ts';

const cluster = [
  node('node-a', 11),
  node('node-b', 12),
  peer('tor'),
  peer('other', { peerAddress: '192.0.2.2' }),
  pool('p', ['10.0.0.0/24']),
  advertisement('a', { peers: ['other'] }),
  service('web', ['10.0.0.1']),
  slice('web', ['node-a']),
];
const router = (allowed: object, address = '192.0.2.1'): object => ({
  routers: [
    { asn: 64512, prefixes: ['172.16.0.0/16', '2001:DB8::/64'], neighbors: [{ address, toAdvertise: { allowed } }] },
  ],
});
const listed = router({ prefixes: ['172.16.0.0/16', '2001:DB8::/64'] });
const onNodeB = { nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'node-b' } } };

interface Row {
  name: string;
  objects: KubeObject[];
  prefix?: string;
  bgpPeer?: string | null;
  mode?: BGPMode;
  /** Name of the FRRConfiguration. */
  is: string | undefined;
}

describe('a prefix that MetalLB does not ask for', () => {
  it.each<Row>([
    { name: 'is nobody’s without an FRRConfiguration', objects: [], is: undefined },
    { name: 'is that of one that lists it', objects: [frrConfiguration('x', listed)], is: 'x' },
    {
      name: 'is compared as routers write it',
      objects: [frrConfiguration('x', listed)],
      prefix: '2001:db8::/64',
      is: 'x',
    },
    {
      name: 'is not that of one that lists another',
      objects: [frrConfiguration('x', listed)],
      prefix: '172.17.0.0/16',
      is: undefined,
    },
    {
      name: 'is not that of one that has it and does not announce it',
      objects: [frrConfiguration('x', router({}))],
      is: undefined,
    },
    { name: 'is that of one that announces all', objects: [frrConfiguration('x', router({ mode: 'all' }))], is: 'x' },
    {
      name: 'is that of one that announces all of MetalLB’s too',
      objects: [frrConfiguration('x', router({ mode: 'all' }))],
      prefix: '10.0.0.1/32',
      is: 'x',
    },
    { name: 'is not that of one for other nodes', objects: [frrConfiguration('x', listed, onNodeB)], is: undefined },
    {
      name: 'is not that of one for another peer',
      objects: [frrConfiguration('x', listed)],
      bgpPeer: 'other',
      is: undefined,
    },
    {
      name: 'on a session that no BGPPeer asks for is that of any',
      objects: [frrConfiguration('x', router({ mode: 'all' }, '198.51.100.1'))],
      bgpPeer: null,
      is: 'x',
    },
    { name: 'is not that of the speaker’s own', objects: [frrConfiguration('metallb-node-a', listed)], is: undefined },
    { name: 'is nobody’s in frr mode', objects: [frrConfiguration('x', listed)], mode: 'frr', is: undefined },
  ])('$name', ({ objects, prefix = '172.16.0.0/16', bgpPeer = 'tor', mode = 'frr-k8s', is }) =>
    expect(tableOf([...cluster, ...objects], { mode }).foreign('node-a', bgpPeer, prefix)?.name).toBe(is),
  );
});

it('a changed FRRConfiguration may change what every session is measured by', () => {
  const state = new TestCluster({ mode: 'frr-k8s' });
  state.update(...cluster);
  expect(state.update(...cluster).change).toEqual(noExpectations);
  expect(state.update(...cluster, frrConfiguration('x', listed)).change).toEqual(allExpectations);
});

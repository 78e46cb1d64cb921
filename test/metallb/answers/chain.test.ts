import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../../src/metallb/answers/chain.ts';
import { createCalculator } from '../../../src/metallb/calculator.ts';
import { assembleResources, readObject } from '../../../src/metallb/objects/read.ts';
import type { ExpectOptions } from '../../../src/metallb/types.ts';
import {
  advertisement,
  frr,
  frrConfiguration,
  type KubeObject,
  node,
  peer,
  pool,
  service,
  slice,
} from '../../support/metallb-objects.ts';

/** What changes from one row to the next, and the steps that it changes. */
interface Row {
  title: string;
  objects?: { pool?: KubeObject; advertisement?: object; peer?: object; service?: KubeObject; more?: KubeObject[] };
  options?: Partial<ExpectOptions>;
  prefix?: string;
  has: string[];
}

const rows: Row[] = [
  {
    title: 'with nothing selected and nothing set, every step in its order',
    has: [
      'Service web: Service.spec.type is LoadBalancer, without a loadBalancerClass, and status.loadBalancer.ingress[0].ip is 10.0.0.1',
      'Service web: Service.spec.externalTrafficPolicy is Cluster, and an endpoint somewhere serves',
      'IPAddressPool blue: IPAddressPool.spec.addresses[0] 10.0.0.0/24 covers 10.0.0.1',
      'BGPAdvertisement adv: BGPAdvertisement.spec.ipAddressPools and spec.ipAddressPoolSelectors are empty: it is for every pool',
      'BGPAdvertisement adv: BGPAdvertisement.spec.nodeSelectors is empty: it selects every node',
      'Node node-a: a speaker runs on node node-a, and neither its conditions nor its labels keep it from announcing',
      'BGPPeer tor: BGPPeer.spec.nodeSelectors is empty: it selects every node',
      'BGPPeer tor: the session with 192.0.2.1 carries IPv4, so IPv4',
      'BGPAdvertisement adv: BGPAdvertisement.spec.peers is empty: it is for every BGPPeer',
      'BGPAdvertisement adv: BGPAdvertisement.spec.aggregationLength 32 makes 10.0.0.1/32 of 10.0.0.1',
      'BGPPeer tor: the session is external: AS_PATH 64512, no LOCAL_PREF',
    ],
  },
  {
    title: 'a pool by its name',
    objects: { advertisement: { ipAddressPools: ['green', 'blue'] } },
    has: ['BGPAdvertisement adv: BGPAdvertisement.spec.ipAddressPools[1] names blue'],
  },
  {
    title: 'a pool by its labels',
    objects: {
      pool: pool('blue', ['10.0.0.0/24'], { zone: 'east' }),
      advertisement: {
        ipAddressPoolSelectors: [{ matchLabels: { zone: 'west' } }, { matchLabels: { zone: 'east' } }],
      },
    },
    has: ['BGPAdvertisement adv: BGPAdvertisement.spec.ipAddressPoolSelectors[1] matched zone=east'],
  },
  {
    title: 'an address of a range',
    objects: { pool: pool('blue', ['10.1.0.0/24', '10.0.0.1-10.0.0.6']) },
    has: ['IPAddressPool blue: IPAddressPool.spec.addresses[1] 10.0.0.1-10.0.0.6 covers 10.0.0.1 (in 10.0.0.1/32)'],
  },
  {
    title: 'nodes by what they have and have not',
    objects: {
      advertisement: {
        nodeSelectors: [
          {
            matchLabels: { 'kubernetes.io/hostname': 'node-a' },
            matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }],
          },
        ],
      },
      peer: { nodeSelectors: [{}] },
    },
    has: [
      'BGPAdvertisement adv: BGPAdvertisement.spec.nodeSelectors[0] matched kubernetes.io/hostname=node-a, no gpu',
      'BGPPeer tor: BGPPeer.spec.nodeSelectors[0] matched everything',
    ],
  },
  {
    title: 'a service by its labels, with its own endpoints',
    objects: {
      service: service('web', ['10.0.0.1'], { labels: { app: 'web' }, spec: { externalTrafficPolicy: 'Local' } }),
      advertisement: { serviceSelectors: [{ matchLabels: { app: 'web' } }] },
    },
    has: [
      'Service web: Service.spec.externalTrafficPolicy is Local, and an endpoint on node node-a serves',
      'BGPAdvertisement adv: BGPAdvertisement.spec.serviceSelectors[0] matched app=web',
    ],
  },
  {
    title: 'a peer of the list, over a session for both families',
    objects: { advertisement: { peers: ['tor'] }, peer: { dualStackAddressFamily: true } },
    has: [
      'BGPPeer tor: the session with 192.0.2.1 carries IPv4 and IPv6, so IPv4',
      'BGPAdvertisement adv: BGPAdvertisement.spec.peers[0] names tor',
    ],
  },
  {
    title: 'an aggregate with attributes, within one AS',
    objects: {
      advertisement: { aggregationLength: 24, localPref: 200, communities: ['64512:7', '64512:8'] },
      peer: { peerASN: 64512 },
    },
    prefix: '10.0.0.0/24',
    has: [
      'BGPAdvertisement adv: BGPAdvertisement.spec.aggregationLength 24 makes 10.0.0.0/24 of 10.0.0.1',
      'BGPAdvertisement adv: BGPAdvertisement.spec.localPref is 200',
      'BGPAdvertisement adv: BGPAdvertisement.spec.communities are 64512:7, 64512:8',
      'BGPPeer tor: the session is internal: empty AS_PATH, LOCAL_PREF 200',
    ],
  },
  {
    title: 'a class of load balancer',
    objects: { service: service('web', ['10.0.0.1'], { spec: { loadBalancerClass: 'metallb' } }) },
    options: { loadBalancerClass: 'metallb' },
    has: [
      'Service web: Service.spec.type is LoadBalancer, spec.loadBalancerClass is metallb, and status.loadBalancer.ingress[0].ip is 10.0.0.1',
    ],
  },
  {
    title: 'what another FRRConfiguration adds',
    objects: {
      more: [
        frrConfiguration('extra', {
          routers: [
            {
              asn: 64512,
              neighbors: [
                {
                  address: '192.0.2.1',
                  toAdvertise: { withCommunity: [{ community: '64512:9', prefixes: ['10.0.0.1/32'] }] },
                },
              ],
            },
          ],
        }),
      ],
    },
    options: { mode: 'frr-k8s' },
    has: [
      'FRRConfiguration extra: FRRConfiguration.spec.bgp.routers[].neighbors[].toAdvertise adds attributes to 10.0.0.1/32',
    ],
  },
];

describe('the chain of an expected route', () => {
  it.each(rows)('$title', ({ objects = {}, options, prefix = '10.0.0.1/32', has }) => {
    const all = [
      node('node-a'),
      objects.pool ?? pool('blue', ['10.0.0.0/24']),
      advertisement('adv', objects.advertisement),
      peer('tor', objects.peer),
      objects.service ?? service('web', ['10.0.0.1']),
      slice('web', ['node-a']),
      ...(objects.more ?? []),
    ];
    const resources = assembleResources(all.map((raw) => readObject({ raw })));
    const { table } = createCalculator({ ...frr, ...options }).update(resources);
    const route = table.route('node-a', 'tor', prefix)!;
    const steps = stepsOf(table, resources, route, route.chain[0]!);
    const texts = steps.map(({ object, rule }) => `${object.kind} ${object.name}: ${rule}`);
    expect(texts.filter((text) => has.includes(text))).toEqual(has);
    expect(texts.length).toBeGreaterThanOrEqual(11);
  });

  it('says that the speaker goes by an earlier configuration, and explains by the version in effect', () => {
    const calculator = createCalculator(frr);
    const rest = [node('node-a'), peer('tor'), service('web', ['10.0.0.1']), slice('web', ['node-a'])];
    const at = (...objects: KubeObject[]) => assembleResources([...rest, ...objects].map((raw) => readObject({ raw })));
    calculator.update(at(pool('blue', ['10.0.0.0/24']), advertisement('adv', { peers: ['tor'] })));
    const newer = at(
      pool('blue', ['10.0.0.0/24']),
      advertisement('adv', { peers: ['other'], communities: ['no-such-alias'] }),
    );
    const { table } = calculator.update(newer);
    const route = table.route('node-a', 'tor', '10.0.0.1/32')!;
    const rules = stepsOf(table, newer, route, route.chain[0]!).map(({ rule }) => rule);
    expect(rules.at(-1)).toContain('its speaker goes by an earlier configuration');
    expect(rules.filter((rule) => rule.includes('spec.peers'))).toEqual(['BGPAdvertisement.spec.peers[0] names tor']);
  });
});

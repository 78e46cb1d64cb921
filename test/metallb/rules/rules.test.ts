import { describe, expect, it } from 'vitest';
import type { BGPMode } from '../../../src/metallb/types.ts';
import {
  advertisement,
  bfdProfile,
  communityAliases,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  tableOf,
} from '../../support/metallb-objects.ts';

const [a, b] = [node('node-a', 11), node('node-b', 12)];
const onlyOn = (name: string): object => ({ nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] });

interface Row {
  name: string;
  objects: KubeObject[];
  mode?: BGPMode;
  /** `stage Kind/name: error`; undefined = everything is accepted. */
  refused?: string;
  /** Nodes that go on with what they had. */
  nodes?: string[];
}

function check({ objects, mode = 'frr', refused, nodes = [] }: Row): void {
  const { refusals } = tableOf([a, b, ...objects], { mode });
  const found = refusals.map(({ stage, object, error }) => `${stage} ${object.kind}/${object.name}: ${error}`);
  expect(found).toEqual(refused === undefined ? [] : [expect.stringContaining(refused)]);
  expect(refusals[0]?.nodes ?? []).toEqual(nodes);
}

describe('pools', () => {
  const allocation = (serviceAllocation: object): KubeObject => ({
    ...pool('p', ['10.0.0.0/24']),
    spec: { addresses: ['10.0.0.0/24'], serviceAllocation },
  });
  it.each<Row>([
    { name: 'that touch are fine', objects: [pool('p', ['10.0.0.0-10.0.0.9']), pool('q', ['10.0.0.10-10.0.0.19'])] },
    {
      name: 'may not be nested',
      objects: [pool('p', ['10.0.0.0/16']), pool('q', ['10.0.9.0/24'])],
      refused:
        'webhook IPAddressPool/q: CIDR "10.0.9.0/24" in pool "q" overlaps with already defined CIDR "10.0.0.0/16"',
    },
    {
      name: 'may not overlap with themselves',
      objects: [pool('p', ['10.0.0.0/24', '10.0.0.7-10.0.0.9'])],
      refused: 'webhook IPAddressPool/p: CIDR',
    },
    {
      name: 'are blamed in the order in which they come',
      objects: [pool('q', ['10.0.9.0/24']), pool('p', ['10.0.0.0/16'])],
      refused: 'webhook IPAddressPool/p: CIDR "10.0.0.0/16"',
    },
    {
      name: 'need addresses',
      objects: [pool('p', [])],
      refused: 'webhook IPAddressPool/p: pool has no prefixes defined',
    },
    {
      name: 'may not name a namespace twice',
      objects: [allocation({ namespaces: ['x', 'x'] })],
      refused: 'duplicate definition of namespace "x"',
    },
    {
      name: 'may not have a service selector twice',
      objects: [allocation({ serviceSelectors: [{}, {}] })],
      refused: 'duplicate selector in serviceAllocation.serviceSelectors',
    },
    {
      name: 'belong into the namespace of MetalLB',
      objects: [{ ...pool('p', ['10.0.0.0/24']), metadata: { name: 'p' } }],
      refused: 'webhook IPAddressPool/p: resource must be created in metallb-system namespace',
    },
  ])('$name', check);
});

describe('advertisements', () => {
  const dual = pool('p', ['10.0.0.0/24', '2001:db8::/120']);
  it.each<Row>([
    {
      name: 'may repeat nothing in ipAddressPools',
      objects: [advertisement('x', { ipAddressPools: ['p', 'p'] })],
      refused: 'webhook BGPAdvertisement/x: duplicate definition of ipAddressPool "p"',
    },
    {
      name: 'may repeat nothing in peers',
      objects: [advertisement('x', { peers: ['t', 't'] })],
      refused: 'duplicate definition of peer "t"',
    },
    {
      name: 'may name pools and peers that do not exist',
      objects: [advertisement('x', { ipAddressPools: ['none'], peers: ['none'] })],
    },
    {
      name: 'may not aggregate beyond 32',
      objects: [advertisement('x', { aggregationLength: 33 })],
      refused: 'webhook BGPAdvertisement/x: invalid aggregation length 33',
    },
    {
      name: 'may not aggregate to 0',
      objects: [advertisement('x', { aggregationLength: 0 })],
      refused: 'schema BGPAdvertisement/x: spec.aggregationLength',
    },
    {
      name: 'may be as wide as the widest piece of a range, which reaches outside of it',
      objects: [pool('p', ['4.4.4.100-4.4.4.200']), advertisement('x', { aggregationLength: 26 })],
    },
    {
      name: 'may not be wider than an IPv6 entry; MetalLB then names the IPv4 length',
      objects: [dual, advertisement('x', { aggregationLengthV6: 64 })],
      refused: 'invalid aggregation length 32: prefix 2001:db8::/120',
    },
    {
      name: 'that come before a pool that is too small are found by the speakers',
      objects: [advertisement('x', { aggregationLength: 20 }), dual],
      refused: 'config BGPAdvertisement/x: invalid aggregation length 20',
      nodes: ['node-a', 'node-b'],
    },
    {
      name: 'that come before such a pool, on one node, make only that node stale',
      objects: [advertisement('x', { aggregationLength: 20, ...onlyOn('node-b') }), dual],
      refused: 'config BGPAdvertisement/x',
      nodes: ['node-b'],
    },
    {
      name: 'with different localPref need both lengths to differ in a dual-stack pool',
      objects: [dual, advertisement('x', { localPref: 100 }), advertisement('y', { aggregationLength: 30 })],
      refused: 'webhook BGPAdvertisement/y: invalid local preference 0',
    },
    {
      name: 'with different localPref may differ in both lengths',
      objects: [
        dual,
        advertisement('x', { localPref: 100 }),
        advertisement('y', { aggregationLength: 30, aggregationLengthV6: 124 }),
      ],
    },
    {
      name: 'with different localPref may share no node',
      objects: [
        dual,
        advertisement('x', { localPref: 100, ...onlyOn('node-a') }),
        advertisement('y', onlyOn('node-b')),
      ],
    },
    {
      name: 'with different localPref may share no pool',
      objects: [
        dual,
        pool('q', ['10.1.0.0/24']),
        advertisement('x', { localPref: 100, ipAddressPools: ['p'] }),
        advertisement('y', { ipAddressPools: ['q'] }),
      ],
    },
    {
      name: 'with serviceSelectors are not compared',
      objects: [
        dual,
        advertisement('x', { localPref: 100, serviceSelectors: [{ matchLabels: { a: 'b' } }] }),
        advertisement('y'),
      ],
    },
    {
      name: 'with a length and serviceSelectors are no valid objects',
      objects: [advertisement('x', { aggregationLengthV6: 64, serviceSelectors: [{}] })],
      refused: 'schema BGPAdvertisement/x: spec: serviceSelectors and aggregationLength are mutually exclusive',
    },
    {
      name: 'may use an alias that is not there yet: speakers wait for it',
      objects: [advertisement('x', { communities: ['edge'] })],
      refused: 'config BGPAdvertisement/x: invalid community format: "edge"',
      nodes: ['node-a', 'node-b'],
    },
    {
      name: 'may not use an alias with a colon, though it is there: the webhook does not know it',
      objects: [
        communityAliases('c', [{ name: 'edge:x', value: '1:2' }]),
        advertisement('x', { communities: ['edge:x'] }),
      ],
      refused: 'webhook BGPAdvertisement/x: invalid community value',
    },
    {
      name: 'may use an alias that looks like a literal',
      objects: [communityAliases('c', [{ name: '1:1', value: '2:2' }]), advertisement('x', { communities: ['1:1'] })],
    },
    {
      name: 'may use the same alias twice only as far as the webhook sees',
      objects: [
        communityAliases('c', [{ name: 'edge', value: '1:2' }]),
        advertisement('x', { communities: ['edge', 'edge'] }),
      ],
      refused: 'config BGPAdvertisement/x: duplicate definition of community "edge"',
      nodes: ['node-a', 'node-b'],
    },
    {
      name: 'may carry 63 communities (maxCommunities)',
      objects: [advertisement('x', { communities: Array.from({ length: 63 }, (_, i) => `1:${i}`) })],
    },
    {
      name: 'with 64 are only refused when routes are published',
      objects: [advertisement('x', { communities: Array.from({ length: 64 }, (_, i) => `1:${i}`) })],
      refused: 'runtime BGPAdvertisement/x: max supported communities is 63, got 64',
      nodes: ['node-a', 'node-b'],
    },
    { name: 'of layer 2 may repeat interfaces', objects: [l2Advertisement('x', { interfaces: ['eth0', 'eth0'] })] },
    {
      name: 'of layer 2 may repeat no pool',
      objects: [l2Advertisement('x', { ipAddressPools: ['p', 'p'] })],
      refused: 'webhook L2Advertisement/x: duplicate definition of ipAddressPool',
    },
    {
      name: 'with a selector that makes no sense are refused',
      objects: [advertisement('x', { nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Is' }] }] })],
      refused: 'webhook BGPAdvertisement/x: invalid label selector in nodeSelectors',
    },
  ])('$name', check);

  it('are all refused while a bad pair is in force', () => {
    const { refusals } = tableOf([
      a,
      advertisement('x', { aggregationLength: 20, ipAddressPools: ['p'] }),
      dual,
      advertisement('innocent', { ipAddressPools: ['none'] }),
    ]);
    expect(refusals.map(({ stage, object }) => `${stage} ${object.name}`)).toEqual(['webhook innocent', 'config x']);
    expect(refusals[0]!.error).toContain('of BGPAdvertisement "x", which is in force');
  });
});

describe('communities', () => {
  const aliases = (name: string, alias: string, value: string): KubeObject =>
    communityAliases(name, [{ name: alias, value }]);
  it.each<Row>([
    {
      name: 'may define an alias once',
      objects: [aliases('c', 'x', '1:2'), aliases('d', 'x', '1:3')],
      refused: 'webhook Community/d: duplicate definition of community "x"',
    },
    {
      name: 'need a value that is one',
      objects: [aliases('c', 'x', 'no-export')],
      refused: 'webhook Community/c: invalid community format',
    },
    {
      name: 'may not be large in native mode',
      objects: [aliases('c', 'x', 'large:1:2:3')],
      mode: 'native',
      refused: 'webhook Community/c: native BGP mode only supports legacy communities',
    },
  ])('$name', check);
});

describe('peers', () => {
  const tor = (spec: object): KubeObject => peer('t', spec);
  const other = (spec: object): KubeObject => peer('u', { peerAddress: '192.0.2.2', ...spec });
  it.each<Row>([
    { name: 'need an own AS', objects: [tor({ myASN: 0 })], refused: 'webhook BGPPeer/t: missing local ASN' },
    { name: 'need a peer AS', objects: [tor({ peerASN: 0 })], refused: 'missing peer ASN or dynamicASN' },
    {
      name: 'have a number or a class, not both',
      objects: [tor({ dynamicASN: 'external' })],
      refused: 'both peerASN and dynamicASN',
    },
    { name: 'may have a class', objects: [tor({ peerASN: 0, dynamicASN: 'external' })] },
    { name: 'need an address', objects: [tor({ peerAddress: '' })], refused: 'missing peer address or interface' },
    {
      name: 'have an address or an interface',
      objects: [tor({ interface: 'eth0' })],
      refused: 'both peer address and interface',
    },
    {
      name: 'need an address that is one',
      objects: [tor({ peerAddress: '192.0.2' })],
      refused: 'invalid BGPPeer address "192.0.2"',
    },
    { name: 'may offer hold time 0', objects: [tor({ holdTime: '0s' })] },
    { name: 'may not offer 2 seconds', objects: [tor({ holdTime: '2s' })], refused: 'invalid hold time 2s' },
    {
      name: 'count whole seconds of hold time',
      objects: [tor({ holdTime: '2s999ms' })],
      refused: 'invalid hold time 2s',
    },
    {
      name: 'keep alive more often than they hold',
      objects: [tor({ holdTime: '30s', keepaliveTime: '31s' })],
      refused: 'invalid keepaliveTime',
    },
    {
      name: 'say durations as Go does',
      objects: [tor({ holdTime: '90' })],
      refused: 'schema BGPPeer/t: spec.holdTime',
    },
    { name: 'dial ports up to 16384', objects: [tor({ peerPort: 17900 })], refused: 'schema BGPPeer/t: spec.peerPort' },
    {
      name: 'may not have the same address on one node',
      objects: [tor({}), peer('u')],
      refused: "webhook BGPPeer/u: FRR mode doesn't support duplicate BGPPeers selecting the same node",
    },
    {
      name: 'may have the same address on different nodes',
      objects: [tor(onlyOn('node-a')), peer('u', onlyOn('node-b'))],
    },
    { name: 'may have the same address in different VRFs', objects: [tor({ vrf: 'red' }), peer('u')] },
    { name: 'may have the same address in native mode', objects: [tor({}), peer('u')], mode: 'native' },
    {
      name: 'of one node have one router ID',
      objects: [tor({ routerID: '1.1.1.1' }), other({})],
      refused: 'the same routerID',
    },
    { name: 'of one node have one AS', objects: [tor({}), other({ myASN: 64513 })], refused: 'the same myASN' },
    {
      name: 'may wait for their BFD profile, but their nodes do not go on without it',
      objects: [tor({ bfdProfile: 'fast', ...onlyOn('node-a') })],
      refused: 'config BGPPeer/t: peer t referencing non existing bfd profile fast (transient)',
      nodes: ['node-a'],
    },
    { name: 'with a BFD profile that is there are fine', objects: [tor({ bfdProfile: 'fast' }), bfdProfile('fast')] },
    {
      name: 'may have one of two kinds of password; only speakers look',
      objects: [tor({ password: 'x', passwordSecret: { name: 'y' } })],
      refused: 'config BGPPeer/t: can not have both password and passwordSecret',
      nodes: ['node-a', 'node-b'],
    },
    {
      name: 'in native mode have no BFD, which only speakers look at',
      objects: [tor({ bfdProfile: 'fast' })],
      mode: 'native',
      refused: 'config BGPPeer/t: bfdProfile is not supported in native BGP mode',
      nodes: ['node-a', 'node-b'],
    },
    {
      name: 'in native mode have no VRF',
      objects: [tor({ vrf: 'red' })],
      mode: 'native',
      refused: 'webhook BGPPeer/t: vrf is not supported',
    },
    {
      name: 'in native mode pass the webhook with disableMP and fail at the speakers',
      objects: [tor({ disableMP: true })],
      mode: 'native',
      refused: 'config BGPPeer/t: disableMP is not supported',
      nodes: ['node-a', 'node-b'],
    },
    {
      name: 'with disableMP may be created in any namespace, where nobody reads them',
      objects: [{ ...tor({ disableMP: true }), metadata: { name: 't', namespace: 'elsewhere' } }],
    },
    {
      name: 'that match no node are looked at by no speaker',
      objects: [tor({ bfdProfile: 'fast', ...onlyOn('node-z') })],
    },
  ])('$name', check);

  it('in v1beta1 have a hold time of 0 unless they say otherwise', () => {
    const { refusals } = tableOf([a, { ...tor({ keepaliveTime: '5s' }), apiVersion: 'metallb.io/v1beta1' }]);
    expect(refusals).toMatchObject([{ error: 'invalid keepaliveTime 5s: must be lower than holdTime 0s' }]);
  });
});

describe('BFD profiles', () => {
  it.each<Row>([
    {
      name: 'have limits',
      objects: [bfdProfile('x', { receiveInterval: 5 })],
      refused: 'schema BFDProfile/x: spec.receiveInterval',
    },
    {
      name: 'in native mode make every speaker refuse',
      objects: [bfdProfile('x')],
      mode: 'native',
      refused: 'config BFDProfile/x',
      nodes: ['node-a', 'node-b'],
    },
  ])('$name', check);
});

describe('unknown fields', () => {
  const typo = advertisement('x', { nodeSelector: [{ matchLabels: { a: 'b' } }] });
  it('are refused by a strict API server', () =>
    check({
      name: '',
      objects: [typo],
      refused: 'schema BGPAdvertisement/x: unknown field "spec.nodeSelector" (did you mean nodeSelectors?)',
    }));
  it('are dropped by a lax one, and pointed out', () => {
    const table = tableOf([a, typo], { fieldValidation: 'prune' });
    expect(table.refusals).toEqual([]);
    expect(table.lint).toMatchObject([{ path: 'spec.nodeSelector', hint: 'did you mean nodeSelectors?' }]);
  });
});

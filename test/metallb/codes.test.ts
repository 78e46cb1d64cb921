import { describe, expect, it } from 'vitest';
import { lintCodes, refusalCodes } from '../../src/metallb/codes.ts';
import { maxFindings } from '../../src/metallb/max-findings.ts';
import { maxObjects, maxTextLength, readText } from '../../src/metallb/objects/yaml.ts';
import type { ExpectOptions } from '../../src/metallb/types.ts';
import {
  advertisement,
  bfdProfile,
  communityAliases,
  configMap,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  service,
  slice,
  TestCluster,
  tableOf,
} from '../support/metallb-objects.ts';

const secret = (name: string, type = 'kubernetes.io/basic-auth'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'metallb-system' },
  type,
  stringData: { password: 'x' },
});

const excluded = (pattern: string): KubeObject =>
  configMap('metallb-excludel2', { 'excludel2.yaml': JSON.stringify({ announcedInterfacesToExclude: [pattern] }) });

interface Row {
  code: string;
  title: string;
  objects: KubeObject[];
  options?: Partial<ExpectOptions>;
}

const blue = pool('blue', ['10.0.0.0/24']);
const off = { webhookMode: 'disabled' } as const;
const strayed = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, namespace: 'default' },
});

const refused: Row[] = [
  { code: 'not-an-object', title: 'no kind', objects: [{ apiVersion: 'v1', metadata: { name: 'x' } } as KubeObject] },
  { code: 'unknown-kind', title: 'a kind that MetalLB dropped', objects: [{ ...blue, kind: 'AddressPool' }] },
  {
    code: 'nested-list',
    title: 'pools in a List in a List',
    objects: [{ apiVersion: 'v1', kind: 'List', metadata: { name: '' }, items: [blue] } as KubeObject],
  },
  {
    code: 'old-configuration',
    title: 'peers in a ConfigMap',
    objects: [configMap('config', { config: 'peers:\n- peer-address: 192.0.2.1\n' })],
  },
  { code: 'invalid-field', title: 'a length that is text', objects: [advertisement('a', { aggregationLength: 'x' })] },
  { code: 'unknown-field', title: 'nodeSelector', objects: [advertisement('a', { nodeSelector: {} })] },
  {
    code: 'service-selectors-with-aggregate',
    title: 'both',
    objects: [advertisement('a', { serviceSelectors: [{}], aggregationLength: 24 })],
  },
  { code: 'wrong-namespace', title: 'a pool in default', objects: [strayed(blue)] },
  {
    code: 'invalid-selector',
    title: 'an operator that there is not',
    objects: [
      advertisement('a', { nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Is', values: [] }] }] }),
    ],
  },
  { code: 'duplicate-entry', title: 'a peer twice', objects: [advertisement('a', { peers: ['tor', 'tor'] })] },
  { code: 'no-addresses', title: 'an empty list', objects: [pool('empty', [])] },
  { code: 'invalid-addresses', title: 'a bare address', objects: [pool('bare', ['10.0.0.1'])] },
  { code: 'overlapping-pools', title: 'a pool in another', objects: [blue, pool('green', ['10.0.0.0/25'])] },
  {
    code: 'node-address-in-pool',
    title: 'in MetalLB 0.15.0',
    objects: [node('node-a', 11), pool('nodes', ['192.0.2.0/24'])],
    options: { version: '0.15.0' },
  },
  { code: 'invalid-aggregation-length', title: '33', objects: [advertisement('a', { aggregationLength: 33 })] },
  {
    code: 'aggregate-wider-than-pool',
    title: '/16 of a /24',
    objects: [blue, advertisement('a', { aggregationLength: 16 })],
  },
  {
    code: 'ipv6-in-native-mode',
    title: 'a pool with IPv6',
    objects: [pool('six', ['2001:db8::/64']), advertisement('a')],
    options: { mode: 'native' },
  },
  {
    code: 'local-pref-conflict',
    title: 'two values on one node',
    objects: [node('node-a'), blue, advertisement('a', { localPref: 1 }), advertisement('b', { localPref: 2 })],
  },
  { code: 'invalid-community', title: 'out of range', objects: [advertisement('a', { communities: ['1:99999'] })] },
  {
    code: 'unknown-community',
    title: 'no alias',
    objects: [node('node-a'), advertisement('a', { communities: ['gold'] })],
  },
  {
    code: 'duplicate-community',
    title: 'a name twice',
    objects: [
      communityAliases('a', [{ name: 'x', value: '1:1' }]),
      communityAliases('b', [{ name: 'x', value: '1:2' }]),
    ],
  },
  {
    code: 'large-community-in-native-mode',
    title: 'a large one',
    objects: [advertisement('a', { communities: ['large:1:2:3'] })],
    options: { mode: 'native' },
  },
  {
    code: 'too-many-communities',
    title: '64 of them',
    objects: [node('node-a'), advertisement('a', { communities: Array.from({ length: 64 }, (_, i) => `1:${i}`) })],
  },
  {
    code: 'standing-conflict',
    title: 'an innocent one beside a bad pair',
    objects: [
      node('node-a'),
      advertisement('a', { aggregationLength: 16 }),
      blue,
      advertisement('b', { ipAddressPools: ['green'] }),
    ],
  },
  { code: 'invalid-asn', title: 'none of the peer', objects: [peer('tor', { peerASN: 0 })] },
  { code: 'invalid-peer-address', title: 'no address', objects: [peer('tor', { peerAddress: '' })] },
  { code: 'invalid-peer-field', title: 'a router ID that is none', objects: [peer('tor', { routerID: 'x' })] },
  { code: 'multihop-within-as', title: 'iBGP', objects: [peer('tor', { peerASN: 64512, ebgpMultiHop: true })] },
  { code: 'invalid-timers', title: 'a hold time of 2 s', objects: [peer('tor', { holdTime: '2s' })] },
  {
    code: 'two-passwords',
    title: 'both',
    objects: [node('node-a'), peer('tor', { password: 'x', passwordSecret: { name: 'bgp' } })],
  },
  { code: 'not-in-native-mode', title: 'a VRF', objects: [peer('tor', { vrf: 'red' })], options: { mode: 'native' } },
  {
    code: 'router-id-conflict',
    title: 'two of them on a node',
    objects: [node('node-a'), peer('a', { routerID: '1.1.1.1' }), peer('b', { peerAddress: '192.0.2.2' })],
  },
  {
    code: 'my-asn-conflict',
    title: 'two of them on a node',
    objects: [node('node-a'), peer('a'), peer('b', { peerAddress: '192.0.2.2', myASN: 64513 })],
  },
  { code: 'duplicate-peer', title: 'one address twice', objects: [node('node-a'), peer('a'), peer('b')] },
  { code: 'unknown-bfd-profile', title: 'none', objects: [node('node-a'), peer('tor', { bfdProfile: 'fast' })] },
  {
    code: 'bfd-echo-with-ipv6',
    title: 'echo mode',
    objects: [
      node('node-a'),
      bfdProfile('echo', { echoMode: true }),
      peer('tor', { bfdProfile: 'echo' }),
      pool('six', ['2001:db8::/64']),
      advertisement('a'),
    ],
  },
  {
    code: 'unknown-secret',
    title: 'another one is there',
    objects: [node('node-a'), peer('tor', { passwordSecret: { name: 'bgp' } }), secret('other')],
  },
  {
    code: 'invalid-secret',
    title: 'of another type',
    objects: [node('node-a'), peer('tor', { passwordSecret: { name: 'bgp' } }), secret('bgp', 'Opaque')],
  },
  {
    code: 'frr-mode-only',
    title: 'raw FRR configuration in native mode',
    objects: [node('node-a'), configMap('bgpextras', { extras: '!' })],
    options: { mode: 'native' },
  },
  {
    code: 'frr-configuration-conflict',
    title: 'two localPref for a shared address',
    objects: [
      node('node-a'),
      blue,
      peer('tor'),
      advertisement('a', { localPref: 1, serviceSelectors: [{ matchLabels: { app: 'a' } }] }),
      advertisement('b', { localPref: 2, serviceSelectors: [{ matchLabels: { app: 'b' } }] }),
      service('a', ['10.0.0.1'], { labels: { app: 'a' } }),
      slice('a', ['node-a']),
      service('b', ['10.0.0.1'], { labels: { app: 'b' } }),
      slice('b', ['node-a']),
    ],
    options: { mode: 'frr-k8s' },
  },
];

/** What needs more than objects: texts, and a state before. */
const elsewhere = ['yaml-syntax', 'too-large', 'too-many-objects', 'service-loses-pool', 'immutable-field'];

describe('what a refusal is called', () => {
  it.each(refused)('$code: $title', ({ code, objects, options }) =>
    expect(tableOf(objects, options).refusals.map((refusal) => refusal.code)).toContain(code),
  );

  it('has an example here for every code', () => {
    expect([...new Set([...refused.map(({ code }) => code), ...elsewhere])].sort()).toEqual(
      Object.keys(refusalCodes).sort(),
    );
  });

  it.each([
    ['yaml-syntax', 'a: [', 'no YAML'],
    ['too-large', ' '.repeat(maxTextLength + 1), 'a text that is too long'],
    ['too-many-objects', `{"kind":"List","items":[${'0,'.repeat(maxObjects)}0]}`, 'more objects than are read'],
  ])('%s', (code, text) => expect(readText(text, 'x.yaml').map(({ refusal }) => refusal?.code)).toContain(code));

  it.each([
    { before: true, after: false, refused: true },
    { before: false, after: true, refused: true },
    { before: undefined, after: true, refused: false },
    { before: true, after: undefined, refused: false },
    { before: true, after: true, refused: false },
  ])('immutable-field: graceful restart from $before to $after, refused: $refused', ({ before, after, refused }) => {
    const cluster = new TestCluster();
    const tor = (value: boolean | undefined, asn: number) =>
      peer('tor', { peerASN: asn, ...(value !== undefined && { enableGracefulRestart: value }) });
    cluster.update(node('node-a'), tor(before, 64500));
    const { table } = cluster.update(node('node-a'), tor(after, 64501));
    expect(table.refusals.map(({ code, stage }) => `${stage} ${code}`)).toEqual(
      refused ? ['schema immutable-field'] : [],
    );
    expect(table.session('node-a', 'tor')?.peerASN).toBe(refused ? 64500 : 64501);
  });

  it('service-loses-pool: a pool in use is gone', () => {
    const cluster = new TestCluster();
    const rest = [
      node('node-a'),
      peer('tor'),
      advertisement('a'),
      service('web', ['10.0.0.1']),
      slice('web', ['node-a']),
    ];
    cluster.update(...rest, blue);
    const { table } = cluster.update(...rest, pool('blue', ['10.0.1.0/24']));
    expect(table.refusals.map(({ code }) => code)).toEqual(['service-loses-pool']);
  });
});

const odd: Row[] = [
  { code: 'unknown-field', title: 'nodeSelector', objects: [advertisement('a', { nodeSelector: {} })] },
  {
    code: 'newer-field',
    title: 'serviceSelectors in 0.15',
    objects: [advertisement('a', { serviceSelectors: [{}] })],
    options: { version: '0.15' },
  },
  {
    code: 'no-namespace',
    title: 'a pool without one',
    objects: [{ ...blue, metadata: { name: 'blue' } }],
  },
  { code: 'defined-twice', title: 'a pool', objects: [blue, { ...blue }] },
  { code: 'wrong-namespace', title: 'where no webhook says so', objects: [strayed(blue)], options: off },
  { code: 'base-sixty', title: 'a number', objects: [advertisement('a', { communities: [3_900_010] })] },
  { code: 'unknown-name', title: 'a pool', objects: [advertisement('a', { ipAddressPools: ['bleu'] })] },
  { code: 'unknown-community', title: 'an alias', objects: [advertisement('a', { communities: ['gold'] })] },
  {
    code: 'selector-matches-nothing',
    title: 'of pools',
    objects: [blue, advertisement('a', { ipAddressPoolSelectors: [{ matchLabels: { zone: 'x' } }] })],
  },
  {
    code: 'peers-without-session',
    title: 'a peer on no node',
    objects: [
      node('node-a'),
      peer('tor', { nodeSelectors: [{ matchLabels: { zone: 'x' } }] }),
      advertisement('a', { peers: ['tor'] }),
    ],
  },
  { code: 'overlapping-pools', title: 'a pool in another', objects: [blue, pool('green', ['10.0.0.0/25'])] },
  { code: 'aggregate-refused', title: '/16 of a /24', objects: [blue, advertisement('a', { aggregationLength: 16 })] },
  {
    code: 'wide-aggregate',
    title: '/26 of a range',
    objects: [pool('range', ['10.0.0.100-10.0.0.200']), advertisement('a', { aggregationLength: 26 })],
  },
  {
    code: 'options-not-passed-on',
    title: 'localASN in frr-k8s mode',
    objects: [node('node-a'), peer('tor', { localASN: 64513 })],
    options: { mode: 'frr-k8s' },
  },
  {
    code: 'local-pref-conflict',
    title: 'two values on one node',
    objects: [node('node-a'), blue, advertisement('a', { localPref: 1 }), advertisement('b', { localPref: 2 })],
  },
  {
    code: 'ipv6-in-native-mode',
    title: 'a pool',
    objects: [pool('six', ['2001:db8::/64'])],
    options: { mode: 'native' },
  },
  {
    code: 'family-without-session',
    title: 'IPv6 over IPv4',
    objects: [pool('six', ['2001:db8::/64']), peer('tor'), advertisement('a')],
  },
  {
    code: 'hostname-label',
    title: 'of another node',
    objects: [node('node-a', 11, { labels: { 'kubernetes.io/hostname': 'a' } })],
    options: { mode: 'frr-k8s' },
  },
  { code: 'large-local-pref', title: 'more than an int32', objects: [advertisement('a', { localPref: 2 ** 31 })] },
  {
    code: 'excluded-interfaces',
    title: 'the loopback interface',
    objects: [excluded('^lo$'), l2Advertisement('l', { interfaces: ['lo'] })],
  },
  {
    code: 'too-many-findings',
    title: 'a peers list with one unknown name too many',
    objects: [advertisement('a', { peers: Array.from({ length: maxFindings + 1 }, (_, i) => `tor-${i}`) })],
  },
  { code: 'unread-pattern', title: 'half a class', objects: [excluded('[a')] },
];
/** Of OpenShift's objects; see lint/secondary-networks.test.ts. */
const ofSecondaryNetworks = ['not-forwarded', 'routing-not-via-host'];
/** Of routes and elections; see test/diagnoses/checks/. */
const ofRoutes = ['aggregate-with-local-policy', 'shared-address-split', 'split-layer-2-owners'];

describe('what a finding of lint is called', () => {
  it.each(odd)('$code: $title', ({ code, objects, options }) =>
    expect(tableOf(objects, options).lint.map((lint) => lint.code)).toContain(code),
  );

  it('has an example for every code', () => {
    expect([...odd.map(({ code }) => code), ...ofSecondaryNetworks, ...ofRoutes].sort()).toEqual(
      Object.keys(lintCodes).sort(),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { excludedInterfaces, interfacePattern, maxPatterns } from '../../../src/metallb/layer2/interfaces.ts';
import { maxExcludeText } from '../../../src/metallb/objects/config-map.ts';
import { readObject } from '../../../src/metallb/objects/read.ts';
import type { BGPMode } from '../../../src/metallb/types.ts';
import { findings } from '../../support/lint.ts';
import {
  advertisement,
  configMap,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  routeNames,
  service,
  slice,
  TestCluster,
  tableOf,
} from '../../support/metallb-objects.ts';

const extras = (text: string, namespace?: string): KubeObject => configMap('bgpextras', { extras: text }, namespace);
const exclude = (yaml: string): KubeObject => configMap('metallb-excludel2', { 'excludel2.yaml': yaml });
const cluster: KubeObject[] = [
  node('node-a', 11),
  peer('tor'),
  pool('p', ['10.0.0.0/24']),
  advertisement('a'),
  service('web', ['10.0.0.1']),
  slice('web', ['node-a']),
];

describe('of ConfigMaps', () => {
  it('all but the two that speakers read are dropped, however large', () => {
    const raw = configMap('settings', { a: 'x'.repeat(9_000_000) });
    expect(readObject({ raw })).toEqual({ lint: [] });
  });
  it('nothing of raw FRR configuration is kept but that there is some', () => {
    const { object } = readObject({ raw: extras('neighbor 192.0.2.1 password hunter2') });
    expect(object?.spec).toEqual({ hasExtras: true, excludedInterfaces: [] });
    expect(JSON.stringify(object)).not.toContain('hunter2');
  });
});

describe('raw FRR configuration (ConfigMap bgpextras)', () => {
  const text = 'router bgp 64512\n network 198.51.100.0/24';
  const whyNot = (prefix: string, ...more: KubeObject[]) =>
    tableOf([...cluster, ...more], { mode: 'frr' }).whyNot('node-a', 'tor', prefix);

  it('takes nothing from what is expected in frr mode', () => {
    const table = tableOf([...cluster, extras(text)], { mode: 'frr' });
    expect(routeNames(table)).toEqual(['node-a tor 10.0.0.1/32']);
    expect(table.refusals).toEqual([]);
  });
  it.each([
    ['of no pool', '198.51.100.0/24', 'rawConfiguration'],
    ['that no Service has', '10.0.0.9/32', 'noService'],
  ])('may announce a prefix %s, and no reason hides that', (_, prefix, reason) => {
    expect(whyNot(prefix, extras(text))).toMatchObject({
      reason,
      text: expect.stringMatching(/raw FRR configuration in ConfigMap bgpextras may announce it$/),
      objects: expect.arrayContaining([expect.objectContaining({ kind: 'ConfigMap', name: 'bgpextras' })]),
    });
  });
  it.each([
    ['empty', [extras('')]],
    ['in another namespace', [extras(text, 'default')]],
    ['not there', []],
  ])('is not mentioned where it is %s', (_, more) => {
    expect(whyNot('198.51.100.0/24', ...more)).toBeUndefined();
  });

  it.each<BGPMode>(['native', 'frr-k8s'])(
    'is what speakers in %s mode fail at, with what they announced in force',
    (mode) => {
      const test = new TestCluster({ mode });
      test.update(...cluster);
      const { table } = test.update(
        ...cluster,
        extras(text),
        service('new', ['10.0.0.2']),
        slice('new', ['node-a']),
        pool('q', ['10.9.0.0/24']),
      );
      expect(table.refusals).toMatchObject([
        {
          code: 'frr-mode-only',
          stage: 'config',
          object: { kind: 'ConfigMap', name: 'bgpextras' },
          effect: expect.stringContaining('removed or changed are already closed'),
          nodes: ['node-a'],
        },
      ]);
      expect(table.nodes.get('node-a')?.staleConfig).toContain('ConfigMap/bgpextras');
      expect(routeNames(table)).toContain('node-a tor 10.0.0.1/32');
      expect(test.update(...cluster).table.refusals).toEqual([]);
    },
  );
});

describe('interfaces that ConfigMap metallb-excludel2 excludes', () => {
  const usual = 'announcedInterfacesToExclude: ["^docker.*", "^veth.*", "^lo$", "^cali.*"]';
  const l2 = (interfaces: string[], ...more: KubeObject[]): KubeObject[] => [
    ...cluster,
    l2Advertisement('l', { interfaces }),
    ...more,
  ];

  it.each<[string, string[], string, string[] | null]>([
    ['all of the list: nobody announces', ['docker0', 'lo'], usual, null],
    ['some of the list: the others are used', ['docker0', 'eth0'], usual, ['eth0']],
    ['none of the list', ['eth0', 'lo1'], usual, ['eth0', 'lo1']],
    ['an unanchored pattern fits anywhere', ['my-br0'], 'announcedInterfacesToExclude: [br]', null],
    ['without a list all are used but those', [], usual, []],
    ['a text that is no YAML excludes nothing', ['lo'], '"', ['lo']],
  ])('%s', (_, interfaces, yaml, left) => {
    const table = tableOf(l2(interfaces, exclude(yaml)));
    expect(table.l2.map((one) => one.interfaces)).toEqual(left === null ? [] : [left]);
    if (left === null)
      expect(table.layer2.of('default/web')?.reason).toMatchObject({
        reason: 'noInterface',
        text: expect.stringContaining('ConfigMap metallb-excludel2 excludes'),
      });
  });

  it.each<[string, KubeObject[], string[]]>([
    [
      'a list of nothing else is found',
      l2(['docker0', 'lo'], exclude(usual)),
      [
        'L2Advertisement/l spec.interfaces: lists only interfaces that ConfigMap metallb-excludel2 excludes from layer 2 (docker0, lo): a node that only it elects announces nothing',
      ],
    ],
    ['a list with another one is fine', l2(['docker0', 'eth0'], exclude(usual)), []],
    ['no list is fine', l2([], exclude(usual)), []],
  ])('%s', (_, objects, finds) => expect(findings(objects, /excludes from layer 2/)).toEqual(finds));

  it.each<[string, string]>([
    ['a group that is repeated', '(a*)*b'],
    ['many repetitions', 'a*a*a*a*a*b'],
    ['a counted repetition', 'a{999999}'],
    ['a long text', 'x'.repeat(65)],
    ['what Go alone knows', '(?i)eth'],
    ['a class of POSIX', '[[:alpha:]]'],
    ['no regular expression', '['],
  ])('%s is reported by lint and excludes nothing', (_, pattern) => {
    expect(interfacePattern(pattern)).toBeUndefined();
    const yaml = JSON.stringify({ announcedInterfacesToExclude: [pattern] });
    expect(findings([exclude(yaml)], /excludes nothing here/)).toHaveLength(1);
  });
});

it.each<[string, number, string[]]>([
  ['maxPatterns patterns all exclude', maxPatterns, []],
  [
    'patterns beyond maxPatterns exclude nothing, and lint says so',
    maxPatterns + 1,
    [
      'ConfigMap/metallb-excludel2 data["excludel2.yaml"]: has 257 patterns; Peerglass uses the first 256 and ignores the others',
    ],
  ],
])('%s', (_, length, finds) => {
  const patterns = Array.from({ length }, (_, i) => `^eth${i}$`);
  const { has } = excludedInterfaces({ spec: { hasExtras: false, excludedInterfaces: patterns } } as never);
  expect([maxPatterns - 1, maxPatterns].map((i) => has(`eth${i}`))).toEqual([true, false]);
  expect(findings([exclude(JSON.stringify({ announcedInterfacesToExclude: patterns }))], /patterns/)).toEqual(finds);
});

it.each<[string, number, string[]]>([
  ['a list of maxExcludeText characters is read', 0, []],
  [
    'a longer list is not read, and lint says so',
    1,
    [
      'ConfigMap/metallb-excludel2 data["excludel2.yaml"]: is longer than 65,536 characters, or is not YAML with a list announcedInterfacesToExclude, with which speakers do not start; here it excludes nothing',
    ],
  ],
])('%s', (_, more, finds) => {
  const list = JSON.stringify({ announcedInterfacesToExclude: ['^eth0$'] });
  expect(findings([exclude(list.padEnd(maxExcludeText + more))], /longer/)).toEqual(finds);
});

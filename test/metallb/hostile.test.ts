/** Objects of hostile sizes: refused by name or read within a bound, and the rest of the cluster goes on. */
import { describe, expect, it } from 'vitest';
import type { RefusalCode } from '../../src/metallb/codes.ts';
import { maxCharacters, maxConfigured, maxDepth, maxValues, sizeProblem } from '../../src/metallb/objects/bounds.ts';
import { maxListLength } from '../../src/metallb/objects/schema.ts';
import { readText } from '../../src/metallb/objects/yaml.ts';
import {
  advertisement,
  communityAliases,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  routeNames,
  service,
  slice,
  tableOf,
} from '../support/metallb-objects.ts';

/** What goes on: one service on one session. */
const rest = [
  node('node-a'),
  peer('tor'),
  pool('p', ['10.0.0.0/24']),
  advertisement('a'),
  service('web', ['10.0.0.1']),
  slice('web', ['node-a']),
];
const list = <T>(length: number, item: (i: number) => T): T[] => Array.from({ length }, (_, i) => item(i));
const within = (depth: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};
const tenMegabytes = 'x'.repeat(10_000_000);
const megabyte = 'x'.repeat(1_000_000);

/** Longest that any of them may take, ms; most take a few. A rule that looks at pairs of characters takes hours. */
const limit = 15_000;

interface Row {
  title: string;
  objects: () => KubeObject[];
  /** Undefined: it is read, and does no harm. */
  code: RefusalCode | undefined;
  name?: string;
}

const rows: Row[] = [
  { title: 'an address of ten million characters', objects: () => [pool('h', [tenMegabytes])], code: 'too-large' },
  { title: 'an address of a million characters', objects: () => [pool('h', [megabyte])], code: 'invalid-addresses' },
  {
    title: 'an address of a million dots',
    objects: () => [pool('h', [`${'1.'.repeat(500_000)}/24`])],
    code: 'invalid-addresses',
  },
  {
    title: 'a hundred thousand addresses',
    objects: () => [
      pool(
        'h',
        list(100_000, (i) => `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`),
      ),
    ],
    code: 'invalid-field',
  },
  {
    title: 'a million addresses',
    objects: () => [
      pool(
        'h',
        list(1_000_000, () => '11.0.0.1/32'),
      ),
    ],
    code: 'too-large',
  },
  {
    title: 'ranges that make millions of CIDRs, more than maxBlocks',
    objects: () => [
      pool(
        'h',
        list(10_000, (i) => `2001:db8:${i.toString(16)}::1-2001:db8:${i.toString(16)}:ffff::fffe`),
      ),
    ],
    code: 'invalid-addresses',
  },
  {
    title: 'a list longer than maxListLength',
    objects: () => [
      pool(
        'h',
        list(maxListLength + 1, () => '198.51.100.0/24'),
      ),
    ],
    code: 'invalid-field',
  },
  {
    title: 'a range of all addresses',
    objects: () => [pool('h', ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'])],
    code: undefined,
  },
  {
    title: 'a range of all addresses but two',
    objects: () => [pool('h', ['::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe'])],
    code: undefined,
  },
  {
    title: 'a selector of a hundred thousand expressions',
    objects: () => [
      advertisement('h', {
        nodeSelectors: [{ matchExpressions: list(100_000, (i) => ({ key: `k${i}`, operator: 'Exists' })) }],
      }),
    ],
    code: 'too-large',
  },
  {
    title: 'a selector of twenty thousand labels',
    objects: () => [
      advertisement('h', { nodeSelectors: [{ matchLabels: Object.fromEntries(list(20_000, (i) => [`k${i}`, 'v'])) }] }),
    ],
    code: undefined,
  },
  {
    title: 'a label of a million characters',
    objects: () => [advertisement('h', { nodeSelectors: [{ matchLabels: { [megabyte]: 'a' } }] })],
    code: 'invalid-selector',
  },
  {
    title: 'a name of a million characters',
    objects: () => [pool(megabyte, [])],
    code: 'invalid-field',
    name: 'x'.repeat(253),
  },
  {
    title: 'a namespace of a million characters',
    objects: () => [{ ...pool('h', ['10.1.0.0/24']), metadata: { name: 'h', namespace: megabyte } }],
    code: 'wrong-namespace',
  },
  {
    title: 'a kind of a million characters',
    objects: () => [{ apiVersion: 'metallb.io/v1beta1', kind: megabyte, metadata: { name: 'h' } }],
    code: 'unknown-kind',
  },
  {
    title: 'a community of a million colons',
    objects: () => [advertisement('h', { communities: [':'.repeat(1_000_000)] })],
    code: 'unknown-community',
  },
  {
    title: 'ten thousand communities by their aliases',
    objects: () => [
      communityAliases(
        'c',
        list(9_999, (i) => ({ name: `n${i}`, value: `1:${i}` })),
      ),
      advertisement('h', { communities: list(9_999, (i) => `n${i}`), ipAddressPools: ['none'] }),
    ],
    code: 'too-many-communities',
  },
  {
    title: 'an interface of a million characters',
    objects: () => [l2Advertisement('h', { interfaces: [megabyte] })],
    code: undefined,
  },
  {
    title: 'a peer address of a million characters',
    objects: () => [peer('h', { peerAddress: megabyte })],
    code: 'invalid-peer-address',
  },
  {
    title: 'a duration of a million units',
    objects: () => [peer('h', { holdTime: '1s'.repeat(500_000) })],
    code: 'invalid-field',
  },
  {
    title: 'a thousand unknown fields',
    objects: () => [advertisement('h', Object.fromEntries(list(1_000, (i) => [`f${i}`, 1])))],
    code: 'unknown-field',
  },
  {
    title: 'a hundred thousand levels',
    objects: () => [advertisement('h', { x: within(100_000) })],
    code: 'too-large',
  },
  {
    title: 'a million addresses in a status',
    objects: () => [
      service(
        'h',
        list(1_000_000, () => '10.0.0.2'),
      ),
    ],
    code: 'too-large',
  },
  {
    title: 'ten thousand addresses in a status',
    objects: () => [
      service(
        'h',
        list(10_000, () => '10.0.0.2'),
      ),
      slice('h', ['node-a']),
    ],
    code: undefined,
  },
  {
    title: 'a million endpoints',
    objects: () => [
      slice(
        'h',
        list(1_000_000, () => 'node-a'),
      ),
    ],
    code: 'too-large',
    name: 'h-1',
  },
  {
    title: 'an annotation of ten million characters',
    objects: () => [service('h', ['10.0.0.2'], { annotations: { 'metallb.io/allow-shared-ip': tenMegabytes } })],
    code: 'too-large',
  },
  {
    title: 'a kernel parameter of a million spaces',
    objects: () => [
      {
        apiVersion: 'machineconfiguration.openshift.io/v1',
        kind: 'MachineConfig',
        metadata: { name: 'h' },
        spec: {
          config: {
            storage: {
              files: [{ path: '/etc/sysctl.d/x.conf', contents: { source: `data:,a${' '.repeat(900_000)}b` } }],
            },
          },
        },
      },
    ],
    code: undefined,
  },
  {
    title: 'more pools than are held against each other',
    objects: () => list(maxConfigured('IPAddressPool') + 1, (i) => pool(`h${i}`, [`11.${i >> 8}.${i & 255}.0/24`])),
    code: 'too-many-objects',
    name: `h${maxConfigured('IPAddressPool') - 1}`, // p of the rest is one of them
  },
  {
    title: 'a thousand advertisements at odds with each other',
    objects: () => list(1_000, (i) => advertisement(`h${i}`, { localPref: i + 1 })),
    code: 'local-pref-conflict',
    name: 'h0',
  },
  {
    title: 'hundreds of advertisements and of pools that go well together',
    objects: () => [
      ...list(500, (i) => pool(`h${i}`, [`11.${i >> 8}.${i & 255}.0/24`])),
      ...list(500, (i) => advertisement(`b${i}`, { localPref: i + 1, peers: [`x${i}`] })).map((one) => ({
        ...one,
        spec: { ...(one['spec'] as object), ipAddressPoolSelectors: [{ matchLabels: { none: 'x' } }] },
      })),
    ],
    code: undefined,
  },
];

describe('an object of a hostile size', () => {
  it.each(rows)(
    '$title',
    ({ objects, code, name = 'h' }) => {
      const table = tableOf([...rest, ...objects()]);
      expect(routeNames(table)).toContain('node-a tor 10.0.0.1/32');
      const refused = table.refusals.map((refusal) => `${refusal.code} ${refusal.object.name}`);
      if (code === undefined) expect(refused).toEqual([]);
      else expect(refused).toContain(`${code} ${name}`);
      const said = [...table.refusals.map(({ error }) => error), ...table.lint.map(({ message }) => message)];
      for (const text of said) expect(text.length).toBeLessThan(1_100);
    },
    limit,
  );

  it.each([
    ['64 levels', within(63), undefined],
    ['65 levels', within(maxDepth + 2), 'more than 64 levels in one object'],
    ['a quarter of a million entries', list(250_000, () => 1), undefined],
    ['one more', list(maxValues + 1, () => 1), 'more than 250000 fields and entries in one object'],
    ['eight million characters', { a: 'x'.repeat(8 * 1024 * 1024 - 1) }, undefined],
    [
      'one more, in the name of a field',
      { ab: 'x'.repeat(maxCharacters - 1) },
      'more than 8388608 characters in one object',
    ],
    ['nothing', null, undefined],
  ])('is known by its size: %s', (_, raw, error) => expect(sizeProblem(raw)?.error).toBe(error));
});

describe('a text of a hostile shape', () => {
  const head =
    'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: { name: h, namespace: metallb-system }\n';
  it.each([
    ['a scalar of a million characters', `${head}spec: { addresses: ["${megabyte}"] }`, undefined],
    [
      'aliases of aliases of aliases',
      `${head}a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replaceAll(/./g, (c, i: number) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join()}]\n`)}`,
      'yaml-syntax',
    ],
    ['ten thousand brackets', `${head}spec: ${'['.repeat(10_000)}`, 'yaml-syntax'],
    ['a key that is a mapping', `${head}? {a: b}\n: c`, 'yaml-syntax'],
  ])(
    '%s',
    (_, text, code) => {
      const results = readText(`${text}\n---\n${head}spec: { addresses: [10.0.0.0/24] }`, 'f.yaml');
      expect(results[0]!.refusal?.code).toBe(code);
      expect((results[0]!.refusal?.error ?? '').length).toBeLessThan(1_100);
    },
    limit,
  );
});

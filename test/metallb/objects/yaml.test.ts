import { describe, expect, it } from 'vitest';
import type { IPAddressPool } from '../../../src/metallb/objects/resources.ts';
import { maxBroken, maxObjectText, readText } from '../../../src/metallb/objects/yaml.ts';

const pool = (spec: string, name = 'p'): string =>
  `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: { name: ${name}, namespace: metallb-system }\nspec:\n  addresses: [10.0.0.0/24]\n${spec}`;
const specOf = (text: string): IPAddressPool['spec'] => (readText(text, 'p.yaml')[0]!.object as IPAddressPool).spec;

describe('scalars are read as the API server reads them', () => {
  it.each(['true', 'yes', 'Yes', 'on', 'y', 'ON'])('%s is true', (word) =>
    expect(specOf(pool(`  avoidBuggyIPs: ${word}`)).avoidBuggyIPs).toBe(true),
  );
  it.each(['false', 'no', 'off', 'n', 'NO'])('%s is false', (word) =>
    expect(specOf(pool(`  autoAssign: ${word}`)).autoAssign).toBe(false),
  );
  it('a quoted word stays text, which is no boolean', () => {
    expect(readText(pool('  autoAssign: "no"'), 'p.yaml')[0]!.refusal).toMatchObject({
      stage: 'schema',
      error: expect.stringContaining('spec.autoAssign'),
    });
  });
  it('a leading 0 makes a number octal', () => {
    expect(specOf(pool('  serviceAllocation: { priority: 010 }')).serviceAllocation?.priority).toBe(8);
  });
  it('nothing is base 60', () => {
    const text =
      'apiVersion: metallb.io/v1beta1\nkind: BGPAdvertisement\nmetadata: { name: a, namespace: m }\nspec: { communities: [65000:10, 65535:0] }';
    expect(readText(text, 'a.yaml')[0]!.object!.spec).toMatchObject({ communities: ['65000:10', '65535:0'] });
  });
  it.each([
    ['0x1F', 31],
    ['0b101', 5],
    ['0o17', 15],
    ['-010', -8],
    ['1_000', 1000],
    ['08', 8],
  ])('%s is the number %i', (text, value) =>
    expect(specOf(pool(`  serviceAllocation: { priority: ${text} }`)).serviceAllocation?.priority).toBe(value),
  );
  it('a field without a value is an absent field', () => expect(specOf(pool('  autoAssign:')).autoAssign).toBe(true));
});

describe('a text', () => {
  it('may hold several documents, empty ones among them, and a List', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Node, metadata: { name: a } }\n- { apiVersion: v1, kind: Node, metadata: { name: b } }`;
    const results = readText(`---\n# nothing\n---\n${pool('')}\n---\n${list}\n`, 'all.yaml');
    expect(results.map(({ object }) => `${object!.ref.kind} ${object!.ref.name} ${object!.ref.line}`)).toEqual([
      'IPAddressPool p 4',
      'Node a 14',
      'Node b 15',
    ]);
  });
  it('may be JSON as the API server answers, where items do not repeat their kind', () => {
    const json = JSON.stringify({ apiVersion: 'v1', kind: 'NodeList', items: [{ metadata: { name: 'a' } }] }, null, 2);
    expect(readText(json, 'a.json').map(({ object }) => `${object!.ref.kind} ${object!.key}`)).toEqual(['Node a']);
  });
  it('is passed over where it is about other things', () => {
    expect(readText('apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\n', 'x.yaml')).toEqual([
      { lint: [] },
    ]);
  });
});

describe('what is no valid object is refused, with its line and its stage', () => {
  const list =
    'apiVersion: metallb.io/v1beta1\nkind: L2Advertisement\nmetadata:\n  name: l2\nspec:\n  ipAddressPools:\n   - p\n   interfaces:\n   - eth1\n';
  it.each([
    ['a key among the entries of a list', list, 'yaml', 8, 'a mapping key where a sequence entry is expected'],
    [
      'the same key twice',
      pool('  autoAssign: true\n  autoAssign: false'),
      'yaml',
      7,
      'duplicate key in "autoAssign: false"',
    ],
    ['an alias without an anchor', pool('  autoAssign: *none'), 'yaml', undefined, 'YAML parse error'],
    ['brackets without end (maxYamlDepth)', '['.repeat(20_000), 'yaml', 1, 'nested too deeply'],
    ['dashes without end', `a: 1\n${'- '.repeat(20_000)}x`, 'yaml', 2, ''],
    [
      'indentation without end',
      Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'yaml',
      undefined,
      'nested too deeply',
    ],
    ['keys in keys', '? {a: b}\n: c', 'yaml', 1, 'a mapping or sequence as key'],
    ['keys in keys without end', '? '.repeat(300), 'yaml', 1, 'nested too deeply'],
    ['an entry without a key', ': a', 'yaml', 1, 'a mapping entry without a key'],
    ['a value of the wrong type', pool('  autoAssign: 3'), 'schema', 6, 'spec.autoAssign'],
    [
      'a value out of its range',
      'apiVersion: metallb.io/v1beta2\nkind: BGPPeer\nmetadata: { name: p }\nspec:\n  myASN: 1\n  peerPort: 20000',
      'schema',
      6,
      'spec.peerPort',
    ],
    [
      'a missing field',
      'apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: { name: p }\nspec: {}',
      'schema',
      4,
      'spec.addresses',
    ],
    ['a name in upper case', pool('', 'NodeA'), 'schema', 3, 'metadata.name'],
    [
      'a version that does not exist',
      'apiVersion: metallb.io/v2\nkind: IPAddressPool\nmetadata: { name: p }',
      'schema',
      1,
      'no matches for kind',
    ],
    [
      'a kind that does not exist',
      'apiVersion: metallb.io/v1beta1\nkind: AddressPool\nmetadata: { name: p }',
      'schema',
      1,
      'did you mean IPAddressPool',
    ],
    ['no kind at all', 'foo: bar', 'schema', 1, 'apiVersion and kind must be set'],
    ['no object at all', '- 1\n- 2', 'schema', 1, 'not an object'],
  ])('%s', (_, text, stage, line, error) => {
    const [{ refusal } = {}] = readText(text, 'f.yaml');
    expect(refusal).toMatchObject({ stage, object: { file: 'f.yaml', ...(line !== undefined && { line }) } });
    expect(refusal!.error).toContain(error);
  });

  it('names the object of a broken document', () => {
    expect(readText(list, 'f.yaml')[0]!.refusal!.object).toEqual({
      kind: 'L2Advertisement',
      namespace: 'default',
      name: 'l2',
      file: 'f.yaml',
      line: 8,
    });
  });
  it('reads the documents around a broken one', () => {
    const results = readText(`${pool('', 'a')}\n---\n${list}---\n${pool('', 'b')}`, 'f.yaml');
    expect(results.map(({ object, refusal }) => object?.ref.name ?? refusal?.stage)).toEqual(['a', 'yaml', 'b']);
  });
  it('reads the items around a broken one, and says where it is', () => {
    const item = (name: string): string => `- apiVersion: v1\n  kind: Node\n  metadata: { name: ${name} }\n`;
    const results = readText(
      `apiVersion: v1\nitems:\n${item('a')}- kind: Node\n  metadata: [\n# a comment\n${item('b')}kind: List\n`,
      'f.yaml',
    );
    expect(results.map(({ object, refusal }) => object?.ref ?? refusal?.object)).toMatchObject([
      { kind: 'Node', name: 'a', line: 3 },
      { kind: 'Node', name: 'unnamed', line: 9 },
      { kind: 'Node', name: 'b', line: 9 },
    ]);
  });
  it('ends a bomb of aliases at maxAliasedValues', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`);
    expect(readText(`a0: &a0 x\n${levels.join('\n')}\n`, 'f.yaml')[0]!.refusal).toMatchObject({
      stage: 'yaml',
      error: expect.stringContaining('alias'),
    });
  });
});

describe('what is probably meant for MetalLB is not passed over in silence', () => {
  const object = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x }`;
  const nested = (item: string): string =>
    `kind: List\napiVersion: v1\nitems:\n- kind: List\n  apiVersion: v1\n  items:\n  - ${item}`;
  it.each([
    ['a kind in lower case', object('v1', 'service'), 'did you mean Service?'],
    ['the same of MetalLB', object('metallb.io/v1beta1', 'ipaddresspool'), 'did you mean IPAddressPool?'],
    ['a pool without a group', object('v1beta1', 'IPAddressPool'), 'did you mean metallb.io/v1beta1?'],
    ['a group without its domain', object('metallb/v1beta2', 'BGPPeer'), 'did you mean metallb.io/v1beta2?'],
    ['a group that is misspelt', object('metalb.io/v1beta1', 'BFDProfile'), 'did you mean metallb.io/v1beta1?'],
    ['a property of objects as version', object('constructor', 'Service'), 'no matches for kind'],
    ['a List of objects in a List', nested('{ apiVersion: v1, kind: Node }'), 'a List within a List'],
    ['items that are no list', 'apiVersion: v1\nkind: List\nitems: { a: b }', 'items: expected a list'],
    [
      'the configuration of MetalLB before 0.13',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config }\ndata:\n  config: |\n    address-pools:\n    - name: a\n',
      'MetalLB reads no ConfigMap',
    ],
    [
      'a namespace that is a boolean',
      'apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: on }',
      'write "on" in quotes',
    ],
    ['a name that is a number', 'apiVersion: v1\nkind: Node\nmetadata: { name: 12 }', 'write "12" in quotes'],
    [
      'a label that is a boolean',
      'apiVersion: v1\nkind: Node\nmetadata: { name: a, labels: { a: yes } }',
      'metadata.labels.a: ',
    ],
    [
      'a type of Service in lower case',
      'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { type: loadbalancer }',
      'spec.type: ',
    ],
  ])('%s', (_, text, error) => expect(readText(text, 'f.yaml')[0]!.refusal?.error).toContain(error));

  it.each([
    ['a kind of the same name elsewhere', object('projectcalico.org/v3', 'BGPPeer')],
    ['the same in lower case', object('serving.knative.dev/v1', 'service')],
    ['a kind whose name is a property of objects', object('v1', 'constructor')],
    ['a List of other kinds in a List', nested('{ apiVersion: apps/v1, kind: Deployment }')],
    [
      'a ConfigMap with another configuration',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { config: "a: b" }',
    ],
  ])('%s is', (_, text) => expect(readText(text, 'f.yaml')).toEqual([{ lint: [] }]));

  it('labels have any name', () => {
    const [{ object: node } = {}] = readText(
      'apiVersion: v1\nkind: Node\nmetadata: { name: a, labels: { __proto__: x, constructor: z } }',
      'f.yaml',
    );
    expect(Object.entries(node!.labels)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'z'],
    ]);
  });
});

describe('large JSON', () => {
  const padding = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x'.repeat(300_000) } };
  const items = (kind: string, ...list: unknown[]): string =>
    JSON.stringify({ apiVersion: 'v1', items: [...list, padding], kind }, null, 1);
  const said = (text: string) =>
    readText(text, 'f.json').map(({ object, refusal }) => [object?.ref ?? refusal?.object, refusal?.error]);
  const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

  it('is cut into items, with the line of each; other kinds are passed over', () => {
    const text = items('List', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'a' } });
    expect(said(text)).toEqual([
      [{ kind: 'Node', name: 'a', file: 'f.json', line: lineOf(text, '{\n   "kind"') }, undefined],
      [undefined, undefined],
    ]);
  });
  it('gives items of a typed list their kind', () =>
    expect(said(items('NodeList', { metadata: { name: 'a' } }))[0]).toMatchObject([
      { kind: 'Node', name: 'a' },
      undefined,
    ]));
  it('has the line of a field that is wrong', () => {
    const text = items('List', {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name: 'p' },
      spec: {},
    });
    expect(said(text)[0]).toEqual([
      expect.objectContaining({ name: 'p', line: lineOf(text, '"spec"') }),
      expect.stringContaining('spec.addresses'),
    ]);
  });
  it('reads the items around a broken one', () => {
    const text = items(
      'List',
      { kind: 'Node', broken: 1 },
      { kind: 'Node', apiVersion: 'v1', metadata: { name: 'b' } },
    );
    const [first, second] = said(text.replace('"broken": 1', '"broken" 1'));
    expect(first![1]).toContain('YAML parse error');
    expect(second![0]).toMatchObject({ name: 'b' });
  });
  it('of one large object is read as it is', () =>
    expect(
      said(
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'a', annotations: { a: 'x'.repeat(300_000) } },
        }),
      )[0],
    ).toMatchObject([{ name: 'a', line: 1 }, undefined]));
});

describe('a text is bounded', () => {
  const items = (count: number, item: string): string => `apiVersion: v1\nkind: List\nitems:\n${item.repeat(count)}`;
  it.each([
    ['an object of too many characters', `a: ${'x'.repeat(maxObjectText)}`, `more than ${maxObjectText} characters`],
    ['an item of too many', items(1, `- ${'x'.repeat(maxObjectText)}\n`), `more than ${maxObjectText} characters`],
    ['more mistakes than are told', items(maxBroken + 2, '- [\n'), `more than ${maxBroken} mistakes`],
    [
      'merge keys of merge keys',
      `a: &a {b: 1, c: 2}\nd: [${'{<<: *a},'.repeat(100_000)}]`,
      'aliases expand to more than',
    ],
  ])('%s', (_, text, error) => {
    const results = readText(text, 'f.yaml');
    expect(results.at(-1)!.refusal!.error).toContain(error);
    expect(results.length).toBeLessThanOrEqual(maxBroken + 1);
  });

  // twice the text may take twice the time, and never the square: 32,000 keys took half a minute
  it.each<[string, (count: number) => string]>([
    ['keys of one mapping', (n) => `data: {${Array.from({ length: n }, (_, i) => `k${i}`).join()}}`],
    ['pairs in a sequence', (n) => `a: [${'b: c,'.repeat(n)}]`],
  ])('%s: time is linear', (_, of) => {
    const timeOf = (count: number): number => {
      const text = of(count);
      return Math.min(
        ...[1, 2].map(() => {
          const start = performance.now();
          readText(text, 'f.yaml');
          return performance.now() - start;
        }),
      );
    };
    timeOf(8_000);
    expect(timeOf(64_000) / timeOf(8_000)).toBeLessThan(32);
  });
});

describe('fields that do not exist', () => {
  const text =
    'apiVersion: metallb.io/v1beta1\nkind: BGPAdvertisement\nmetadata:\n  name: example\nspec:\n  nodeSelector:\n  - matchLabels: { a: b }\n  nodeSelectors:\n  - matchLabel: { a: b }\n  localpref: 3\n  whatever: 1\n';
  it('are found with path, line and what was probably meant', () => {
    const [{ object, lint } = { lint: [] }] = readText(text, 'f.yaml');
    expect(object!.unknownFields).toEqual([
      {
        path: 'spec.nodeSelectors[0].matchLabel',
        line: 9,
        message: 'unknown field "spec.nodeSelectors[0].matchLabel"',
        hint: 'did you mean matchLabels?',
      },
      {
        path: 'spec.nodeSelector',
        line: 6,
        message: 'unknown field "spec.nodeSelector"',
        hint: 'did you mean nodeSelectors?',
      },
      { path: 'spec.localpref', line: 10, message: 'unknown field "spec.localpref"', hint: 'did you mean localPref?' },
      { path: 'spec.whatever', line: 11, message: 'unknown field "spec.whatever"' },
    ]);
    expect(lint.map(({ path, object: { line } }) => `${line} ${path}`)).toEqual([
      '9 spec.nodeSelectors[0].matchLabel',
      '6 spec.nodeSelector',
      '10 spec.localpref',
      '11 spec.whatever',
      '1 metadata.namespace',
    ]);
  });
  it('of Kubernetes kinds are none of our business', () => {
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: { name: s, namespace: d, uid: x }\nspec: { type: LoadBalancer, sessionAffinity: None, novelty: 1 }';
    expect(readText(service, 'f.yaml')[0]).toMatchObject({ object: { unknownFields: [] }, lint: [] });
  });
});

describe('hostile objects', () => {
  it.each<[string, string, string]>([
    ['a value of a million characters', pool(`  autoAssign: ${'x'.repeat(1_000_000)}`), 'spec.autoAssign'],
    ['a field name of a million characters', pool(`  ? ${'x'.repeat(1_000_000)}\n  : 1`), 'unknown field'],
    ['twenty thousand addresses', pool('').replace('10.0.0.0/24', '10.0.0.0/24, '.repeat(20_000)), 'spec.addresses'],
  ])('%s: the answer stays short and names the object', (_, text, words) => {
    const [{ object, refusal, lint } = { lint: [] }] = readText(text, 'f.yaml');
    const said = refusal?.error ?? lint[0]!.message;
    expect((refusal?.object ?? object!.ref).name).toBe('p');
    expect(said).toContain(words);
    expect(said.length).toBeLessThan(1_100);
  });
});

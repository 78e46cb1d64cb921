import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { maxContext, maxMd5KeyOctets, maxNeighbors, maxTokenOctets, maxTokens } from '../src/config/schema.ts';
import { maxFileBytes } from '../src/config/source.ts';
import { type Config, ConfigError, loadConfig, maxSecretFileBytes, redact } from '../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerglass-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string, name = 'peerglass.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const load = (text: string, env: Record<string, string> = {}): Config => loadConfig({ file: write(text), env });

/** `line path: text` of every problem. */
function problems(text: string | undefined, env: Record<string, string> = {}): string[] {
  try {
    loadConfig({ file: text === undefined ? undefined : write(text), env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map((p) => `${p.line ?? '-'} ${p.path ?? ''}: ${p.text}`);
    throw error;
  }
  return [];
}

describe('without a file', () => {
  test('the embedded defaults stay on loopback and take any AS from there', () => {
    const config = loadConfig({ env: {} });
    expect(config.bgp).toMatchObject({
      listen: ['127.0.0.1:1790', '[::1]:1790'],
      asn: 64500,
      routerId: '127.0.0.1',
      holdTime: 90,
      quietTime: 5000,
      restoreTime: 300_000,
      neighbors: [
        { range: '127.0.0.0/8', asn: 'any' },
        { range: '::1/128', asn: 'any' },
      ],
    });
    expect(config.http).toEqual({ listen: '127.0.0.1:8080', tokens: [], public: false, cors: [] });
    expect(config.expect).toMatchObject({ mode: 'frr-k8s', namespace: 'metallb-system', grace: 'auto', manifests: [] });
    expect(config.retention).toEqual({ journal: 30 * 86_400_000, maxBytes: 20 * 2 ** 30 });
    expect(config.data).toBe(join(process.cwd(), 'data'));
  });
});

describe('a file', () => {
  test('everything that the reference shows is read', () => {
    write('s3cret\n', 'secret');
    const config = load(`
collector: rack-7
data: ./data
bgp:
  listen: ["0.0.0.0:179", "[::]:179"]
  asn: 64500
  routerId: 192.0.2.1
  holdTime: 30s
  neighbors:
    - range: 192.0.2.0/24
      asn: 64512
      password: { file: ./secret }
      ttlSecurity: 1
      maxPrefixes: { limit: 10000 }
      bgpPeer: tor-1
    - { address: "2001:DB8:0::1", asn: external, localAsn: 64999 }
  nodes: { 192.0.2.11: node-a, "2001:db8::000b": node-b }
http: { listen: 127.0.0.1:8080, tokens: [{ token: 0123456789abcdef, scopes: [read, operate] }], cors: [https://noc.example.net/] }
expect: { manifests: [./manifests], mode: native, grace: 20s }
retention: { journal: 7d, maxBytes: 500MB }
`);
    expect(config.bgp.neighbors).toEqual([
      {
        range: '192.0.2.0/24',
        asn: 64512,
        password: 's3cret',
        ttlSecurity: 1,
        maxPrefixes: { limit: 10_000, action: 'warn' },
        bgpPeer: 'tor-1',
      },
      { range: '2001:db8::1/128', asn: 'external', localAsn: 64999 },
    ]);
    expect(config.bgp.holdTime).toBe(30);
    expect(config.bgp.nodes).toEqual({ '192.0.2.11': 'node-a', '2001:db8::b': 'node-b' });
    expect(config.data).toBe(join(folder, 'data'));
    expect(config.expect).toMatchObject({ manifests: [join(folder, 'manifests')], mode: 'native', grace: 20_000 });
    expect(config.http.cors).toEqual(['https://noc.example.net']);
    expect(config.retention).toEqual({ journal: 7 * 86_400_000, maxBytes: 500_000_000 });
  });

  test('an empty file is the defaults', () => {
    expect(load('').bgp.asn).toBe(64500);
  });
});

describe('a live cluster', () => {
  const cases: [string, string, Config['expect']['kubernetes']][] = [
    ['is none by default', '{}', null],
    [
      'is the one of kubectl',
      '{kubernetes: {}}',
      { inCluster: false, kubeconfig: null, context: null, secrets: false },
    ],
    ['is our own', '{kubernetes: in-cluster}', { inCluster: true, kubeconfig: null, context: null, secrets: false }],
    [
      'is a context of a kubeconfig below home',
      '{kubernetes: {kubeconfig: ~/.kube/prod, context: a, secrets: true}}',
      { inCluster: false, kubeconfig: join(homedir(), '.kube/prod'), context: 'a', secrets: true },
    ],
    [
      'is a kubeconfig beside the configuration',
      '{kubernetes: {kubeconfig: kubeconfig}}',
      { inCluster: false, kubeconfig: join(folder, 'kubeconfig'), context: null, secrets: false },
    ],
  ];
  test('is as the README writes it', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
    const [, snippet] = /^```yaml\n(expect:\n {2}kubernetes: .*?)^```/ms.exec(readme) ?? [];
    expect(load(snippet!).expect.kubernetes).toMatchObject({
      kubeconfig: join(homedir(), '.kube/config'),
      context: 'prod',
    });
  });

  test.each(cases)('%s: expect: %s', (_, text, kubernetes) => {
    expect(load(`expect: ${text}`).expect.kubernetes).toEqual(kubernetes);
  });
});

describe('what decides which nodes announce', () => {
  const cases: [string, Partial<Config['expect']>][] = [
    ['{}', { version: 'newest', frrk8sSecretPassthrough: false }],
    ['{version: 0.15}', { version: '0.15' }],
    ['{version: 0.14.9}', { version: '0.14.9' }],
    ['{frrk8sSecretPassthrough: true}', { frrk8sSecretPassthrough: true }],
    ['{speakers: {}}', { speakers: { tolerations: [] } }],
    [
      '{speakers: {nodeSelector: {role: edge}, tolerations: [{key: team, operator: Exists}]}}',
      {
        speakers: {
          nodeSelector: { role: 'edge' },
          tolerations: [{ key: 'team', operator: 'Exists', value: '', effect: '' }],
        },
      },
    ],
  ];
  test.each(cases)('expect: %s', (text, expected) => {
    expect(load(`expect: ${text}`).expect).toMatchObject(expected);
  });

  test.each(['{version: 0.13}', '{version: 0.15.x}', '{speakers: {tolerations: [{operator: In}]}}', '{speakers: []}'])(
    'expect: %s is refused',
    (text) => expect(() => load(`expect: ${text}`)).toThrow(ConfigError),
  );
});

describe('layer 2', () => {
  const cases: [string, string, Config['l2']][] = [
    ['is not watched by default', '{}', null],
    ['is watched by its pools', 'l2: {}', { interfaces: 'auto', probe: 10_000 }],
    [
      'is watched where that is said',
      'l2: { interfaces: [eth0], probe: off }',
      { interfaces: [{ name: 'eth0', nodeInterfaces: null }], probe: null },
    ],
    [
      'is watched with names of the nodes',
      'l2: { interfaces: [{ name: eth0, nodeInterfaces: [bond0, bond1] }, eth1], probe: 1m }',
      {
        interfaces: [
          { name: 'eth0', nodeInterfaces: ['bond0', 'bond1'] },
          { name: 'eth1', nodeInterfaces: null },
        ],
        probe: 60_000,
      },
    ],
  ];
  test.each(cases)('%s', (_, text, l2) => expect(load(text).l2).toEqual(l2));
  test('is as the README writes it', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
    const [, snippet] = /^```yaml\n(l2:\n.*?)^```/ms.exec(readme) ?? [];
    expect(load(snippet!).l2).toEqual({ interfaces: [{ name: 'eth0', nodeInterfaces: ['bond0'] }], probe: 10_000 });
  });
  test.each([
    ['l2: { interfaces: [] }'],
    ['l2: { interfaces: [a/b] }'],
    ['l2: { interfaces: everything }'],
    ['l2: { interfaces: [{ name: eth0, nodeInterface: [a] }] }'],
    ['l2: { probe: 10ms }'],
    ['l2: { probe: no }'],
    ['l2: { port: 1 }'],
  ])('%s is refused', (text) => expect(problems(text)).toHaveLength(1));
});

describe('the environment', () => {
  const cases: [string, string, (config: Config) => unknown, unknown][] = [
    ['PEERGLASS_COLLECTOR', '7', (c) => c.collector, '7'],
    ['PEERGLASS_BGP_ASN', '64999', (c) => c.bgp.asn, 64999],
    ['PEERGLASS_BGP_LISTEN', '127.0.0.1:179, [::1]:179', (c) => c.bgp.listen, ['127.0.0.1:179', '[::1]:179']],
    ['PEERGLASS_BGP_ROUTER_ID', '192.0.2.9', (c) => c.bgp.routerId, '192.0.2.9'],
    ['PEERGLASS_BGP_QUIET_TIME', '250ms', (c) => c.bgp.quietTime, 250],
    [
      'PEERGLASS_BGP_NEIGHBORS',
      '[{range: 10.0.0.0/8, asn: any}]',
      (c) => c.bgp.neighbors,
      [{ range: '10.0.0.0/8', asn: 'any' }],
    ],
    ['PEERGLASS_BGP_NODES', '{10.0.0.1: a}', (c) => c.bgp.nodes, { '10.0.0.1': 'a' }],
    ['PEERGLASS_HTTP_PUBLIC', 'true', (c) => c.http.public, true],
    ['PEERGLASS_EXPECT_MANIFESTS', '/a,/b', (c) => c.expect.manifests, ['/a', '/b']],
    [
      'PEERGLASS_EXPECT_KUBERNETES_IN_CLUSTER',
      'true',
      (c) => c.expect.kubernetes,
      { inCluster: true, kubeconfig: null, context: null, secrets: false },
    ],
    ['PEERGLASS_EXPECT_KUBERNETES_CONTEXT', '7', (c) => c.expect.kubernetes?.context, '7'],
    ['PEERGLASS_EXPECT_GRACE', '3s', (c) => c.expect.grace, 3000],
    ['PEERGLASS_EXPECT_VERSION', '0.15', (c) => c.expect.version, '0.15'],
    ['PEERGLASS_EXPECT_IGNORE_EXCLUDE_LB', 'true', (c) => c.expect.ignoreExcludeLB, true],
    ['PEERGLASS_RETENTION_MAX_BYTES', '1GiB', (c) => c.retention.maxBytes, 2 ** 30],
  ];
  test.each(cases)('%s=%s sets its key', (variable, value, read, expected) => {
    expect(read(loadConfig({ env: { [variable]: value } }))).toEqual(expected);
  });

  test('it wins over the file', () => {
    expect(load('bgp: {asn: 1}', { PEERGLASS_BGP_ASN: '2' }).bgp.asn).toBe(2);
  });

  test('PEERGLASS_CONFIG names the file', () => {
    expect(loadConfig({ env: { PEERGLASS_CONFIG: write('bgp: {asn: 3}') } }).bgp.asn).toBe(3);
  });

  test('the token of `peerglass check` is none of its business', () => {
    expect(problems(undefined, { PEERGLASS_TOKEN: 'correct-horse-battery' })).toEqual([]);
  });

  test('a wrong value is reported under the name of the variable', () => {
    const error = (() => {
      try {
        loadConfig({ env: { PEERGLASS_BGP_ASN: 'x' } });
      } catch (thrown) {
        return thrown as ConfigError;
      }
    })();
    expect(error?.message).toBe('PEERGLASS_BGP_ASN: bgp.asn: expected an AS number between 1 and 4294967295');
  });

  test('a slip is an error with a suggestion, a service link of Kubernetes is not', () => {
    expect(problems(undefined, { PEERGLASS_BPG_ASN: '1' })).toEqual([
      '- : unknown variable; did you mean PEERGLASS_BGP_ASN?; unset it',
    ]);
    const links = [
      'PEERGLASS_SERVICE_HOST',
      'PEERGLASS_BGP_SERVICE_PORT_BGP',
      'PEERGLASS_PORT_179_TCP_ADDR',
      'PEERGLASS_BGP_PORT',
    ];
    expect(problems(undefined, Object.fromEntries(links.map((link) => [link, 'x'])))).toEqual([]);
  });
});

describe('what is refused', () => {
  const cases: [string, string, string[]][] = [
    ['an unknown key, with a suggestion', 'bgp:\n  assn: 5', ['2 bgp.assn: unknown key; did you mean asn?']],
    ['the wrong case', 'bgp: {holdtime: 9}', ['1 bgp.holdtime: unknown key; did you mean holdTime?']],
    [
      'two ways into a cluster at once',
      'expect:\n  kubernetes: {inCluster: true, context: prod}',
      ['2 expect.kubernetes: inCluster excludes kubeconfig and context'],
    ],
    [
      'a word that is no way into a cluster',
      'expect: {kubernetes: incluster}',
      ['1 expect.kubernetes: expected object, received string'],
    ],
    [
      'BFD',
      'bgp:\n  neighbors:\n  - address: 10.0.0.1\n    asn: any\n    bfd: {receive: 300ms}',
      ['5 bgp.neighbors[0].bfd: not supported in this version: remove it; Peerglass does not answer BFD'],
    ],
    [
      'a name as endpoint',
      'http: {listen: "localhost:80"}',
      ['1 http.listen: expected address:port with a numeric address, IPv6 in brackets: 0.0.0.0:179 or [::]:179'],
    ],
    [
      'a hold time of two seconds',
      'bgp: {holdTime: 2}',
      ['1 bgp.holdTime: expected 0 or at least 3 seconds (RFC 4271 §4.2)'],
    ],
    [
      'a duration without a unit',
      'bgp: {quietTime: 5}',
      ['1 bgp.quietTime: expected a duration from 100ms to 10m with its unit, such as 300ms, 5s or 30d'],
    ],
    [
      'host bits',
      'bgp: {neighbors: [{range: 10.0.0.1/8, asn: 1}]}',
      ['1 bgp.neighbors[0].range: expected a prefix whose host bits are zero, such as 192.0.2.0/24'],
    ],
    [
      'a neighbor without an AS',
      'bgp: {neighbors: [{range: 10.0.0.0/8}]}',
      ['1 bgp.neighbors[0].asn: expected an AS number, any, external or internal'],
    ],
    [
      'address and range',
      'bgp: {neighbors: [{range: 10.0.0.0/8, address: 10.0.0.1, asn: 1}]}',
      ['1 bgp.neighbors[0]: expected exactly one of address and range'],
    ],
    [
      'the same neighbor twice',
      'bgp:\n  neighbors:\n  - {address: 10.0.0.1, asn: 1}\n  - {range: 10.0.0.1/32, asn: 1}',
      ['4 bgp.neighbors[1]: duplicate neighbor 10.0.0.1/32 with asn 1; remove one'],
    ],
    [
      'a listener beyond loopback without neighbors',
      'bgp: {listen: ["0.0.0.0:179"]}',
      ['1 bgp.listen: an address other than loopback requires bgp.neighbors: list the neighbors that may connect'],
    ],
    [
      'HTTP beyond loopback without tokens',
      'http: {listen: "0.0.0.0:8080"}',
      [
        '1 http.listen: an address other than loopback requires http.tokens, or http.public: true to read without a token',
      ],
    ],
    [
      'a key that is not an address',
      'bgp: {nodes: {node-a: 10.0.0.1}}',
      ['1 bgp.nodes.node-a: expected an IPv4 or IPv6 address as the key'],
    ],
    ['a list', '- a', ['1 : expected keys such as bgp: and http:']],
    [
      'broken YAML',
      'bgp:\n  asn: [1',
      ['2 : Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    ['a key twice', 'bgp: {}\nbgp: {}', ['2 : Map keys must be unique']],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('every problem at once, in the order of the file, cross-checks included', () => {
    expect(
      problems('bgp: {asn: 0}\nhttp:\n  listen: 0.0.0.0:80\nexpect:\n  mode: frrk8s\n').map(
        (line) => line.split(':')[0],
      ),
    ).toEqual(['1 bgp.asn', '3 http.listen', '5 expect.mode']);
  });

  test('a missing file', () => {
    expect(() => loadConfig({ file: join(folder, 'none.yaml'), env: {} })).toThrow(
      /none\.yaml: cannot read the file: ENOENT/,
    );
  });

  test('a missing secret file, with its path', () => {
    expect(problems('bgp: {neighbors: [{address: 10.0.0.1, asn: 1, password: {file: ./nothing}}]}')).toEqual([
      expect.stringMatching(/^1 bgp\.neighbors\[0\]\.password\.file: cannot use this file: ENOENT/),
    ]);
  });

  test('more than a bound allows', () => {
    const token = { token: '0123456789abcdef', scopes: ['read'] };
    const some = (count: number, item: object) => Array.from({ length: count }, () => item);
    const bounded: [string, object, RegExp][] = [
      [
        'maxNeighbors',
        { bgp: { neighbors: some(maxNeighbors + 1, { address: '10.0.0.1', asn: 1 }) } },
        /bgp\.neighbors/,
      ],
      ['maxTokens', { http: { tokens: some(maxTokens + 1, token) } }, /http\.tokens/],
      ['maxContext', { expect: { kubernetes: { kubeconfig: 'k', context: 'x'.repeat(maxContext + 1) } } }, /context/],
      [
        'maxMd5KeyOctets',
        { bgp: { neighbors: [{ address: '10.0.0.1', asn: 1, password: 'x'.repeat(maxMd5KeyOctets + 1) }] } },
        /password: .*80 characters/,
      ],
      ['maxTokenOctets', { http: { tokens: [{ token: 'x'.repeat(maxTokenOctets + 1) }] } }, /token: .*512 characters/],
    ];
    for (const [name, config, where] of bounded) expect(problems(JSON.stringify(config)).join(), name).toMatch(where);
    const file = write(' '.repeat(maxFileBytes + 1), 'large.yaml');
    expect(() => loadConfig({ file, env: {} })).toThrow(/larger than 1048576 octets/);
    write('x'.repeat(maxSecretFileBytes + 1), 'large');
    expect(problems('bgp: {neighbors: [{address: 10.0.0.1, asn: 1, password: {file: ./large}}]}').join()).toContain(
      'larger than 4096 octets',
    );
  });

  test('entries that share addresses but not their options', () => {
    const first = '{range: 10.0.0.0/24, asn: 1, password: secret}';
    expect(problems(`bgp: {neighbors: [${first}, {range: 10.0.0.0/24, asn: 2}]}`)).toEqual([
      expect.stringMatching(/bgp\.neighbors\[1\]\.password: conflicts with an earlier entry for 10\.0\.0\.0\/24/),
    ]);
    expect(problems(`bgp: {neighbors: [${first}, {address: 10.0.0.7, asn: 2}]}`)).toEqual([
      expect.stringMatching(/bgp\.neighbors\[1\]: 10\.0\.0\.7\/32 lies within 10\.0\.0\.0\/24, which has a password/),
    ]);
    expect(problems(`bgp: {neighbors: [${first}, {address: 10.0.0.7, asn: 2, password: other}]}`)).toEqual([]);
  });
});

describe('secrets', () => {
  test('are not in what is shown', () => {
    const config = load(
      'bgp: {neighbors: [{address: 10.0.0.1, asn: 1, password: hunter2}]}\nhttp: {tokens: [{token: correct-horse-battery}]}',
    );
    const shown = JSON.stringify(redact(config));
    expect(shown).not.toMatch(/hunter2|correct-horse/);
    expect(config.bgp.neighbors[0]?.password).toBe('hunter2');
  });

  test('are not in messages about them', () => {
    const text = problems(
      `bgp: {neighbors: [{address: 10.0.0.1, asn: 1, password: ${'hunter2'.repeat(20)}}]}\nhttp: {tokens: [{token: hunter2}, hunter2]}`,
    ).join('\n');
    expect(text).toMatch(/password.*80 characters/);
    expect(text).not.toMatch(/hunter2/);
  });
});

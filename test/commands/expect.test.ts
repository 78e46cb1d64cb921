/** `peerglass expect`: what it prints of manifests, what it says when they change, and its exit codes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ExpectCommand, expect as run } from '../../src/commands/expect.ts';
import type { DifferenceReport } from '../../src/metallb/answers/report-differences.ts';
import {
  advertisement,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  service,
  slice,
} from '../support/metallb-objects.ts';

const base: ExpectCommand = {
  mode: 'frr-k8s',
  metallbVersion: 'newest',
  namespace: 'metallb-system',
  loadBalancerClass: '',
  fieldValidation: 'strict',
};
const cluster = [
  node('node-a', 11),
  node('node-b', 12),
  peer('tor-1'),
  pool('blue', ['203.0.113.0/28']),
  advertisement('adv'),
  service('web', ['203.0.113.1']),
  slice('web', ['node-a', 'node-b']),
  service('dns', ['203.0.113.2']),
  slice('dns', ['node-a', 'node-b']),
];
const without = (...names: string[]): KubeObject[] => cluster.filter(({ metadata }) => !names.includes(metadata.name));

afterEach(() => {
  process.exitCode = undefined;
});

/** Files of objects; what the command makes of them. */
async function outcome(options: Partial<ExpectCommand>, manifests: object[] | string, old?: object[] | string) {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-expect-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: object[] | string): string => {
    const path = join(folder, name);
    writeFileSync(
      path,
      typeof content === 'string' ? content : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: content }),
    );
    return path;
  };
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    const spy = vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
    onTestFinished(() => spy.mockRestore());
  }
  const diff = old === undefined ? {} : { diff: [file('old.yaml', old)] };
  await run([file('new.yaml', manifests)], { ...base, ...options, ...diff });
  return { ...written, code: process.exitCode ?? 0 };
}

describe('only what is asked for', () => {
  const cases: [string, Partial<ExpectCommand>, string[]][] = [
    ['one node', { node: 'node-a' }, ['node-a 203.0.113.1/32', 'node-a 203.0.113.2/32']],
    ['one Service', { service: 'default/web' }, ['node-a 203.0.113.1/32', 'node-b 203.0.113.1/32']],
    ['one Service by its short name', { service: 'dns', node: 'node-b' }, ['node-b 203.0.113.2/32']],
    ['one prefix', { prefix: '203.0.113.1' }, ['node-a 203.0.113.1/32', 'node-b 203.0.113.1/32']],
    ['another peer', { bgpPeer: 'tor-2' }, []],
  ];
  it.each(cases)('%s', async (_, options, rows) => {
    const { stdout, code } = await outcome({ ...options, json: true }, cluster);
    const { expectations } = JSON.parse(stdout) as { expectations: { node: string; prefix: string }[] };
    expect(expectations.map((row) => `${row.node} ${row.prefix}`)).toEqual(rows);
    expect(code).toBe(0);
  });
});

describe('from one set of manifests to another', () => {
  const communities = [...without('adv'), advertisement('adv', { communities: ['64512:7'] })];
  const green = pool('green', ['203.0.113.8/29']);
  const cases: [string, object[] | string, object[] | string, number, RegExp[]][] = [
    ['nothing is different', cluster, cluster, 0, [/^The same is announced, and the same is refused\.\n$/]],
    [
      'a Service more',
      cluster,
      without('web'),
      1,
      [
        /^\+ 203\.0\.113\.1\/32 {2}node-a {2}→ tor-1 {2}as-path 64512 {2}from web$/m,
        /^2 routes appear, 0 disappear, 0 change\.$/m,
      ],
    ],
    [
      'a node less',
      without('node-b'),
      cluster,
      1,
      [/^- node-b {2}→ tor-1 {2}AS 64512 to 192\.0\.2\.1 port 179, AS 64500$/m, /^- 203\.0\.113\.2\/32 {2}node-b /m],
    ],
    [
      'an attribute',
      communities,
      cluster,
      1,
      [
        /^~ 203\.0\.113\.1\/32 {2}node-a {2}→ tor-1 {2}as-path 64512 ⇒ as-path 64512, communities 64512:7 {2}from web$/m,
      ],
    ],
    [
      'who answers on layer 2',
      [...cluster, l2Advertisement('l2', { interfaces: ['eth1'] })],
      [...cluster, l2Advertisement('l2')],
      1,
      [/^~ web {2}node-\w on all interfaces ⇒ node-\w on eth1$/m],
    ],
    [
      'an object that is refused: the routes stay',
      [...cluster, green],
      cluster,
      1,
      [
        /^Refused\n {2}\+ .*new\.yaml.*IPAddressPool\/green: webhook: .*overlap/m,
        /^0 routes appear, 0 disappear, 0 change\.$/m,
      ],
    ],
    [
      'an object that is refused no more',
      cluster,
      [...cluster, green],
      1,
      [/^Refused\n {2}- .*old\.yaml.*IPAddressPool\/green/m],
    ],
    ['what was refused still is', [...cluster, green], [...cluster, green], 0, [/^The same is announced/]],
    ['everything', [], cluster, 1, [/^- 203\.0\.113\.1\/32 /m, /^0 routes appear, 4 disappear/m]],
    ['nothing to tell of on either side', [], [], 2, [/^The same is announced/]],
    ['a side that cannot be read', cluster, 'a: [', 2, [/^4 routes appear/m]],
  ];
  it.each(cases)('%s', async (_, now, old, code, texts) => {
    const found = await outcome({}, now, old);
    for (const text of texts)
      expect(found.stdout.replaceAll(/^ {2}(?=[-+~] \d|[-+~] node|[-+~] web)/gm, '')).toMatch(text);
    expect(found.code).toBe(code);
  });

  it('as JSON, with both sides in the words of expect', async () => {
    const { stdout } = await outcome({ json: true, node: 'node-a', service: 'web' }, communities, cluster);
    const report = JSON.parse(stdout) as DifferenceReport;
    expect(report).toMatchObject({ sessions: [], l2: [], refusals: [], settled: [], lint: [], lintSettled: [] });
    expect(report.expectations).toMatchObject([
      {
        difference: 'changes',
        node: 'node-a',
        bgpPeer: 'tor-1',
        prefix: '203.0.113.1/32',
        fields: ['communities'],
        before: { communities: [], nextHop: 'self' },
        after: { communities: ['64512:7'], chain: [{ service: 'web', ip: '203.0.113.1' }] },
      },
    ]);
  });
});

describe('--overlay', () => {
  const rule = (more: object): object => ({ id: 'r', reason: 'agreed with the core', owner: 'noc', ...more });
  const mustNot = rule({ rule: 'must-not', prefix: '203.0.113.0/24', match: 'longer' });
  const must = rule({ rule: 'must', prefix: '203.0.113.1/32', node: ['node-a', 'node-b'] });
  const overlay = (...rules: object[]): string => {
    const folder = mkdtempSync(join(tmpdir(), 'peerglass-overlay-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ rules }));
    return join(folder, 'rules.yaml');
  };

  it.each<[string, object[], object[], number, RegExp, RegExp]>([
    ['rules that are kept', [must], cluster, 0, /203\.0\.113\.1/, /^$/],
    [
      'a broken must-not',
      [mustNot],
      cluster,
      1,
      /^breaches\n {2}must-not r \(.*rules\.yaml:1\): .* would announce 203/m,
      /^$/,
    ],
    ['a broken must', [must], without('node-b'), 1, /must r .*: 1 of .* must: agreed with the core/, /^$/],
    ['an invalid rule', [{ id: 'r' }], cluster, 2, /203\.0\.113\.1/, /rules\.yaml:1: rules\[0\]/],
    ['a must without nodes', [must], [advertisement('adv')], 2, /./, /the manifests contain no Node/],
  ])('%s', async (_, rules, manifests, code, stdout, stderr) => {
    const told = await outcome({ overlay: overlay(...rules) }, manifests);
    expect(told.stdout).toMatch(stdout);
    expect(told.stderr).toMatch(stderr);
    expect(told.code).toBe(code);
  });

  it('is in the JSON, and only then', async () => {
    const told = async (options: Partial<ExpectCommand>) =>
      JSON.parse((await outcome({ ...options, json: true }, cluster)).stdout).breaches;
    expect(await told({})).toBeUndefined();
    expect(await told({ overlay: overlay(mustNot) })).toMatchObject([
      { rule: { id: 'r', rule: 'must-not', owner: 'noc' }, prefix: '203.0.113.1/32', nodes: ['node-a', 'node-b'] },
      { prefix: '203.0.113.2/32' },
    ]);
  });

  it('is held against the new manifests of --diff, though nothing is different', async () => {
    const { stdout, code } = await outcome({ overlay: overlay(mustNot) }, cluster, cluster);
    expect(stdout).toMatch(/^The same is announced.*\n\nbreaches\n/);
    expect(code).toBe(1);
  });
});

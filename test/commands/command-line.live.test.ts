/** The command line as a process: what it refuses, in which words, with which exit code; and what comes in on stdin. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { advertisement, node, peer, pool, service, slice } from '../support/metallb-objects.ts';

const main = join(import.meta.dirname, '../../src/main.mjs');

it.each<[string, string[], number, RegExp]>([
  ['nobody is there', ['check', '--url', 'http://127.0.0.1:1'], 2, /127\.0\.0\.1:1: /],
  ['no duration', ['check', '--wait', 'soon'], 64, /--wait soon: expected a duration/],
  [
    'a URL without http://',
    ['check', '--url', 'localhost:8080'],
    64,
    /--url localhost:8080: expected a URL with http:\/\//,
  ],
  ['no URL at all', ['check', '--url', '::'], 64, /--url ::: expected a URL/],
  ['no command', [], 64, /Usage: peerglass/],
  ['no subcommand', ['config'], 64, /Usage: peerglass config/],
  ['manifests that are not there', ['expect', '/nonexistent'], 2, /\/nonexistent.*\n.*no object/],
  [
    'a prefix to check that is none',
    ['check', '--prefix', '1.2.3.4/33'],
    64,
    /--prefix 1\.2\.3\.4\/33: expected a prefix/,
  ],
  ['a prefix that is none', ['expect', '.', '--prefix', 'web'], 64, /--prefix web: expected a prefix/],
  ['stdin for both sides', ['expect', '-', '--diff', '-'], 64, /stdin can be read only once/],
  ['a folder without manifests', ['expect', import.meta.dirname], 2, /no object/],
  ['no such command', ['frobnicate'], 64, /unknown command/],
  ['a configuration that is not there', ['config', 'check', '/nonexistent/peerglass.yaml'], 78, /cannot read the file/],
])('%s', (_, args, status, message) => {
  const main = join(import.meta.dirname, '../../src/main.mjs');
  const result = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', timeout: 15_000 });
  expect(result.stderr).toMatch(message);
  expect(result.status).toBe(status);
});

const list = (...items: object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const cluster = [
  node('node-a', 11),
  peer('tor-1'),
  pool('blue', ['203.0.113.0/28']),
  advertisement('adv'),
  service('web', ['203.0.113.1']),
  slice('web', ['node-a']),
];

it.each<[string, string[], string, number, RegExp]>([
  ['right objects', [], list(...cluster), 0, /203\.0\.113\.1\/32 +node-a +→ tor-1/],
  ['a refused object', [], list(...cluster, pool('green', ['203.0.113.8/29'])), 1, /Refused\n.*stdin.*overlap/],
  ['text that is no YAML', [], 'a: [', 2, /Refused\n.*stdin:1/],
  ['nothing', [], '', 2, /There is no Node/],
  ['a file that is not there beside it', ['/nonexistent'], list(...cluster), 2, /203\.0\.113\.1\/32/],
])('expect - reads %s from stdin', (_, args, input, status, text) => {
  const result = spawnSync(process.execPath, [main, 'expect', '-', ...args], {
    input,
    encoding: 'utf8',
    timeout: 15_000,
  });
  expect(result.stdout).toMatch(text);
  expect(result.status).toBe(status);
});

const rules = (text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'rules.yaml'), text);
  writeFileSync(join(folder, 'peerglass.yaml'), 'expect: { overlay: rules.yaml }\n');
  return join(folder, 'peerglass.yaml');
};

it.each<[string, string, number, RegExp]>([
  ['right', 'rules:\n- { id: a, rule: must, prefix: 203.0.113.1/32, reason: r, owner: o }\n', 0, /peerglass\.yaml: ok/],
  [
    'wrong',
    'rules:\n- { id: a, rule: must, prefix: web }\n',
    78,
    /rules\.yaml:2: rules\[0\]\.prefix: expected a prefix/,
  ],
])('config check looks at the overlay as well: %s', (_, text, status, words) => {
  const result = spawnSync(process.execPath, [main, 'config', 'check', rules(text)], {
    encoding: 'utf8',
    timeout: 15_000,
  });
  expect(result.stdout + result.stderr).toMatch(words);
  expect(result.status).toBe(status);
});

it.each(['check', 'expect'])('%s --help has examples and exit codes', (command) => {
  const { stdout, status } = spawnSync(process.execPath, [main, command, '--help'], {
    encoding: 'utf8',
    timeout: 15_000,
  });
  expect(stdout).toMatch(/Examples:\n {2}peerglass/);
  expect(stdout).toMatch(/Exit codes: 0 .*, 1 [\s\S]*,\s2 [\s\S]*, 64 usage\./);
  expect(status).toBe(0);
});

/** The reference says what holds: as a file it changes nothing, and nothing is left out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configReference } from '../../src/config/reference.ts';
import { loadConfig } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerglass-reference-'));
const text = configReference();

beforeAll(() => writeFileSync(join(folder, 'peerglass.yaml'), text));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the reference of the configuration', () => {
  it('equals the defaults', () => {
    const file = join(folder, 'peerglass.yaml');
    expect(loadConfig({ file, env: {} })).toEqual({ ...loadConfig({ env: {} }), file, data: join(folder, 'data') });
  });

  it.each([
    ['a default with its unit', /^ {2}quietTime: 5s +# A neighbor that sends no End-of-RIB/m],
    ['a list', /^ {2}listen: \[127\.0\.0\.1:1790, "\[::1\]:1790"\] +# Addresses and ports for BGP/m],
    ['an enumeration', /^ {2}mode: frr-k8s +# .*: frr-k8s, frr, native$/m],
    ['a key with a computed default', /^#collector: +# .*host name$/m],
    ['a section of a list', /^# {2}neighbors: .*\n# {4}- address: .*\n# {6}range: /m],
    ['a section within it', /^# {6}maxPrefixes: .*\n# {8}limit: .*\n# {8}action: warn +# warn, drop$/m],
  ])('shows %s', (_, pattern) => expect(text).toMatch(pattern));

  it('is valid YAML without the "#"', () => {
    const all = parse(text.replaceAll(/^#(?=\w| {2})/gm, ''));
    expect(Object.keys(all.bgp.neighbors[0])).toEqual([
      'address',
      'range',
      'asn',
      'localAsn',
      'password',
      'ttlSecurity',
      'maxPrefixes',
      'bgpPeer',
    ]);
    expect(Object.keys(all.http.tokens[0])).toEqual(['token', 'scopes']);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourceStatus } from '../../src/api/deps.ts';
import { watchManifests } from '../../src/collector/manifests.ts';
import type { ManifestSource } from '../../src/metallb/source.ts';
import type { ExpectationTable } from '../../src/metallb/types.ts';

const pool = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: first, namespace: metallb-system }
spec: { addresses: [203.0.113.0/24] }
`;
const overlapping = pool.replace('first', 'second');

let folder: string;
let watched: ManifestSource | undefined;
const sources: SourceStatus[] = [];
const tables: ExpectationTable[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerglass-manifests-'));
  sources.length = tables.length = 0;
});
afterEach(() => {
  watched?.close();
  rmSync(folder, { recursive: true });
});

async function watch(text: string): Promise<SourceStatus> {
  write(text);
  watched = await watchManifests({
    expect: {
      manifests: [join(folder, 'cluster.yaml')],
      mode: 'frr',
      namespace: 'metallb-system',
      ignoreExcludeLB: false,
      loadBalancerClass: '',
      fieldValidation: 'strict',
    },
    log: pino({ level: 'silent' }),
    sources,
    onExpectations: (table) => tables.push(table),
  });
  return sources[0]!;
}

const write = (text: string) => writeFileSync(join(folder, 'cluster.yaml'), text);

describe('the manifests of a running collector', () => {
  it.each<[string, string, RegExp]>([
    [
      'an object that a webhook refuses',
      `${pool}---\n${overlapping}`,
      /IPAddressPool\/second is refused \(webhook\): .*overlaps/,
    ],
    ['an unknown field', pool.replace('spec: {', 'spec: { autoAsign: no,'), /unknown field "spec\.autoAsign"/],
    ['a field that is missing', pool.replace('addresses', 'adresses'), /spec\.addresses: .*expected array/],
    ['no YAML', `${pool}---\n  a: [`, /^YAML parse error/],
  ])('%s is shown as a problem of the source, once', async (_, text, problem) => {
    const { problems } = await watch(text);
    expect(problems.map(({ text }) => text).filter((each) => problem.test(each))).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: join(folder, 'cluster.yaml'), line: expect.any(Number) });
  });

  it('a file that is emptied leaves the last state in force, and says so until there is something again', async () => {
    const status = await watch(pool);
    expect(status).toMatchObject({ objects: 1, problems: [] });
    write('');
    await watched!.refresh();
    expect(status).toMatchObject({
      objects: 1,
      problems: [{ text: 'it holds no objects any more; the 1 that were there stay in force' }],
    });
    expect(tables).toHaveLength(1);
    write(`${pool}---\n${pool.replace('first', 'other').replace('113', '114')}`);
    await watched!.refresh();
    expect(status).toMatchObject({ objects: 2, problems: [] });
    expect(tables).toHaveLength(2);
  });
});

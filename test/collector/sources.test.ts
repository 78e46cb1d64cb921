import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Expectations, type Sources, watchSources, whyNothing } from '../../src/collector/sources.ts';
import type { SourceStatus } from '../../src/collector/status.ts';
import { until } from '../support/wait.ts';

const pool = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: first, namespace: metallb-system }
spec: { addresses: [203.0.113.0/24] }
`;
const overlapping = pool.replace('first', 'second');

let folder: string;
let watched: Sources | undefined;
const statuses: SourceStatus[] = [];
const states: Expectations[] = [];
let now: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerglass-sources-'));
  statuses.length = states.length = 0;
  now = Date.UTC(2026, 0, 1);
});
afterEach(() => {
  watched?.close();
  rmSync(folder, { recursive: true });
});

const manifest = () => join(folder, 'cluster.yaml');
const write = (text: string) => writeFileSync(manifest(), text);

async function watch(text: string): Promise<SourceStatus> {
  write(text);
  watched = await watchSources({
    expect: {
      manifests: [manifest()],
      kubernetes: null,
      mode: 'frr',
      namespace: 'metallb-system',
      ignoreExcludeLB: false,
      loadBalancerClass: '',
      fieldValidation: 'strict',
    },
    userAgent: 'test',
    log: pino({ level: 'silent' }),
    now: () => now,
    statuses,
    onExpectations: (state) => states.push(state),
  });
  return statuses[0]!;
}

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
    expect(problems[0]).toMatchObject({ file: manifest(), line: expect.any(Number) });
  });

  it('an emptied file keeps the objects read last, and is reported until it has objects again', async () => {
    const status = await watch(pool);
    expect(status).toMatchObject({ objects: 1, problems: [] });
    write('');
    await until('it is noticed', () => status.problems.length > 0);
    expect(status).toMatchObject({
      objects: 1,
      problems: [{ text: 'no longer contains objects; keeping the 1 object read last' }],
    });
    expect(states).toHaveLength(1);
    write(`${pool}---\n${pool.replace('first', 'other').replace('113', '114')}`);
    await until('it is believed', () => status.objects === 2);
    expect(status.problems).toEqual([]);
    expect(states).toHaveLength(2);
  });

  it('a missing file keeps the objects read last, and is reported with its age', async () => {
    const status = await watch(pool);
    const readAt = now;
    expect(status).toMatchObject({ readAt, problems: [] });
    now += 60_000;
    renameSync(manifest(), `${manifest()}.away`);
    await until('it is noticed', () => status.problems.length > 0);
    expect(status).toMatchObject({ synced: true, objects: 1, readAt });
    expect(status.problems.map(({ text }) => text)).toEqual([
      'cannot be read since 2026-01-01T00:00:00.000000Z; keeping the 1 object read last',
      expect.stringMatching(/ENOENT/),
    ]);
    expect(states).toHaveLength(1);
    renameSync(`${manifest()}.away`, manifest());
    await until('it is back', () => status.problems.length === 0);
    expect(status.readAt).toBe(now);
  });
});

describe('what hears of a new state', () => {
  it('gets the state before, with the objects that did not change, and whose change it was', async () => {
    await watch(pool);
    expect(states[0]).toMatchObject({ previous: null, sources: [manifest()] });
    write(`${pool}---\n${pool.replace('first', 'other').replace('113', '114')}`);
    await until('it is read', () => states.length === 2);
    const [first, second] = states;
    expect(second!.previous).toBe(first!.resources);
    const key = 'metallb-system/first';
    expect(second!.resources.IPAddressPool.get(key)).toBe(first!.resources.IPAddressPool.get(key));
  });
});

describe('why nothing is expected', () => {
  const status = { name: 'm', kind: 'manifests' as const, synced: false, readAt: null, objects: 0, kinds: null };
  it.each<[string, string[], SourceStatus[], RegExp]>([
    ['no source at all', [], [], /^No source is configured/],
    ['one that is being read', ['m'], [{ ...status, problems: [] }], /^Nothing is expected yet: m is being read\.$/],
    [
      'one that cannot be read',
      ['m'],
      [{ ...status, problems: [{ file: 'm', text: 'it burns' }] }],
      /^Nothing is expected yet, since m could not be read so far: it burns$/,
    ],
  ])('%s', (_, manifests, sources, text) => {
    expect(whyNothing({ manifests, kubernetes: null }, sources)).toMatch(text);
  });
});

/** Large manifests, in a real thread. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { largeFrom, readLargeText } from '../../../src/metallb/objects/large-text.ts';
import { readText } from '../../../src/metallb/objects/yaml.ts';
import { service } from '../../support/metallb-objects.ts';

/** A List of so many Services: one document, which the parser does at a stretch. */
const listOf = (count: number): string =>
  [
    'apiVersion: v1',
    'kind: List',
    'items:',
    ...Array.from({ length: count }, (_, i) =>
      [
        '- apiVersion: v1',
        '  kind: Service',
        `  metadata: { name: service-${i}, namespace: default }`,
        '  spec: { type: LoadBalancer }',
        `  status: { loadBalancer: { ingress: [{ ip: 10.0.${i >> 8}.${i & 255} }] } }`,
      ].join('\n'),
    ),
  ].join('\n');

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

describe('a text of one large document', () => {
  const text = listOf(10_000);

  test('says what it says when it is parsed in this thread, lines included', async () => {
    expect(text.length).toBeGreaterThan(largeFrom);
    const small = listOf(50);
    expect(await readLargeText(bytesOf(small), 'a.yaml')).toEqual(readText(small, 'a.yaml'));
    const results = await readLargeText(bytesOf(text), 'a.yaml');
    expect(results).toHaveLength(10_000);
    expect(results.at(-1)?.object?.ref).toMatchObject({ name: 'service-9999', line: 4 + 9_999 * 5 });
  });

  test('holds up nobody', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await readLargeText(bytesOf(text), 'a.yaml');
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(250);
  });

  test.each([
    ['time (maxParseTime)', text, { time: 1, heap: 512 }, 'parsing takes longer than 0.001 s'],
    [
      'memory (maxParseHeap)',
      `a: [${'b,'.repeat(1_000_000)}]`,
      { time: 60_000, heap: 30 },
      'parsing takes more than 30 MiB',
    ],
  ])('that takes too much %s is given up', async (_, text, bounds, message) => {
    await expect(readLargeText(bytesOf(text), 'a.yaml', bounds)).rejects.toThrow(message);
  });
});

test('what is no object is a refusal there as well', async () => {
  const text = JSON.stringify({ ...service('a', []), spec: 7 });
  expect(await readLargeText(bytesOf(text), 'a.json')).toMatchObject([{ refusal: { stage: 'schema' } }]);
});

import { describe, expect, it } from 'vitest';
import { fieldChanges, maxFields, maxValueLength, objectChanges } from '../../src/collector/object-changes.ts';
import { assembleResources, readObject } from '../../src/metallb/objects/read.ts';
import type { AnyObject, Kind } from '../../src/metallb/objects/resources.ts';
import { advertisement, type KubeObject, node, peer, service, slice } from '../support/metallb-objects.ts';

const read = (raw: object): AnyObject => readObject({ raw }).object!;
const secret = (data: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'metallb-system' },
  ...data,
});

describe('fields that differ', () => {
  it.each<[KubeObject, KubeObject, string[]]>([
    [advertisement('a'), advertisement('a', { localPref: 200 }), ['spec.localPref: 0 → 200']],
    [advertisement('a', { peers: ['x'] }), advertisement('a', { peers: ['x', 'y'] }), ['spec.peers: [x] → [x, y]']],
    [
      advertisement('a', { nodeSelectors: [{ matchLabels: { rack: '1' } }] }),
      advertisement('a', { nodeSelectors: [{ matchLabels: { rack: '2' } }] }),
      ['spec.nodeSelectors[0].matchLabels.rack: 1 → 2'],
    ],
    [
      service('s', ['203.0.113.1']),
      service('s', ['203.0.113.2']),
      ['status.loadBalancer.ingress: [203.0.113.1] → [203.0.113.2]'],
    ],
    [
      service('s', [], { annotations: { 'metallb.io/allow-shared-ip': 'k' } }),
      service('s', []),
      ['metadata.annotations.metallb.io/allow-shared-ip: k → '],
    ],
    [slice('s', ['a']), slice('s', ['a'], { ready: false }), ['endpoints[0].conditions.ready: true → false']],
    [node('n'), node('n', 11, { labels: { rack: '1' } }), ['metadata.labels.rack: null → 1']],
    [node('n'), node('n', 11, { labels: { constructor: 'x' } }), ['metadata.labels.constructor: null → x']],
    [node('n'), node('n', 11, { networkUnavailable: true }), ['status.conditions[0].status: False → True']],
    // of secrets nothing but that there is one
    [peer('p', { password: 'first' }), peer('p', { password: 'second' }), []],
    [peer('p'), peer('p', { password: 'secret' }), ['spec.password: null → set']],
    [secret({ data: {} }), secret({ data: { password: 'c2VjcmV0' } }), ['data.password: null → set']],
  ])('$kind %#', (before, after, lines) => {
    const changes = fieldChanges(before.kind as Kind, read(before), read(after));
    expect(Array.from(changes, ({ path, from, to }) => `${path}: ${from} → ${to}`)).toEqual(lines);
  });

  it('a long list is told by what is special to either side', () => {
    const names = Array.from({ length: 60 }, (_, i) => `node-${i}`);
    const [change] = fieldChanges('EndpointSlice', read(slice('s', names)), read(slice('s', names.slice(0, 59))));
    expect(change?.from).toMatch(/^60 items, only here: .*node-59/);
    expect(change?.to).toBe('59 items');
    expect(change?.from?.length).toBeLessThanOrEqual(maxValueLength);
  });

  it('only so many are told, and how many more there are', () => {
    const labels = Object.fromEntries(Array.from({ length: maxFields + 5 }, (_, i) => [`l${i}`, 'x']));
    const states = [node('n'), node('n', 11, { labels })].map((raw) => assembleResources([readObject({ raw })]));
    const [change] = objectChanges(states[0]!, states[1]!);
    expect([change?.fields.length, change?.moreFields]).toEqual([maxFields, 5]);
  });
});

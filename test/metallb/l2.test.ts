import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type KubeObject,
  l2Advertisement,
  type NodeExtras,
  node,
  pool,
  service,
  slice,
  tableOf,
} from '../support/metallb-objects.ts';

const p = pool('p', ['10.0.0.0/24', '2001:db8::/120']);
const labelled = (names: string[], of: Record<string, NodeExtras> = {}): KubeObject[] =>
  names.map((name, i) => node(name, i + 1, of[name] ?? {}));
const first = (names: string[], ip: string): string => {
  const hash = (name: string): string => createHash('sha256').update(`${name}#${ip}`).digest('hex');
  return [...names].sort((a, b) => (hash(a) < hash(b) ? -1 : 1))[0]!;
};
const names = ['node-a', 'node-b', 'node-c'];
const elected = (...objects: KubeObject[]): string[] =>
  tableOf([p, ...objects]).l2.map(({ service, node, interfaces }) => `${service} ${node} ${interfaces}`.trim());

describe('the node that answers for a service on layer 2', () => {
  const web = [service('web', ['10.0.0.1']), slice('web', ['node-a'])];
  const on = (label: string): object => ({ nodeSelectors: [{ matchLabels: { [label]: 'yes' } }] });

  it.each(['10.0.0.1', '10.0.0.2', '10.0.0.3', '2001:db8::1'])('is the first by the hash of its name and %s', (ip) => {
    expect(elected(...labelled(names), l2Advertisement('x'), service('web', [ip]), slice('web', ['node-a']))).toEqual([
      `default/web ${first(names, ip)}`,
    ]);
  });
  it('is the one for all addresses of the service: the first counts, in canonical form', () => {
    expect(
      elected(
        ...labelled(names),
        l2Advertisement('x'),
        service('web', ['2001:0db8::0001', '10.0.0.1']),
        slice('web', ['node-a']),
      ),
    ).toEqual([`default/web ${first(names, '2001:db8::1')}`]);
  });
  it('is selected by an advertisement', () => {
    expect(
      elected(...labelled(names, { 'node-b': { labels: { l2: 'yes' } } }), l2Advertisement('x', on('l2')), ...web),
    ).toEqual(['default/web node-b']);
  });
  it('is preferred before it is hashed: weights add up, of advertisements that select the node', () => {
    const prefer = (weight: number, label: string): object => ({
      preferredNodeSelectors: [{ weight, preference: { matchLabels: { [label]: 'yes' } } }],
    });
    const nodes = labelled(names, {
      'node-a': { labels: { one: 'yes' } },
      'node-b': { labels: { two: 'yes', three: 'yes' } },
    });
    const advertisements = [
      l2Advertisement('x', prefer(50, 'one')),
      l2Advertisement('y', prefer(30, 'two')),
      l2Advertisement('z', prefer(30, 'three')),
    ];
    expect(elected(...nodes, ...advertisements, ...web)).toEqual(['default/web node-b']);
    expect(
      elected(
        ...nodes,
        ...advertisements.slice(0, 2),
        l2Advertisement('z', { ...prefer(30, 'three'), ...on('elsewhere') }),
        ...web,
      ),
    ).toEqual(['default/web node-a']);
  });
  it('has network and no exclude label', () => {
    const nodes = labelled(names, {
      'node-a': { networkUnavailable: true },
      'node-b': { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } },
    });
    expect(elected(...nodes, l2Advertisement('x'), ...web)).toEqual(['default/web node-c']);
  });
  it('has an endpoint itself, with policy Local', () => {
    const local = service('web', ['10.0.0.1'], { spec: { externalTrafficPolicy: 'Local' } });
    expect(elected(...labelled(names), l2Advertisement('x'), local, slice('web', ['node-b']))).toEqual([
      'default/web node-b',
    ]);
  });
  it('uses the interfaces of all advertisements that apply to it', () => {
    const [only] = labelled(['node-a']);
    expect(
      elected(
        only!,
        l2Advertisement('x', { interfaces: ['eth2'] }),
        l2Advertisement('y', { interfaces: ['eth1', 'eth2'] }),
        ...web,
      ),
    ).toEqual(['default/web node-a eth1,eth2']);
    expect(elected(only!, l2Advertisement('x', { interfaces: ['eth2'] }), l2Advertisement('y'), ...web)).toEqual([
      'default/web node-a',
    ]);
    expect(
      elected(only!, l2Advertisement('x', { interfaces: ['eth2'] }), l2Advertisement('y', { ...on('l2') }), ...web),
    ).toEqual(['default/web node-a eth2']);
  });

  it.each<[string, KubeObject[]]>([
    ['without an endpoint', [l2Advertisement('x'), service('web', ['10.0.0.1'])]],
    ['without an advertisement', web],
    ['where no advertisement has the node', [l2Advertisement('x', on('l2')), ...web]],
    [
      'where no advertisement has the service',
      [l2Advertisement('x', { serviceSelectors: [{ matchLabels: { tier: 'gold' } }] }), ...web],
    ],
    ['of another pool', [l2Advertisement('x', { ipAddressPools: ['q'] }), ...web]],
    [
      'that shares its address and is picked by its labels',
      [
        l2Advertisement('x', { serviceSelectors: [{}] }),
        service('web', ['10.0.0.1'], { annotations: { 'metallb.io/allow-shared-ip': 'k' } }),
        slice('web', ['node-a']),
      ],
    ],
  ])('is none for a service %s', (_, objects) => expect(elected(...labelled(names), ...objects)).toEqual([]));
});

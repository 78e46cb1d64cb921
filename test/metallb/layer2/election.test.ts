import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ExpectOptions } from '../../../src/metallb/types.ts';
import type { MetalLBVersion } from '../../../src/metallb/versions.ts';
import {
  advertisement,
  type KubeObject,
  l2Advertisement,
  type NodeExtras,
  node,
  pool,
  service,
  slice,
  TestCluster,
  tableOf,
} from '../../support/metallb-objects.ts';

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

describe('what layer 2 should do for a service', () => {
  const web = [service('web', ['10.0.0.1', '2001:db8::1']), slice('web', ['node-a'])];
  const layer2 = (objects: KubeObject[], options: Partial<ExpectOptions> = {}) =>
    tableOf([p, ...objects], options).layer2;
  const of = (...objects: KubeObject[]) => layer2(objects).of('default/web')!;
  const ready = (status: string, name: string, i: number): KubeObject => {
    const object = node(name, i + 1) as KubeObject & { status: { conditions: object[] } };
    object.status.conditions.push({ type: 'Ready', status });
    return object;
  };
  const on = (label: string): object => ({ nodeSelectors: [{ matchLabels: { [label]: 'yes' } }] });

  it('is said with addresses, pool, node and the objects that it comes from', () => {
    expect(of(...labelled(['node-a']), l2Advertisement('x'), ...web)).toMatchObject({
      addresses: ['10.0.0.1', '2001:db8::1'],
      pool: 'p',
      elected: [{ service: 'default/web', node: 'node-a', interfaces: [] }],
      instead: [],
      reason: null,
      objects: [{ kind: 'Service' }, { kind: 'IPAddressPool' }, { kind: 'L2Advertisement', name: 'x' }],
    });
  });
  it('names the pools, and the services of those only', () => {
    const elsewhere = pool('q', ['10.9.0.0/24']);
    const table = layer2([
      ...labelled(names),
      l2Advertisement('x', { ipAddressPools: ['p'] }),
      ...web,
      elsewhere,
      service('far', ['10.9.0.1']),
    ]);
    expect([...table.services()]).toEqual(['default/web']);
    expect(table.of('default/far')).toBeUndefined();
    expect(table.of('default/nobody')).toBeUndefined();
    expect(table.pools).toEqual([{ name: 'p', blocks: ['10.0.0.0/24', '2001:db8::/120'] }]);
  });
  it('is asked of the same table many times, and elected once', () => {
    const { layer2: once } = tableOf([p, ...labelled(names), l2Advertisement('x'), ...web]);
    expect(once.of('default/web')!.elected[0]).toBe(once.of('default/web')!.elected[0]);
  });

  it.each<[string, string[], string[]]>([
    ['nobody else when all nodes are Ready', ['True', 'True', 'True'], []],
    ['nobody else when another node is not Ready', ['True', 'False', 'Unknown'], []],
    ['the next one when the elected node is not Ready', ['Unknown', 'True', 'True'], ['second']],
    ['the one after it when two are not', ['False', 'False', 'True'], ['third']],
    ['nobody else when no node is Ready', ['False', 'False', 'False'], []],
  ])('allows for %s, since memberlist decides', (_, conditions, expected) => {
    const hash = (name: string): string => createHash('sha256').update(`${name}#10.0.0.1`).digest('hex');
    const order = names.toSorted((a, b) => (hash(a) < hash(b) ? -1 : 1));
    const nodes = order.map((name, i) => ready(conditions[i]!, name, i));
    const { elected, instead } = of(...nodes, l2Advertisement('x'), ...web);
    expect(elected.map(({ node }) => node)).toEqual([order[0]]);
    expect(instead.map(({ node }) => ['first', 'second', 'third'][order.indexOf(node)])).toEqual(expected);
  });

  it.each<[string, KubeObject[], string, string]>([
    [
      'no endpoint',
      [l2Advertisement('x'), service('web', ['10.0.0.1'])],
      'notOwner',
      'Service default/web has no serving endpoint',
    ],
    [
      'other labels',
      [l2Advertisement('x', { serviceSelectors: [{ matchLabels: { tier: 'gold' } }] }), ...web],
      'notOwner',
      'no L2Advertisement of IPAddressPool p (x) matches the labels of Service default/web',
    ],
    [
      'no node',
      [l2Advertisement('x', on('l2')), ...web],
      'notOwner',
      'no L2Advertisement that applies to Service default/web (x) selects a node',
    ],
    [
      'nodes that may not',
      [node('other', 9, { labels: { l2: 'yes' }, networkUnavailable: true }), l2Advertisement('x', on('l2')), ...web],
      'notOwner',
      'none of the nodes that x selects may announce',
    ],
    [
      'no local endpoint',
      [
        l2Advertisement('x'),
        service('web', ['10.0.0.1'], { spec: { externalTrafficPolicy: 'Local' } }),
        slice('web', ['elsewhere']),
      ],
      'notOwner',
      'externalTrafficPolicy Local',
    ],
    [
      'a shared address and labels',
      [
        l2Advertisement('x', { serviceSelectors: [{}] }),
        service('web', ['10.0.0.1'], { annotations: { 'metallb.io/allow-shared-ip': 'k' } }),
        slice('web', ['node-a']),
      ],
      'sharedIPWithServiceSelector',
      'may share its address (allow-shared-ip), and an L2Advertisement picks it by its labels (x)',
    ],
  ])('is nothing, and why: %s', (_, objects, reason, text) => {
    expect(of(...labelled(names), ...objects)).toMatchObject({
      elected: [],
      reason: { reason, text: expect.stringContaining(text) },
    });
  });
  it.each<[MetalLBVersion, number]>([
    ['newest', 0],
    ['0.16', 1],
  ])('in %s a shared address with labels has %i announcers', (version, count) => {
    const shared = [
      l2Advertisement('x', { serviceSelectors: [{}] }),
      service('web', ['10.0.0.1'], { annotations: { 'metallb.io/allow-shared-ip': 'k' } }),
      slice('web', ['node-a']),
    ];
    expect(layer2([...labelled(names), ...shared], { version }).of('default/web')!.elected).toHaveLength(count);
  });
  it('goes by the canonical text of a mapped address, which is IPv4 to a speaker', () => {
    const [mapped] = tableOf([
      p,
      ...labelled(names),
      l2Advertisement('x'),
      service('web', ['::ffff:10.0.0.1']),
      slice('web', ['node-a']),
    ]).l2;
    expect(mapped?.node).toBe(first(names, '10.0.0.1'));
  });

  describe('while a speaker goes by another configuration', () => {
    const [stale, other] = names.toSorted((a, b) => (first([a, b], '10.0.0.1') === a ? -1 : 1)) as [string, string];
    /** Only the speaker on `stale` reads it, and refuses its configuration. */
    const bad = advertisement('bad', {
      communities: ['no-such-alias'],
      nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': stale } }],
    });
    const nodes = names.map((name, i) => node(name, i + 1, { labels: { [name === stale ? 'old' : 'new']: 'yes' } }));
    const select = (label: string): KubeObject =>
      l2Advertisement('x', { nodeSelectors: [{ matchLabels: { [label]: 'yes' } }] });
    const change = (before: KubeObject[], now: KubeObject[]) => {
      const cluster = new TestCluster();
      if (before.length > 0) cluster.update(p, ...nodes, ...web, ...before);
      return cluster.update(p, ...nodes, ...web, ...now).table.layer2.of('default/web')!;
    };

    it('two nodes may be elected, each by its own', () => {
      const { elected } = change([l2Advertisement('x')], [select('new'), bad]);
      expect(elected.map((one) => one.node).sort()).toEqual([stale, other].sort());
    });
    it('nobody may be', () => {
      const { elected, reason } = change([select('new')], [l2Advertisement('x'), bad]);
      expect(elected).toEqual([]);
      expect(reason).toMatchObject({ reason: 'notOwner', text: expect.stringContaining('goes by another one') });
    });
    it('it cannot be said whether the elected node announces, when no valid one was ever seen there', () => {
      const { elected, reason } = change([], [l2Advertisement('x'), bad]);
      expect(elected).toEqual([]);
      expect(reason).toMatchObject({
        reason: 'noConfig',
        text: expect.stringContaining(`node ${stale} would announce`),
      });
    });
  });
});

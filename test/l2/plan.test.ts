import { describe, expect, it } from 'vitest';
import type { HostInterface } from '../../src/l2/messages.ts';
import { maxQuestions } from '../../src/l2/messages.ts';
import { NodeMacs } from '../../src/l2/node-macs.ts';
import { chooseInterfaces, type L2Config, parseBlocks, planQuestions } from '../../src/l2/plan.ts';

const host = (name: string, ...subnets: string[]): HostInterface => ({
  name,
  mac: '02:00:00:00:00:01',
  addresses: [],
  subnets,
});
const eth0 = host('eth0', '192.0.2.0/24', '2001:db8::/64');
const eth1 = host('eth1', '10.0.0.0/16');

describe('interfaces to watch', () => {
  const named = (...names: string[]): L2Config['interfaces'] => names.map((name) => ({ name, nodeInterfaces: null }));

  it.each<[string, L2Config['interfaces'], string[], string[]]>([
    ['by themselves: with a pool in their subnet', 'auto', ['192.0.2.200/29'], ['eth0']],
    ['by themselves: with their subnet in a pool', 'auto', ['10.0.0.0/8'], ['eth1']],
    ['by themselves: for each family', 'auto', ['2001:db8::100/120', '10.0.1.0/24'], ['eth0', 'eth1']],
    ['by themselves: none for a pool elsewhere', 'auto', ['198.51.100.0/24'], []],
    ['by themselves: none without a pool', 'auto', [], []],
    ['by name, whatever the pools', named('eth1'), ['192.0.2.200/29'], ['eth1']],
    ['by name, also when they are not there', named('eth9', 'eth0', 'eth9'), [], ['eth0', 'eth9']],
  ])('%s', (_, interfaces, pools, expected) => {
    expect(chooseInterfaces({ interfaces, probe: null }, [eth0, eth1], parseBlocks(pools))).toEqual(expected);
  });
});

describe('questions', () => {
  const ask = (services: string[], nodes: string[] = [], isNamed = true): string[] =>
    planQuestions({ interfaces: [eth0, eth1], named: isNamed }, services, nodes).questions.map(
      ({ interface: name, address }) => `${name} ${address}`,
    );

  it.each<[string, string[], string[]]>([
    [
      'go to the interface with the subnet',
      ask(['192.0.2.200', '2001:db8::200', '10.0.3.1']),
      ['eth0 192.0.2.200', 'eth0 2001:db8::200', 'eth1 10.0.3.1'],
    ],
    ['go everywhere, for an address of no subnet', ask(['198.51.100.1']), ['eth0 198.51.100.1', 'eth1 198.51.100.1']],
    ['go nowhere, for such an address on interfaces that nobody named', ask(['198.51.100.1'], [], false), []],
    [
      'for nodes go to the interface with the subnet only',
      ask([], ['192.0.2.11', '198.51.100.1']),
      ['eth0 192.0.2.11'],
    ],
    ['for what is no address are not put', ask(['one']), []],
  ])('%s', (_, questions, expected) => expect(questions).toEqual(expected));

  it('are bounded, and those for services come first', () => {
    const many = Array.from({ length: maxQuestions }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const { questions, left } = planQuestions({ interfaces: [eth1], named: false }, many, many.slice(0, 5));
    expect([questions.length, left]).toEqual([maxQuestions, 5]);
  });
});

describe('the node of a hardware address', () => {
  const macs = (bindings: [string, string, ...string[]][]): NodeMacs => {
    const known = new NodeMacs();
    known.setNodes(
      new Map([
        ['192.0.2.11', 'node-a'],
        ['2001:db8::11', 'node-a'],
        ['192.0.2.12', 'node-b'],
      ]),
    );
    for (const [name, address, ...found] of bindings) known.bind(name, address, found);
    return known;
  };

  it.each<[string, [string, string, ...string[]][], string | null]>([
    ['is the one whose address resolves to it', [['eth0', '192.0.2.11', 'm']], 'node-a'],
    [
      'is the one with several addresses',
      [
        ['eth0', '192.0.2.11', 'm'],
        ['eth0', '2001:db8::11', 'm'],
      ],
      'node-a',
    ],
    ['is not known when no address does', [['eth0', '192.0.2.11', 'other']], null],
    [
      'is not known when addresses of several nodes do: it is a router',
      [
        ['eth0', '192.0.2.11', 'm'],
        ['eth0', '192.0.2.12', 'm'],
      ],
      null,
    ],
    [
      'is not known any more when the address resolves to another',
      [
        ['eth0', '192.0.2.11', 'm'],
        ['eth0', '192.0.2.11', 'other'],
      ],
      null,
    ],
    [
      'stays when the address does not resolve any more',
      [
        ['eth0', '192.0.2.11', 'm'],
        ['eth0', '192.0.2.11'],
      ],
      'node-a',
    ],
  ])('%s', (_, bindings, expected) => expect(macs(bindings).nodeOf('m')).toBe(expected));

  it('tells on which segments the node is', () => {
    const known = macs([
      ['eth1', '192.0.2.11', 'm'],
      ['eth0', '2001:db8::11', 'm'],
      ['eth0', '192.0.2.12', 'n'],
    ]);
    expect(['node-a', 'node-b', 'node-c'].map((node) => known.interfacesOf(node))).toEqual([
      ['eth0', 'eth1'],
      ['eth0'],
      [],
    ]);
    known.keepInterfaces(new Set(['eth1']));
    expect(['node-a', 'node-b'].map((node) => known.interfacesOf(node))).toEqual([['eth1'], []]);
    known.setNodes(new Map());
    expect(known.nodeOf('m')).toBeNull();
  });
  it('is news only when it changes', () => {
    const known = macs([]);
    expect([['m'], ['m'], [], ['m', 'n'], ['n', 'm']].map((found) => known.bind('eth0', '192.0.2.11', found))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});

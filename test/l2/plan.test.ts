import { describe, expect, it } from 'vitest';
import type { HostInterface } from '../../src/l2/messages.ts';
import { maxProbes } from '../../src/l2/messages.ts';
import { NodeMacs } from '../../src/l2/node-macs.ts';
import { chooseInterfaces, type L2Config, parseBlocks, planProbes } from '../../src/l2/plan.ts';

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
    ['auto: with a pool in their subnet', 'auto', ['192.0.2.200/29'], ['eth0']],
    ['auto: with their subnet in a pool', 'auto', ['10.0.0.0/8'], ['eth1']],
    ['auto: for each family', 'auto', ['2001:db8::100/120', '10.0.1.0/24'], ['eth0', 'eth1']],
    ['auto: none for a pool elsewhere', 'auto', ['198.51.100.0/24'], []],
    ['auto: none without a pool', 'auto', [], []],
    ['by name, for any pools', named('eth1'), ['192.0.2.200/29'], ['eth1']],
    ['by name, even if they do not exist', named('eth9', 'eth0', 'eth9'), [], ['eth0', 'eth9']],
  ])('%s', (_, interfaces, pools, expected) => {
    expect(chooseInterfaces({ interfaces, probe: null }, [eth0, eth1], parseBlocks(pools))).toEqual(expected);
  });
});

describe('probes', () => {
  const ask = (services: string[], nodes: string[] = [], isNamed = true): string[] =>
    planProbes({ interfaces: [eth0, eth1], named: isNamed }, services, nodes).probes.map(
      ({ interface: name, address }) => `${name} ${address}`,
    );

  it.each<[string, string[], string[]]>([
    [
      'go to the interface with the subnet',
      ask(['192.0.2.200', '2001:db8::200', '10.0.3.1']),
      ['eth0 192.0.2.200', 'eth0 2001:db8::200', 'eth1 10.0.3.1'],
    ],
    [
      'go to all interfaces for an address in no subnet',
      ask(['198.51.100.1']),
      ['eth0 198.51.100.1', 'eth1 198.51.100.1'],
    ],
    ['go nowhere for such an address without configured interfaces', ask(['198.51.100.1'], [], false), []],
    [
      'for nodes go only to the interface with the subnet',
      ask([], ['192.0.2.11', '198.51.100.1']),
      ['eth0 192.0.2.11'],
    ],
    ['are not sent for an invalid address', ask(['one']), []],
  ])('%s', (_, probes, expected) => expect(probes).toEqual(expected));

  it('are limited to maxProbes, with those for services first', () => {
    const many = Array.from({ length: maxProbes }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const { probes, left } = planProbes({ interfaces: [eth1], named: false }, many, many.slice(0, 5));
    expect([probes.length, left]).toEqual([maxProbes, 5]);
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
    ['is the node whose address resolves to it', [['eth0', '192.0.2.11', 'm']], 'node-a'],
    [
      'is the node with several addresses',
      [
        ['eth0', '192.0.2.11', 'm'],
        ['eth0', '2001:db8::11', 'm'],
      ],
      'node-a',
    ],
    ['is unknown if no address does', [['eth0', '192.0.2.11', 'other']], null],
    [
      'is unknown if addresses of several nodes do: it is a router',
      [
        ['eth0', '192.0.2.11', 'm'],
        ['eth0', '192.0.2.12', 'm'],
      ],
      null,
    ],
    [
      'is unknown after the address resolves to another',
      [
        ['eth0', '192.0.2.11', 'm'],
        ['eth0', '192.0.2.11', 'other'],
      ],
      null,
    ],
    [
      'stays if the address no longer resolves',
      [
        ['eth0', '192.0.2.11', 'm'],
        ['eth0', '192.0.2.11'],
      ],
      'node-a',
    ],
  ])('%s', (_, bindings, expected) => expect(macs(bindings).nodeOf('m')).toBe(expected));

  it("gives the node's segments", () => {
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
  it('is reported only when it changes', () => {
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

import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { OwnPeers, type Surroundings, whyNoneIsOurs } from '../../src/collector/own-peers.ts';
import type { ExpectedSession } from '../../src/metallb/types.ts';
import { newNeighbor } from '../../src/rib/neighbors.ts';

const session = (bgpPeer: string, peerAddress?: string): ExpectedSession => ({
  node: 'node-1',
  bgpPeer,
  myASN: 64512,
  peerASN: 64500,
  peerPort: 179,
  families: [4],
  ibgp: false,
  ...(peerAddress !== undefined && { peerAddress }),
});
const sessions = [
  session('here', '192.0.2.1'),
  session('tor', '198.51.100.1'),
  session('v6', '2001:db8::1'),
  session('unnumbered'),
];

const own = (family: 'IPv4' | 'IPv6', address: string): NetworkInterfaceInfo =>
  ({ family, address }) as NetworkInterfaceInfo;
const interfaces = () => ({
  eth0: [own('IPv4', '192.0.2.1'), own('IPv6', '2001:db8::1')],
  lo: [own('IPv4', '127.0.0.1')],
});

const of = (bgpPeer: string) => {
  const neighbor = newNeighbor(1, { remoteAddress: '192.0.2.11', localAddress: '10.0.0.1', localPort: 179 }, 64512, 0);
  return Object.assign(neighbor, { bgpPeer });
};

describe('BGPPeers that this collector stands for', () => {
  test.each<[string, Partial<Surroundings>, string[], string[]]>([
    ['those whose peerAddress is where it listens', { listening: ['192.0.2.1:179'] }, [], ['here']],
    ['whatever the port: ports are mapped', { listening: ['192.0.2.1:1790'] }, [], ['here']],
    ['IPv6 too', { listening: ['[2001:db8:0::1]:179'] }, [], ['v6']],
    ['any address of the host when it listens on all of them', { listening: ['0.0.0.0:179'] }, [], ['here']],
    ['of the family that it listens on', { listening: ['[::]:179'] }, [], ['v6']],
    ['none while it does not listen', { listening: [] }, [], []],
    ['those of sessions that came', { neighbors: [of('tor')] }, [], ['tor']],
    [
      'those that the configuration gives to a neighbor',
      { configured: [{ range: '192.0.2.0/24', asn: 'any', bgpPeer: 'tor' }] },
      [],
      ['tor'],
    ],
    ['those that the configuration names', {}, ['unnumbered'], ['unnumbered']],
    [
      'all of these together',
      { listening: ['192.0.2.1:179'], neighbors: [of('tor')] },
      ['unnumbered'],
      ['here', 'tor', 'unnumbered'],
    ],
  ])('%s', (_, surroundings, named, ours) => {
    const peers = new OwnPeers({ named, interfaces });
    peers.update({ table: { sessions }, listening: [], configured: [], neighbors: [], ...surroundings });
    expect(
      sessions
        .map(({ bgpPeer }) => bgpPeer)
        .filter((bgpPeer) => peers.has(bgpPeer))
        .sort(),
    ).toEqual(ours);
  });

  test('says whether they are others than before', () => {
    const peers = new OwnPeers({ named: [], interfaces });
    const here: Surroundings = { table: { sessions }, listening: ['192.0.2.1:179'], configured: [], neighbors: [] };
    const changed = [here, here, { ...here, neighbors: [of('here')] }, { ...here, neighbors: [of('tor')] }, here];
    expect(changed.map((surroundings) => peers.update(surroundings))).toEqual([true, false, false, true, true]);
  });
});

test('why none is ours names some of them, and what to do', () => {
  const text = whyNoneIsOurs({ sessions }, ['127.0.0.1:1790']);
  expect(text).toContain('here (192.0.2.1), tor (198.51.100.1), v6 (2001:db8::1) and 1 more is none of 127.0.0.1:1790');
  expect(text).toContain('expect.bgpPeers');
});

import { describe, expect, it } from 'vitest';
import { type MatchOverrides, matchSession, type SessionFacts } from '../../../src/metallb/expectations/match.ts';
import { node, peer, tableOf } from '../../support/metallb-objects.ts';

const table = tableOf([
  node('node-a', 11),
  node('node-b.example.net', 12, { hostname: 'node-b' }),
  node('node-c', 13, { address: '192.0.2.99' }),
  node('node-d', 14, { address: '192.0.2.99' }),
  node('node-e', 15, { labels: { edge: 'yes' } }),
  peer('tor-1', { nodeSelectors: [{ matchExpressions: [{ key: 'edge', operator: 'DoesNotExist' }] }] }),
  peer('tor-1-v6', { peerAddress: '2001:db8::1' }),
  peer('tor-2', { peerAddress: '192.0.2.2', peerPort: 1790 }),
  peer('red', { peerAddress: '192.0.2.2', peerPort: 1791, vrf: 'red', peerASN: 64501 }),
  peer('unnumbered', { peerAddress: '', interface: 'eth0', vrf: 'blue', myASN: 64599 }),
]);
const facts: SessionFacts = {
  remoteAddress: '192.0.2.11',
  localAddress: '192.0.2.1',
  localPort: 179,
  asn: 64512,
  hostname: null,
};

describe('the node of a session', () => {
  it.each<[string, Partial<SessionFacts>, MatchOverrides['nodes'], string | null, string]>([
    ['is the one that has the address', {}, {}, 'node-a', 'it has the address 192.0.2.11'],
    [
      'is known by an address in any form',
      { remoteAddress: '::ffff:192.0.2.11' },
      {},
      'node-a',
      'it has the address 192.0.2.11',
    ],
    [
      'is what the configuration says before all else',
      {},
      { '192.0.2.11': 'node-z' },
      'node-z',
      'the configuration says so',
    ],
    [
      'is told by the name that the remote gives',
      { remoteAddress: '10.9.9.9', hostname: 'node-a' },
      {},
      'node-a',
      'calls itself node-a',
    ],
    [
      'goes by its host name too',
      { remoteAddress: '10.9.9.9', hostname: 'node-b' },
      {},
      'node-b.example.net',
      'calls itself node-b',
    ],
    [
      'may leave out or add a domain',
      { remoteAddress: '10.9.9.9', hostname: 'NODE-A.lab' },
      {},
      'node-a',
      'calls itself',
    ],
    [
      'with a shared address is told by its name',
      { remoteAddress: '192.0.2.99', hostname: 'node-d' },
      {},
      'node-d',
      'calls itself node-d',
    ],
    [
      'with a shared address and no name is not known',
      { remoteAddress: '192.0.2.99' },
      {},
      null,
      'node-c, node-d all have the address 192.0.2.99',
    ],
    [
      'with a strange address and a strange name is not known',
      { remoteAddress: '10.9.9.9', hostname: 'who' },
      {},
      null,
      'none is called who',
    ],
    [
      'with a strange address and no name is not known',
      { remoteAddress: '10.9.9.9' },
      {},
      null,
      'does not give its name',
    ],
  ])('%s', (_, some, nodes, node, text) => {
    expect(matchSession({ ...facts, ...some }, table, { nodes })).toMatchObject({
      node,
      text: expect.stringContaining(text),
    });
  });

  it('is the one that goes by exactly the name, before one that does nearly', () => {
    const two = tableOf([node('edge', 11), node('edge.lab', 12, { hostname: 'edge.lab' })]);
    expect(matchSession({ ...facts, remoteAddress: '10.9.9.9', hostname: 'edge' }, two, { nodes: {} }).node).toBe(
      'edge',
    );
    expect(matchSession({ ...facts, remoteAddress: '10.9.9.9', hostname: 'edge.net' }, two, { nodes: {} }).node).toBe(
      'edge',
    );
  });

  it('may have a name that FRR cut after 64 octets', () => {
    const long = `${'n'.repeat(60)}.example.net`;
    const one = tableOf([node(long, 11, { address: '192.0.2.77' })]);
    expect(matchSession({ ...facts, hostname: long.slice(0, 64) }, one, { nodes: {} }).node).toBe(long);
  });
});

describe('the BGPPeer of a session', () => {
  it.each<[string, Partial<SessionFacts>, string | undefined, string | null, string]>([
    ['is the one that points here', {}, undefined, 'tor-1', 'peerAddress, peerPort and AS fit'],
    [
      'may point here by IPv6',
      { localAddress: '2001:0db8::0001' },
      undefined,
      'tor-1-v6',
      'peerAddress, peerPort and AS fit',
    ],
    [
      'is told by the port where the address is that of several',
      { localAddress: '192.0.2.2', localPort: 1791 },
      undefined,
      'red',
      'fit',
    ],
    [
      'is told by the address where the port is mapped',
      { localPort: 10179 },
      undefined,
      'tor-1',
      'its peerPort does not',
    ],
    ['is told by address and port where the AS is wrong', { asn: 64999 }, undefined, 'tor-1', 'its myASN is not 64999'],
    ['is told before the AS is known', { asn: null }, undefined, 'tor-1', 'fit'],
    [
      'is the unnumbered one on a link-local address',
      { localAddress: 'fe80::1%eth1', asn: 64599 },
      undefined,
      'unnumbered',
      'unnumbered',
    ],
    ['is what the configuration says before all else', {}, 'other', 'other', 'the configuration says so'],
    ['selects the node', { remoteAddress: '192.0.2.15', localPort: 1 }, undefined, null, 'fit equally'],
    [
      'is not known when several fit',
      { localAddress: '10.0.0.1' },
      undefined,
      null,
      'tor-1, tor-1-v6, tor-2, red fit equally',
    ],
    [
      'is not known when none fits',
      { localAddress: '10.0.0.1', asn: 1 },
      undefined,
      null,
      'none fits 10.0.0.1 port 179, AS 1',
    ],
    ['is looked for on all nodes when the node is not known', { remoteAddress: '10.9.9.9' }, undefined, 'tor-1', 'fit'],
  ])('%s', (_, some, bgpPeer, expected, text) => {
    const overrides = { nodes: {}, ...(bgpPeer && { bgpPeer }) };
    expect(matchSession({ ...facts, ...some }, table, overrides)).toMatchObject({
      bgpPeer: expected,
      text: expect.stringContaining(text),
    });
  });
});

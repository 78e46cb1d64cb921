/** Neighbor tables from the Linux kernel and from `ip` of iproute2 6.1. */
import { describe, expect, it } from 'vitest';
import { parseIpNeigh } from '../../src/l2/ip-neigh.ts';
import { decodeNeighborMessages, encodeNeighborDump } from '../../src/l2/netlink.ts';
import { hex } from '../support/hex.ts';

/** RTM_NEWNEIGH messages of a dump. */
const messages = {
  resolved: `4c0000001c000200010000001a5f0000 020000000400000002000001 08000100c000020b 0a00020002000000000a0000
    080004000000000014000300270000002700000027000000 01000000`,
  failing: `400000001c000200010000001a5f0000 020000000400000001000001 08000100c0000263 0800040004000000
    1400030097170000270000002700000001000000`,
  ipv6: `580000001c000200010000001a5f0000 0a0000000400000002000001 1400010020010db8000000000000000000000011
    0a00020002000000000a0000 0800040000000000 1400030027000000270000002700000001000000`,
  group: `580000001c000200010000001a5f0000 0a0000000200000040000005 14000100ff020000000000000000000000000002
    0a0002003333000000020000 0800040000000000 140003007c1800000c0100000c01000000000000`,
  done: '1400000003000200010000001a5f0000 00000000',
};
const entry = (some: object): object => ({
  interface: 4,
  address: '192.0.2.11',
  mac: '02:00:00:00:00:0a',
  state: 'reachable',
  ...some,
});
const patched = (octets: string, at: number, ...values: number[]): Uint8Array => {
  const bytes = hex(octets);
  bytes.set(values, at);
  return bytes;
};

describe('a datagram of rtnetlink', () => {
  it.each<[string, Uint8Array, object]>([
    ['an entry', hex(messages.resolved), { entries: [entry({})] }],
    [
      'an unresolved entry',
      hex(messages.failing),
      { entries: [entry({ address: '192.0.2.99', mac: null, state: 'incomplete' })] },
    ],
    ['an IPv6 entry', hex(messages.ipv6), { entries: [entry({ address: '2001:db8::11' })] }],
    [
      'a group',
      hex(messages.group),
      { entries: [entry({ interface: 2, address: 'ff02::2', mac: '33:33:00:00:00:02', state: 'noarp' })] },
    ],
    [
      'several messages and the end',
      hex(messages.resolved + messages.ipv6 + messages.done),
      { entries: [entry({}), entry({ address: '2001:db8::11' })], done: true },
    ],
    [
      'a deleted entry (RTM_DELNEIGH)',
      patched(messages.resolved, 4, 29),
      { entries: [entry({ mac: null, state: 'none' })] },
    ],
    ['an unknown state', patched(messages.resolved, 24, 0, 1), { entries: [entry({ state: 'none' })] }],
    [
      'a table that changed during the dump (NLM_F_DUMP_INTR)',
      patched(messages.resolved, 6, 0x12),
      { entries: [entry({})], again: true },
    ],
    ['another kind of message', patched(messages.resolved, 4, 16), {}],
    ['an error (NLMSG_ERROR, EPERM)', hex('1400000002000000010000001a5f0000 ffffffff'), { error: 1 }],
    ['a truncated message', hex(messages.resolved).slice(0, 40), { again: true }],
    ['a message of length 0', patched(messages.resolved, 0, 0), { again: true }],
    ['an attribute of length 0', patched(messages.resolved, 28, 0), {}],
    ['nothing', new Uint8Array(), {}],
  ])('%s', (_, bytes, said) => {
    expect(decodeNeighborMessages(bytes)).toEqual({ entries: [], done: false, again: false, error: null, ...said });
  });
  it('asks for the whole table', () => {
    // RTM_GETNEIGH with NLM_F_REQUEST | NLM_F_DUMP, rtnetlink(7)
    expect(encodeNeighborDump(7)).toEqual(hex('1c0000001e0001030700000000000000 000000000000000000000000'));
  });
});

describe('the output of ip -j neigh', () => {
  const printed =
    '[{"dst":"192.0.2.99","dev":"tor0","state":["FAILED"]},{"dst":"192.0.2.11","dev":"tor0","lladdr":"02:00:00:00:00:0A","state":["REACHABLE"]},{"dst":"2001:DB8::11","dev":"tor0","lladdr":"02:00:00:00:00:0a","router":null,"state":["STALE"]}]';

  it.each<[string, string, object[]]>([
    [
      'entries',
      printed,
      [
        { interface: 'tor0', address: '192.0.2.99', mac: null, state: 'failed' },
        { interface: 'tor0', address: '192.0.2.11', mac: '02:00:00:00:00:0a', state: 'reachable' },
        { interface: 'tor0', address: '2001:db8::11', mac: '02:00:00:00:00:0a', state: 'stale' },
      ],
    ],
    ['an empty table', '[]', []],
    ['no output', '\n', []],
    ['another JSON value', '{"dst":"192.0.2.1"}', []],
    ['an entry without an address', '[{"dev":"tor0"},{"dst":"lo","dev":"tor0"}]', []],
    [
      'an unknown state',
      '[{"dst":"192.0.2.1","dev":"x","state":["NEW"]}]',
      [{ interface: 'x', address: '192.0.2.1', mac: null, state: 'none' }],
    ],
  ])('%s', (_, text, entries) => expect(parseIpNeigh(text)).toEqual(entries));
  it('is rejected if it is not JSON', () => expect(() => parseIpNeigh('192.0.2.1 dev tor0')).toThrow(SyntaxError));
});

/** Example configurations of the page, which must match the README, and the hint for sessions without routes. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bgpPeer, emptyTableHint, endpointOf, frr, hasEmptyTable } from '../../web/src/peering.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the README contains the examples of the page', () => {
  expect(readme).toContain(frr({ address: '127.0.0.1', port: 1790 }, 64500));
  expect(readme).toContain(bgpPeer({ address: '192.0.2.1', port: 179 }, 64500));
});

test('examples name a port other than 179, and use IPv6 for an IPv6 address', () => {
  expect(bgpPeer({ address: '192.0.2.1', port: 1790 }, 64501)).toContain('\n  peerPort: 1790\n');
  expect(bgpPeer({ address: '192.0.2.1', port: 179 }, 64501)).toContain('\n  peerASN: 64501\n');
  expect(frr({ address: '192.0.2.1', port: 179 }, 64501)).not.toContain(' port ');
  expect(frr({ address: '2001:db8::1', port: 179 }, 64501)).toContain(
    ' address-family ipv6 unicast\n  neighbor 2001:db8::1 activate\n  network 2001:db8:1::200/128\n',
  );
});

test.each<[string[], string, { address: string; port: number; loopback: boolean }]>([
  [['127.0.0.1:1790', '[::1]:1790'], 'x', { address: '127.0.0.1', port: 1790, loopback: true }],
  [['[::1]:1790'], 'x', { address: '::1', port: 1790, loopback: true }],
  [['127.0.0.1:1790', '192.0.2.1:179'], 'x', { address: '192.0.2.1', port: 179, loopback: false }],
  [['[2001:db8::1]:179'], 'x', { address: '2001:db8::1', port: 179, loopback: false }],
  [['0.0.0.0:179'], 'glass.example', { address: 'glass.example', port: 179, loopback: false }],
  [['[::]:179'], '[2001:db8::1]', { address: '2001:db8::1', port: 179, loopback: false }],
  [['0.0.0.0:179'], 'localhost', { address: '127.0.0.1', port: 179, loopback: true }],
  [[], 'glass.example', { address: 'glass.example', port: 179, loopback: false }],
])('listening on %j, opened as %s', (listening, host, endpoint) => {
  expect(endpointOf(listening, host)).toEqual(endpoint);
});

const neighbor = {
  established: true,
  synced: true,
  asn: 64512,
  localAsn: 64500,
  routes: { ipv4: 0, ipv6: 0, stale: 0 },
};

test.each([
  ['the initial table is empty', neighbor, true],
  ['the initial table is incomplete', { ...neighbor, synced: false }, false],
  ['the session is down', { ...neighbor, established: false }, false],
  ['it announced IPv6', { ...neighbor, routes: { ipv4: 0, ipv6: 1, stale: 0 } }, false],
])('%s: %o', (_, n, isEmpty) => {
  expect(hasEmptyTable(n)).toBe(isEmpty);
});

test('the hint names the policy only for eBGP', () => {
  expect(emptyTableHint(neighbor)).toContain('no bgp ebgp-requires-policy');
  expect(emptyTableHint({ ...neighbor, asn: 64500 })).not.toContain('policy');
});

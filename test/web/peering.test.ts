/** The snippets on an empty page: the same as in the README, which a test runs; and why a session brings nothing. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bgpPeer, endpointOf, frr, isSilent, silenceHint } from '../../web/src/peering.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the README has what the page shows', () => {
  expect(readme).toContain(frr({ address: '127.0.0.1', port: 1790 }, 64500));
  expect(readme).toContain(bgpPeer({ address: '192.0.2.1', port: 179 }, 64500));
});

test('a port other than 179 is told, an IPv6 address carries IPv6', () => {
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
  ['an empty table is in', neighbor, true],
  ['the table is still coming', { ...neighbor, synced: false }, false],
  ['the session is down', { ...neighbor, established: false }, false],
  ['it brought IPv6', { ...neighbor, routes: { ipv4: 0, ipv6: 1, stale: 0 } }, false],
])('%s: %o', (_, n, silent) => {
  expect(isSilent(n)).toBe(silent);
});

test('FRR wants a policy over eBGP only', () => {
  expect(silenceHint(neighbor)).toContain('no bgp ebgp-requires-policy');
  expect(silenceHint({ ...neighbor, asn: 64500 })).not.toContain('policy');
});

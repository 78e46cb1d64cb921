import { type Case, negotiated, up } from '../facts.ts';
import { announcing } from '../objects.ts';

/** A session for both families. */
const both = { negotiated: negotiated({ families: [4, 6] }) };

export const cases: Case[] = [
  {
    name: 'an IPv4-mapped next hop of IPv6 routes',
    given: {
      objects: announcing,
      neighbors: { 1: up(1, both) },
      routes: [
        [1, 'fc00::1/128', { nextHop: '::ffff:192.0.2.11' }],
        [1, 'fc00::2/128', { nextHop: '::ffff:192.0.2.11' }],
      ],
    },
    found: [
      /announces fc00::1\/128 and 1 more route with the next hop ::ffff:192\.0\.2\.11: an IPv4 address written as IPv6/,
    ],
  },
  {
    name: 'a link-local next hop over an IPv4 session',
    given: { neighbors: { 1: up(1, both) }, routes: [[1, 'fc00::1/128', { nextHop: 'fe80::1' }]] },
    found: ['a link-local address, because the interface of the session has no global one'],
  },
  {
    name: 'no address at all',
    given: { neighbors: { 1: up(1, both) }, routes: [[1, '203.0.113.5/32', { nextHop: '0.0.0.0' }]] },
    found: ['no address at all'],
  },
  {
    name: 'an address that is not the node’s',
    given: {
      objects: announcing,
      neighbors: { 1: up(1) },
      routes: [[1, '203.0.113.5/32', { nextHop: '198.51.100.7' }]],
    },
    found: ['not one of the addresses of node node-1'],
  },
  {
    name: 'silent: the address of the session',
    given: { objects: announcing, neighbors: { 1: up(1) }, routes: [[1, '203.0.113.5/32', { nextHop: '192.0.2.11' }]] },
    found: [],
  },
  {
    name: 'silent: a link-local one of an unnumbered session',
    given: {
      neighbors: { 1: up(1, { ...both, remoteAddress: 'fe80::11%eth0' }) },
      routes: [[1, 'fc00::1/128', { nextHop: 'fe80::11' }]],
    },
    found: [],
  },
  {
    name: 'silent: a global one with a link-local one beside it',
    given: {
      neighbors: { 1: up(1, both) },
      routes: [[1, 'fc00::1/128', { nextHop: '2001:db8::11', nextHopLinkLocal: 'fe80::1' }]],
    },
    found: [],
  },
  {
    name: 'silent: the addresses of the node are not known in that family',
    given: {
      objects: announcing,
      neighbors: { 1: up(1, both) },
      routes: [[1, 'fc00::1/128', { nextHop: '2001:db8::11' }]],
    },
    found: [],
  },
];

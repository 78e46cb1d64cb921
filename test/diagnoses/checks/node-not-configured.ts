import { type Case, minutes, seconds } from '../facts.ts';
import { cluster } from '../objects.ts';

const from = (address: string, lastAt: number): Case['given'] => ({
  objects: cluster,
  strangers: [{ address, connections: 7, lastAt }],
  own: { neighbors: [] },
});

export const cases: Case[] = [
  {
    name: 'the address of a node',
    given: from('192.0.2.11', seconds(20)),
    found: [/connected 7 times from 192\.0\.2\.11, last 20 s ago/],
  },
  { name: 'silent: an address of no node', given: from('198.51.100.7', seconds(20)), found: [] },
  {
    name: 'silent: configured since',
    given: {
      ...from('192.0.2.11', seconds(20)),
      own: { neighbors: [{ range: '192.0.2.0/24', asn: 'any', hasPassword: false, ttlSecurity: false }] },
    },
    found: [],
  },
  { name: 'silent: long ago', given: from('192.0.2.11', minutes(20)), found: [] },
  { name: 'silent: without objects', given: { ...from('192.0.2.11', seconds(20)), objects: [] }, found: [] },
];

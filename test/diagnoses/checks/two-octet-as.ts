import { type Case, negotiated, up } from '../facts.ts';

export const cases: Case[] = [
  {
    name: 'a speaker without capability 65',
    given: { neighbors: { 1: up(1, { negotiated: negotiated({ as4: false }) }) } },
    found: ['two-octet AS numbers'],
  },
  {
    name: 'and an AS that does not fit',
    given: { neighbors: { 1: up(1, { localAsn: 4_200_000_000, negotiated: negotiated({ as4: false }) }) } },
    found: ['does not fit'],
    severity: 'warning',
  },
  { name: 'silent: four octets', given: { neighbors: { 1: up(1) } }, found: [] },
];

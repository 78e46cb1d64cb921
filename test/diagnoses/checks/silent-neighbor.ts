import { type Case, down, minutes, seconds } from '../facts.ts';
import { cluster } from '../objects.ts';

const expired = { code: 'hold-timer-expired', text: 'hold timer expired' };

export const cases: Case[] = [
  {
    name: 'the hold timer expired and nobody came back',
    given: { neighbors: { 1: down(1, { ...expired, at: minutes(5) }) } },
    found: ['fell silent: the hold timer expired 5 min ago'],
  },
  {
    name: 'native speakers keep dead connections',
    given: { options: { mode: 'native' }, neighbors: { 1: down(1, { ...expired, at: minutes(5) }) } },
    found: ['Native speakers ignore the hold timer'],
  },
  {
    name: 'silent: the node has left the cluster',
    given: {
      objects: cluster,
      neighbors: { 1: down(1, { ...expired, at: minutes(5) }, { node: null, bgpPeer: null }) },
    },
    found: [],
  },
  { name: 'silent: just now', given: { neighbors: { 1: down(1, { ...expired, at: seconds(20) }) } }, found: [] },
  {
    name: 'silent: the speaker said goodbye',
    given: { neighbors: { 1: down(1, { direction: 'received', code: 'cease/peer-de-configured', at: minutes(5) }) } },
    found: [],
  },
];

import { type Case, negotiated, opened, up } from '../facts.ts';

export const cases: Case[] = [
  {
    name: 'a hold time of 0',
    given: { neighbors: { 1: up(1, { negotiated: negotiated({ holdTime: 0 }), received: opened(0) }) } },
    found: ['without a hold timer (the speaker asked for 0)'],
  },
  { name: 'silent: 3 s', given: { neighbors: { 1: up(1, { negotiated: negotiated({ holdTime: 3 }) }) } }, found: [] },
];

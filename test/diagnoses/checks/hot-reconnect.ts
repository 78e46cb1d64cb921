import { type Case, down, seconds, up } from '../facts.ts';
import { cluster } from '../objects.ts';

/** Attempts that ended these numbers of seconds ago. */
const endedAt = (...ago: number[]): Case['given'] => ({
  objects: cluster,
  neighbors: { 1: down(1, {}) },
  ends: { 1: ago.map((n) => ({ at: seconds(n), wasUp: false })) },
});

export const cases: Case[] = [
  {
    name: 'a native speaker with the wrong AS, most of its attempts unreported',
    given: {
      objects: cluster,
      options: { mode: 'native' },
      neighbors: { 1: down(1, { code: 'open-message-error/bad-peer-as', text: 'AS 64999, expected 64512' }) },
      ends: {
        1: [
          { at: seconds(12), wasUp: false, suppressed: 0 },
          { at: seconds(2), wasUp: false, suppressed: 9 },
        ],
      },
    },
    found: [/tried about 11 times in the last 13 s.*Native speakers do not wait/],
  },
  {
    name: 'a speaker that hangs up without a word',
    given: endedAt(50, 40, 30, 20, 10, 5, 1),
    found: ['tried about 7 times'],
  },
  { name: 'silent: a few attempts in a minute', given: endedAt(50, 30, 10), found: [] },
  {
    name: 'silent: many attempts, and now it is up',
    given: { ...endedAt(50, 40, 30, 20, 10, 5, 1), neighbors: { 1: up(1) } },
    found: [],
  },
  { name: 'silent: long ago', given: endedAt(500, 490, 480, 470, 460, 450, 440), found: [] },
];

import { describe, expect, it } from 'vitest';
import { change, changesPerSecond, cluster, key } from './latency-plan.ts';
import { histogram, latencies, latencyReport, type Moment } from './latency-result.ts';

const moment = (text: string): Moment => {
  const [key, state, at] = text.split(' ');
  return { key: key!, state: state!, at: Number(at) };
};

describe('latencies', () => {
  it.each<[string, string[], string[], number[], number]>([
    ['a verdict answers its change', ['a ok 10'], ['a ok 17'], [7], 0],
    ['routes do not answer for each other', ['a ok 10', 'b ok 11'], ['b ok 12', 'a ok 30'], [1, 20], 0],
    ['a state does not answer for the other', ['a ok 10'], ['a mismatch 12'], [], 1],
    ['a verdict answers the latest change before it', ['a ok 10', 'a ok 20'], ['a ok 25'], [5], 1],
    ['a verdict cannot come before its change', ['a ok 10'], ['a ok 9'], [], 1],
    ['one verdict answers one change', ['a ok 10'], ['a ok 12', 'a ok 14'], [2], 0],
  ])('%s', (_name, sent, verdicts, milliseconds, unanswered) => {
    expect(latencies(sent.map(moment), verdicts.map(moment))).toEqual({ milliseconds, unanswered });
  });
});

describe('the plan', () => {
  it('gives each route its turn once a second, wrong first', () => {
    const turn = Array.from({ length: changesPerSecond }, (_, index) => change(index));
    const routes = new Set(turn.map(({ speaker, address }) => key(speaker.node, address)));
    expect(routes.size).toBe(changesPerSecond);
    expect(new Set(turn.map(({ state }) => state))).toEqual(new Set(['mismatch']));
    expect(change(changesPerSecond)).toEqual({ ...change(0), state: 'ok' });
    expect(change(1).speaker).toBe(cluster[1]);
  });
});

it('a histogram has a row for each range up to the slowest', () => {
  expect(histogram([1, 2, 12, 30]).split('\n')).toEqual([
    `        0–5 ms       2  ${'█'.repeat(50)}`,
    '       5–10 ms       0',
    `      10–20 ms       1  ${'█'.repeat(25)}`,
    '      20–30 ms       0',
    `      30–40 ms       1  ${'█'.repeat(25)}`,
  ]);
});

it('a target is not reached while a change is not answered', () => {
  expect(latencyReport({ milliseconds: [1], unanswered: 0 }, 'idle')).not.toContain('not reached');
  expect(latencyReport({ milliseconds: [1], unanswered: 1 }, 'idle')).toContain('not reached');
});

import { expect, test } from 'vitest';
import { maxGroupExamples, maxGroups } from '../../src/verdicts/groups.ts';
import { grace, Scene } from './scene.ts';

const prefixes = Array.from({ length: 50 }, (_, i) => `198.51.100.${i}/32`);

test('what is not ok is counted by reason and session, with some prefixes', () => {
  const scene = new Scene().expect({ nodes: { 'node-1': ['192.0.2.11'], 'node-2': ['192.0.2.12'] }, routes: [] });
  scene.up(1).up(2).announce(2, prefixes[0]!);
  for (const prefix of prefixes) scene.announce(1, prefix);
  const { groups, moreGroups } = scene.pass(grace).engine.groups();
  expect(groups.map(({ node, verdict, reasonCode, count }) => [node, verdict, reasonCode, count])).toEqual([
    ['node-1', 'unexpected', 'no-expectation', 50],
    ['node-2', 'unexpected', 'no-expectation', 1],
  ]);
  expect(groups.map(({ examples }) => examples.length)).toEqual([maxGroupExamples, 1]);
  expect(moreGroups).toBe(0);
});

test('the largest groups are shown, and how many more there are', () => {
  const names = Array.from({ length: maxGroups + 5 }, (_, i) => `node-${i}`);
  const nodes = Object.fromEntries(names.map((name) => [name, []]));
  const routes = names.map((node) => ({ node, prefix: prefixes[0]! }));
  const { groups, moreGroups } = new Scene().expect({ nodes, routes }).pass(grace).engine.groups();
  expect([groups.length, moreGroups]).toEqual([maxGroups, 5]);
});

test('rows that are not ok can be walked through', () => {
  const scene = new Scene().expect({ nodes: { 'node-1': ['192.0.2.11'] }, routes: [] }).up(1);
  for (const prefix of prefixes) scene.announce(1, prefix);
  const rows = [...scene.pass(grace).engine.wrongRows()];
  expect(rows).toHaveLength(prefixes.length);
  expect(rows[0]!.verdict()).toMatchObject({ prefix: rows[0]!.prefix, verdict: rows[0]!.word });
});

/** Unions of changes, and what a change contains. */
import { describe, expect, it } from 'vitest';
import {
  allExpectations as all,
  contains,
  type ExpectationChange,
  noExpectations as none,
  prefixesOf,
  someExpectations as some,
  union,
} from '../../../src/metallb/expectations/expectation-change.ts';

const set = (...prefixes: string[]): Set<string> => new Set(prefixes);
const a = some({ prefixes: set('a') });
const onNode = (own: Set<string> | 'all', node = 'n'): ExpectationChange => some({ nodes: new Map([[node, own]]) });
const chain = some({ chains: set('a') });

describe('a change contains a prefix on a node', () => {
  it.each<[string, ExpectationChange, boolean, boolean]>([
    ['everything', all, true, true],
    ['nothing', none, false, false],
    ['the prefix on any node', a, true, true],
    ['another prefix', some({ prefixes: set('b') }), false, false],
    ['the prefix on that node', onNode(set('a')), true, false],
    ['all prefixes on that node', onNode('all'), true, false],
    ['the prefix on another node', onNode(set('a'), 'm'), false, false],
    ['other objects in its chain only', chain, false, false],
  ])('%s', (_, change, onIt, withoutNode) => {
    expect([contains(change, 'n', 'a'), contains(change, null, 'a')]).toEqual([onIt, withoutNode]);
  });
});

describe('the union', () => {
  it.each<[string, ExpectationChange, ExpectationChange, ExpectationChange]>([
    ['of everything and anything', all, a, all],
    ['of nothing and something', none, a, a],
    ['of prefixes', a, some({ prefixes: set('b') }), some({ prefixes: set('a', 'b') })],
    ['of prefixes of one node', onNode(set('a')), onNode(set('b')), onNode(set('a', 'b'))],
    ['of prefixes and everything of one node', onNode(set('a')), onNode('all'), onNode('all')],
    ['of prefixes and chains', a, chain, some({ prefixes: set('a'), chains: set('a') })],
  ])('%s', (_, first, second, expected) => {
    expect([union(first, second), union(second, first)]).toEqual([expected, expected]);
  });
});

it.each<[string, ExpectationChange, Set<string> | 'all']>([
  ['everything', all, 'all'],
  [
    'prefixes, prefixes of a node and chains',
    union(union(a, onNode(set('b'))), some({ chains: set('c') })),
    set('a', 'b', 'c'),
  ],
  ['everything on a node', union(a, onNode('all')), 'all'],
])('the prefixes of a change: %s', (_, change, prefixes) => {
  expect(prefixesOf(change)).toEqual(prefixes);
});

import { describe, expect, test } from 'vitest';
import { insertKey, matchesWords, maxTerms, parseFilter, suggestKeys, toggleTerm } from '../../web/src/filter.ts';
import { checkVocabulary, diagnosisVocabulary, l2Vocabulary, routeVocabulary } from '../../web/src/vocabularies.ts';

describe('search terms become a query of /routes', () => {
  test.each<[string, Record<string, string>]>([
    ['', {}],
    ['   ', {}],
    ['prefix:203.0.113.10/32', { prefix: '203.0.113.10/32', match: 'exact' }],
    ['within:203.0.113.0/24 node:worker-1', { prefix: '203.0.113.0/24', match: 'longer', node: 'worker-1' }],
    ['covering:2001:db8::1', { prefix: '2001:db8::1', match: 'covering' }],
    ['203.0.113.0/24', { prefix: '203.0.113.0/24', match: 'longer' }],
    ['203.0.113.10', { prefix: '203.0.113.10', match: 'longest' }],
    ['203.0.', { prefix: '203.0.0.0/16', match: 'longer' }],
    ['2001:db8::/32', { prefix: '2001:db8::/32', match: 'longer' }],
    ['1:2:3:4:5:6:7:8', { prefix: '1:2:3:4:5:6:7:8', match: 'longest' }],
    ['64512:100', { community: '64512:100' }],
    ['64512:1:2', { largeCommunity: '64512:1:2' }],
    ['large:64512:1:2', { largeCommunity: '64512:1:2' }],
    ['AS64512', { originAsn: '64512' }],
    ['origin:as64512', { originAsn: '64512' }],
    ['path:64512', { asPath: '64512' }],
    ['missing', { verdict: 'missing' }],
    ['verdict:missing,mismatch', { verdict: 'missing,mismatch' }],
    ['verdict:!ok', { verdict: 'missing,mismatch,unexpected,stale,pending,unknown,suppressed' }],
    ['verdict:missing verdict:stale', { verdict: 'missing,stale' }],
    ['default/web', { service: 'default/web' }],
    ['worker-1', { node: 'worker-1' }],
    ['NODE:worker-1', { node: 'worker-1' }],
    ['stale:true family:6 pool:public', { stale: 'true', family: '6', pool: 'public' }],
  ])('%j', (text, query) => {
    expect(parseFilter(text, routeVocabulary)).toMatchObject({ query, problems: [] });
  });
});

describe('reports invalid terms and applies the others', () => {
  test.each<[string, RegExp, Record<string, string>]>([
    ['bogus:1 node:a', /^Unknown key bogus:, use one of prefix, /, { node: 'a' }],
    ['constructor:1 node:a', /^Unknown key constructor:/, { node: 'a' }],
    ['pref:10.0.0.0/8', /did you mean prefix:\?/, {}],
    ['prefix:10.0.0.0/33', /invalid prefix/, {}],
    ['prefix:10.0.0.300', /invalid prefix/, {}],
    ['prefix:', /needs a value, for example prefix:203/, {}],
    ['verdict:!bad', /invalid value “!bad”: use missing/, {}],
    ['verdict:bad', /invalid value “bad”: use missing/, {}],
    ['large:1:2', /invalid value “1:2”; example: 64512:1:2/, {}],
    ['origin:web', /invalid AS number “web”/, {}],
    [
      'within:10.0.0.0/8 prefix:10.1.0.0/16',
      /^Ignoring prefix:10.1.0.0\/16: only one prefix is allowed/,
      { prefix: '10.0.0.0/8', match: 'longer' },
    ],
  ])('%j', (text, problem, query) => {
    const filter = parseFilter(text, routeVocabulary);
    expect(filter.problems).toEqual([expect.stringMatching(problem)]);
    expect(filter.query).toEqual(query);
  });

  test('limits the number of terms', () => {
    const filter = parseFilter(Array.from({ length: 500 }, (_, i) => `word${i}`).join(' '), routeVocabulary);
    expect(filter.terms).toHaveLength(maxTerms);
    expect(filter.problems).toEqual([expect.stringContaining(`first ${maxTerms}`)]);
  });
});

describe('search terms become a query of /checks', () => {
  test.each<[string, Record<string, string>]>([
    ['203.0.113.10', { prefix: '203.0.113.10/32' }],
    ['2001:db8::1', { prefix: '2001:db8::1/128' }],
    ['peer:tor-1 worker-2', { bgpPeer: 'tor-1', node: 'worker-2' }],
    ['mismatch default/web', { verdict: 'mismatch', service: 'default/web' }],
  ])('%j', (text, query) => {
    expect(parseFilter(text, checkVocabulary)).toMatchObject({ query, problems: [] });
  });
});

test.each<[string, string[]]>([
  ['', Object.keys(routeVocabulary.keys)],
  ['ne', ['neighbor', 'nexthop']],
  ['within:10.0.0.0/8 PO', ['pool']],
  ['node:', []],
  ['node:a ', []],
  ['10.', []],
])('suggests after %j the keys %j', (text, keys) => {
  expect(suggestKeys(text, routeVocabulary)).toEqual(keys);
});

test.each([
  ['', 'node:'],
  ['no', 'node:'],
  ['within:10.0.0.0/8 no', 'within:10.0.0.0/8 node:'],
])('inserting a key completes %j to %j', (text, completed) => {
  expect(insertKey(text, 'node')).toBe(completed);
});

test('rejects a second value of a single-value key', () => {
  expect(parseFilter('node:a node:b', checkVocabulary)).toMatchObject({
    query: { node: 'a' },
    problems: [expect.stringContaining('Ignoring node:b: only one node is allowed')],
  });
});

test.each([
  ['', 'node', 'a', 'node:a'],
  ['node:a', 'node', 'a', ''],
  ['node:a', 'node', 'b', 'node:b'],
  ['a', 'node', 'a', ''],
  ['within:10.0.0.0/8 node:a', 'verdict', 'ok', 'within:10.0.0.0/8 node:a verdict:ok'],
  ['within:10.0.0.0/8 missing', 'verdict', 'ok', 'within:10.0.0.0/8 verdict:ok'],
])('toggling a facet: %j and %s:%s gives %j', (text, key, value, result) => {
  expect(toggleTerm(text, key, value, routeVocabulary)).toBe(result);
});

test.each([
  ['', true],
  ['worker', true],
  ['WORKER-1 idle', true],
  ['64512', true],
  ['worker-2', false],
  ['worker-1 established', false],
])('plain words %j match a neighbor: %s', (text, matches) => {
  expect(matchesWords(text, ['worker-1', '192.0.2.11', 'AS64512', 64512, null, undefined, 'idle'])).toBe(matches);
});

describe('search terms of diagnoses and layer 2', () => {
  test.each<[string, Record<string, string>]>([
    ['critical', { severity: 'critical' }],
    ['severity:critical,warning', { severity: 'critical,warning' }],
    ['code:hot-reconnect-loop', { code: 'hot-reconnect-loop' }],
    ['203.0.113.10', { prefix: '203.0.113.10/32' }],
    ['shop/cart', { service: 'shop/cart' }],
    ['worker-1 warning', { node: 'worker-1', severity: 'warning' }],
    ['neighbor:7', { neighbor: '7' }],
  ])('%s in diagnoses', (text, query) => {
    expect(parseFilter(text, diagnosisVocabulary)).toMatchObject({ query, problems: [] });
  });

  test.each<[string, Record<string, string>]>([
    ['two-owners', { verdict: 'two-owners' }],
    ['missing wrong-node', { verdict: 'missing,wrong-node' }],
    ['198.51.100.1', { address: '198.51.100.1' }],
    ['198.51.100.1/32', { address: '198.51.100.1' }],
    ['default/camera', { service: 'default/camera' }],
    ['worker-2', { node: 'worker-2' }],
  ])('%s in layer 2', (text, query) => {
    expect(parseFilter(text, l2Vocabulary)).toMatchObject({ query, problems: [] });
  });

  test('reports an invalid severity', () => {
    expect(parseFilter('severity:bad', diagnosisVocabulary).problems).toEqual([
      'severity: invalid value “bad”: use critical, warning, info.',
    ]);
  });
});

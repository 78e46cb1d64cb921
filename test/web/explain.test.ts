import { describe, expect, test } from 'vitest';
import type { ChainLink, Neighbor, Verdict } from '../../src/api/schemas.ts';
import { chainSteps, maxNamedServices, type StepState } from '../../web/src/chain.ts';
import { compareRoute } from '../../web/src/compare.ts';
import { groupProblems, minSessionPrefixes } from '../../web/src/problems.ts';
import { headline } from '../../web/src/verdicts.ts';
import { makeFixture } from '../support/fixture-data.ts';

const fixture = makeFixture({ now: Date.parse('2026-05-04T12:00:00Z'), nodes: 6, services: 8 });
const verdictOf = (word: Verdict['verdict'], more: Partial<Verdict> = {}): Verdict => ({
  ...fixture.verdicts.find(({ verdict }) => verdict === word)!,
  ...more,
});
const neighbor = fixture.neighbors[0]!;
const up: Neighbor = { ...neighbor, established: true, synced: true };
const down: Neighbor = { ...neighbor, established: false, synced: false, state: 'idle' };

describe('compared attributes', () => {
  const mismatch = verdictOf('mismatch');
  const rows = compareRoute(mismatch.expected, mismatch.received, mismatch.fields);
  const row = (field: string) => rows.find((candidate) => candidate.field === field);

  test('mark list values that one side lacks', () => {
    expect(row('communities')).toEqual({
      field: 'communities',
      label: 'Communities',
      differs: true,
      expected: [
        { text: '64512:100', only: false },
        { text: '64512:300', only: true },
      ],
      received: [
        { text: '64512:100', only: false },
        { text: '64512:666', only: true },
      ],
    });
  });

  test('call a missing attribute absent', () => {
    expect(row('localPref')).toMatchObject({
      differs: true,
      expected: [{ text: 'absent', only: true }],
      received: [{ text: '200', only: true }],
    });
  });

  test('do not mark a next hop that is written differently but matches', () => {
    expect(row('nextHop')).toMatchObject({
      differs: false,
      expected: [{ text: 'an address of worker-2', only: false }],
      received: [{ only: false }],
    });
  });

  test('list all acceptable values', () => {
    const [, localPref] = compareRoute({ ...mismatch.expected!, localPref: 100, localPrefAnyOf: [100, 200] }, null, []);
    expect(localPref).toMatchObject({ expected: [{ text: 'one of 100, 200' }], received: null });
  });

  test('have no values without a route', () => {
    for (const { expected, received } of compareRoute(null, null, []))
      expect([expected, received]).toEqual([null, null]);
  });
});

describe('the chain fails at the faulty step only', () => {
  test.each<[string, Verdict['verdict'], Neighbor | undefined, [session: StepState, route: StepState]]>([
    ['all ok', 'ok', up, ['ok', 'ok']],
    ['session up, route missing', 'missing', up, ['ok', 'failed']],
    ['session down, route missing', 'missing', down, ['failed', 'pending']],
    ['no session yet', 'missing', undefined, ['failed', 'pending']],
    ['different attributes', 'mismatch', up, ['ok', 'differs']],
    ['kept from the previous session', 'stale', down, ['failed', 'differs']],
    ['within the grace period', 'pending', up, ['ok', 'pending']],
    ['initial table incomplete', 'unknown', { ...up, synced: false }, ['pending', 'pending']],
  ])('%s', (_, word, by, states) => {
    const [steps] = chainSteps({ ...verdictOf('ok'), verdict: word }, by);
    expect(steps?.map((step) => step.kind)).toEqual([
      'Service',
      'IPAddressPool',
      'BGPAdvertisement',
      'BGPPeer',
      'Session',
      'Route',
    ]);
    expect(steps?.map((step) => step.state)).toEqual(['ok', 'ok', 'ok', 'ok', ...states]);
  });

  test('names file and line of objects', () => {
    const [steps] = chainSteps(verdictOf('ok'), up);
    expect(steps?.map((step) => step.source)).toEqual([
      'manifests/services.yaml:12',
      'manifests/pools.yaml:1',
      'manifests/advertisements.yaml:1',
      'manifests/peers.yaml:9',
      '',
      '',
    ]);
  });

  test('names a few Services of an aggregate and counts the rest', () => {
    const ok = verdictOf('ok');
    const chain: ChainLink[] = Array.from({ length: 9 }, (_, i) => ({
      ...ok.expected!.chain[0]!,
      service: `default/s${i}`,
      ip: `10.0.0.${i}`,
    }));
    const [steps] = chainSteps({ ...ok, expected: { ...ok.expected!, chain } }, up);
    expect(steps?.[0]).toMatchObject({
      kind: 'Services',
      note: '9 addresses',
      names: ['default/s0', 'default/s1', 'default/s2', 'default/s3', `and ${9 - maxNamedServices} more`],
    });
  });

  test('does not count Services of a cut chain', () => {
    const ok = verdictOf('ok');
    const [steps] = chainSteps({ ...ok, expected: { ...ok.expected!, chainLeftOut: 3 } }, up);
    const [service] = ok.expected!.chain;
    expect(steps?.[0]).toMatchObject({ kind: 'Services', note: '', names: [service!.service, 'and more'] });
  });

  test('has a line for each advertisement that requires the route', () => {
    const ok = verdictOf('ok');
    const chain = [ok.expected!.chain[0]!, { ...ok.expected!.chain[0]!, advertisement: 'second' }];
    expect(
      chainSteps({ ...ok, expected: { ...ok.expected!, chain } }, up).map(
        ([, , advertisement]) => advertisement?.names,
      ),
    ).toEqual([['to-the-racks'], ['second']]);
  });

  test('is empty for an unexpected route', () => {
    expect(chainSteps(verdictOf('unexpected'), up)).toEqual([]);
  });
});

describe('verdicts with a common cause form one problem', () => {
  const on = (node: string, prefix: string, word: Verdict['verdict'] = 'missing', since = '2026-05-04T12:00:00Z') =>
    verdictOf('missing', { node, prefix, bgpPeer: 'tor-1', verdict: word, reasonCode: 'r', since });

  test('many prefixes of one session form a problem of the session', () => {
    const verdicts = Array.from({ length: minSessionPrefixes }, (_, i) => on('a', `10.0.0.${i}/32`));
    expect(groupProblems(verdicts)).toMatchObject([
      { shared: 'session', count: minSessionPrefixes, verdict: { node: 'a' } },
    ]);
  });

  test('one prefix on many sessions forms a problem of the prefix', () => {
    expect(groupProblems([on('a', '10.0.0.1/32'), on('b', '10.0.0.1/32'), on('c', '10.0.0.1/32')])).toMatchObject([
      { shared: 'prefix', count: 3 },
    ]);
  });

  test('the newest verdict represents the problem', () => {
    const [problem] = groupProblems([
      on('a', '10.0.0.1/32'),
      on('b', '10.0.0.1/32', 'missing', '2026-05-04T12:01:00Z'),
    ]);
    expect(problem?.verdict.node).toBe('b');
  });

  test('sorts by verdict, then by size', () => {
    const verdicts = [
      on('a', '10.0.0.1/32', 'stale'),
      on('b', '10.0.0.2/32'),
      on('c', '10.0.0.3/32'),
      on('d', '10.0.0.3/32'),
      on('e', '10.0.0.4/32', 'mismatch'),
    ];
    expect(groupProblems(verdicts).map(({ verdict, count }) => [verdict.verdict, verdict.prefix, count])).toEqual([
      ['missing', '10.0.0.3/32', 2],
      ['missing', '10.0.0.2/32', 1],
      ['mismatch', '10.0.0.4/32', 1],
      ['stale', '10.0.0.1/32', 1],
    ]);
  });
});

test.each([
  ['a → tor-1 (192.0.2.1) does not announce 10.0.0.1/32. Look at a.', 'does not announce 10.0.0.1/32.'],
  ['a → tor-1 announces 10.0.0.1/32 with MED 5 instead of 0.', 'announces 10.0.0.1/32 with MED 5 instead of 0.'],
  [
    '10.0.0.1/32 is missing because the session of a → tor-1 is down. Look.',
    '10.0.0.1/32 is missing because the session of a → tor-1 is down.',
  ],
  ['b → tor-1 (192.0.2.2) announces it.', 'b → tor-1 (192.0.2.2) announces it.'],
  ['', ''],
])('shortens %j next to the session', (reasonText, short) => {
  expect(headline({ reasonText, node: 'a', bgpPeer: 'tor-1' })).toBe(short);
});

import { describe, expect, test } from 'vitest';
import { fieldNames, ownAddresses } from '../../src/verdicts/compare.ts';
import { evaluate, type SessionCondition, type Situation } from '../../src/verdicts/evaluate.ts';
import { type ReasonCode, reasons } from '../../src/verdicts/reasons.ts';
import { plainAttributes } from '../support/fake-rib.ts';
import { plainExpectation } from './fake-table.ts';

const now = 1_000_000;
const grace = 15_000;
const longAgo = now - 10 * grace;

const up: SessionCondition = {
  role: 'expected',
  status: 'up',
  own: ownAddresses(['192.0.2.11'], '192.0.2.11', null),
  changedAt: longAgo,
  resentAt: Number.NEGATIVE_INFINITY,
  restored: false,
  configurationUnknown: false,
};
const quiet: Situation = {
  expected: undefined,
  received: undefined,
  stale: false,
  receivedChangedAt: () => longAgo,
  session: up,
  expectedChangedAt: Number.NEGATIVE_INFINITY,
  foreign: () => false,
  unasked: () => 'unexpected',
  graceMs: grace,
  now,
};
const expected = { expected: plainExpectation };
const received = { received: plainAttributes };
const wrong = { received: { ...plainAttributes, communities: ['1:1'] } };
const session = (facts: Partial<SessionCondition>): { session: SessionCondition } => ({ session: { ...up, ...facts } });

type Case = [name: string, situation: Partial<Situation>, reason: ReasonCode | undefined, verdict?: string];

function run(cases: Case[]): void {
  test.each(cases)('%s', (_, situation, reason, verdict) => {
    const evaluation = evaluate({ ...quiet, ...situation });
    expect(evaluation?.reason).toBe(reason);
    if (evaluation && verdict) expect(reasons[evaluation.reason].verdict).toBe(verdict);
  });
}

describe('when nothing changed lately', () => {
  run([
    ['nothing expected, nothing received: no verdict', {}, undefined],
    ['expected and received alike', { ...expected, ...received }, 'as-expected', 'ok'],
    ['expected, not received', expected, 'route-missing', 'missing'],
    ['received, not expected', received, 'no-expectation', 'unexpected'],
    [
      "received, somebody else's FRRConfiguration asks for it",
      { ...received, foreign: () => true },
      'foreign-prefix',
      'ok',
    ],
    ['a community that should not be there', { ...expected, ...wrong }, 'community-mismatch', 'mismatch'],
    ['expected, session down', { ...expected, ...session({ status: 'down' }) }, 'session-down', 'missing'],
    [
      'expected, session never seen',
      { ...expected, ...session({ status: 'never-seen' }) },
      'session-never-seen',
      'missing',
    ],
  ]);
});

describe('one differing attribute has a reason of its own', () => {
  const differing = (attributes: Partial<typeof plainAttributes>) => ({
    ...expected,
    received: { ...plainAttributes, ...attributes },
  });
  run([
    ['next hop', differing({ nextHop: '192.0.2.99' }), 'next-hop-mismatch'],
    ['AS path', differing({ asPath: [1] }), 'as-path-mismatch'],
    ['local preference', differing({ localPref: 1 }), 'local-pref-mismatch'],
    ['MED', differing({ med: 1 }), 'med-mismatch'],
    ['origin', differing({ origin: 'egp' }), 'origin-mismatch'],
    ['large communities', differing({ largeCommunities: ['1:1:1'] }), 'community-mismatch'],
    [
      'both kinds of communities',
      differing({ communities: ['1:1'], largeCommunities: ['1:1:1'] }),
      'community-mismatch',
    ],
    ['several attributes', differing({ med: 1, localPref: 1 }), 'attributes-mismatch'],
  ]);
});

describe('what cannot be told is not claimed', () => {
  run([
    [
      'missing while the initial table comes in',
      { ...expected, ...session({ status: 'syncing' }) },
      'not-synced',
      'pending',
    ],
    [
      'unexpected while the initial table comes in',
      { ...received, ...session({ status: 'syncing' }) },
      'not-synced',
      'pending',
    ],
    [
      'wrong while the initial table comes in',
      { ...expected, ...wrong, ...session({ status: 'syncing' }) },
      'not-synced',
      'pending',
    ],
    ['right is right at once', { ...expected, ...received, ...session({ status: 'syncing' }) }, 'as-expected', 'ok'],
    [
      'not back after our own restart',
      { ...expected, ...session({ status: 'restoring' }) },
      'collector-restarted',
      'unknown',
    ],
    [
      'the node has a session that may be this one',
      { ...expected, ...session({ status: 'maybe' }) },
      'session-ambiguous',
      'unknown',
    ],
    [
      'a route of a session that cannot be told apart',
      { ...received, ...session({ role: 'ambiguous' }) },
      'session-ambiguous',
      'unknown',
    ],
    [
      'a route of a node whose configuration is unknown',
      { ...received, ...session({ configurationUnknown: true }) },
      'configuration-unknown',
      'unknown',
    ],
  ]);
});

describe('who sends what nobody asks for', () => {
  run([
    [
      'a neighbor that is no known node',
      { ...received, ...session({ role: 'unmapped' }) },
      'neighbor-not-mapped',
      'unexpected',
    ],
    [
      'a session that the objects do not ask for',
      { ...received, ...session({ role: 'not-expected' }) },
      'session-not-expected',
      'unexpected',
    ],
    [
      'a second neighbor for the session, rightly',
      { ...expected, ...received, ...session({ role: 'duplicate' }) },
      'as-expected',
      'ok',
    ],
    ['a second neighbor need not send anything', { ...expected, ...session({ role: 'duplicate' }) }, undefined],
  ]);
});

describe('stale routes are stale, whatever is expected', () => {
  const down = { stale: true, ...session({ status: 'down' }) };
  run([
    ['as expected', { ...expected, ...received, ...down }, 'graceful-restart', 'stale'],
    ['wrong', { ...expected, ...wrong, ...down }, 'graceful-restart', 'stale'],
    ['not expected', { ...received, ...down }, 'graceful-restart', 'stale'],
    [
      'from before our own restart',
      { ...expected, ...received, stale: true, ...session({ status: 'restoring', restored: true }) },
      'restored',
      'stale',
    ],
  ]);
});

describe('grace', () => {
  const lately = now - grace + 1;
  const deadlines: [name: string, situation: Partial<Situation>, deadline: number | null, reason: ReasonCode][] = [
    ['after the expectation changed', { ...expected, expectedChangedAt: lately }, lately + grace, 'route-missing'],
    ['after it vanished', { ...received, expectedChangedAt: lately }, lately + grace, 'no-expectation'],
    ['after the session came up', { ...expected, ...session({ changedAt: lately }) }, lately + grace, 'route-missing'],
    [
      'from the latest of both',
      { ...expected, expectedChangedAt: lately + 5, ...session({ changedAt: lately }) },
      lately + 5 + grace,
      'route-missing',
    ],
    [
      'also while the session is down',
      { ...expected, expectedChangedAt: lately, ...session({ status: 'down' }) },
      lately + grace,
      'session-down',
    ],
    ['is over to the millisecond', { ...expected, expectedChangedAt: now - grace }, null, 'route-missing'],
    ['is not for what is right', { ...expected, ...received, expectedChangedAt: lately }, null, 'as-expected'],
    ['of nothing', { ...expected, expectedChangedAt: now, graceMs: 0 }, null, 'route-missing'],
    [
      'after a re-send, for a difference that came with it',
      { ...expected, ...wrong, receivedChangedAt: () => now, ...session({ resentAt: lately }) },
      lately + grace,
      'community-mismatch',
    ],
    [
      'not after a re-send that left it as wrong as it was',
      { ...expected, ...wrong, ...session({ resentAt: lately }) },
      null,
      'community-mismatch',
    ],
    [
      'not after a re-send for what is not there',
      { ...expected, ...session({ resentAt: lately }) },
      null,
      'route-missing',
    ],
  ];
  test.each(deadlines)('%s', (_, situation, deadline, reason) => {
    const evaluation = evaluate({ ...quiet, ...situation })!;
    expect(evaluation.deadline).toBe(deadline);
    expect(evaluation.underlying).toBe(reason);
    expect(evaluation.reason).toBe(deadline === null ? reason : 'grace');
  });

  test('names the attributes that differ already', () => {
    const { fields } = evaluate({ ...quiet, ...expected, ...wrong, expectedChangedAt: lately })!;
    expect(fieldNames(fields)).toEqual(['communities']);
  });
});

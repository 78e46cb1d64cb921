import { describe, expect, test } from 'vitest';
import type { TimelineEntry } from '../../src/api/schemas.ts';
import { describeLanes, lanesOf, ticksOf } from '../../web/src/lanes.ts';
import { groupEntries, groupText, groupWindow, type Tone, toneOf } from '../../web/src/timeline.ts';

type Kind = TimelineEntry['kind'];
type Of<K extends Kind> = Extract<TimelineEntry, { kind: K }>;

const start = Date.parse('2026-05-04T12:00:00Z');
const base = (ms: number, node: string | null = null) => ({
  at: new Date(start + ms).toISOString(),
  text: `at ${ms}`,
  node,
  bgpPeer: null,
  neighbor: null,
  seq: null,
  evidence: [],
});
const route = (ms: number, action: Of<'route'>['detail']['action'], node = 'a'): TimelineEntry => ({
  ...base(ms, node),
  kind: 'route',
  detail: { action, fields: [] },
});
const verdict = (ms: number, from: string | null, to: string | null, node = 'a'): TimelineEntry => ({
  ...base(ms, node),
  kind: 'verdict',
  detail: { from, to, reasonCode: 'c', reasonText: 't', fields: [] },
});
const session = (ms: number, from: string, to: string): TimelineEntry => ({
  ...base(ms, 'a'),
  kind: 'session',
  detail: { from, to, reason: null },
});
const object = (ms: number, action: Of<'object'>['detail']['action']): TimelineEntry => ({
  ...base(ms),
  kind: 'object',
  detail: {
    action,
    object: { kind: 'BGPPeer', name: 'tor-1' },
    source: 'manifests',
    fields: [],
    changes: [],
    moreFields: 0,
    by: null,
    resourceVersion: null,
    times: 1,
    until: base(ms).at,
    away: false,
  },
});
const expectation = (ms: number, action: Of<'expectation'>['detail']['action']): TimelineEntry => ({
  ...base(ms),
  kind: 'expectation',
  detail: {
    action,
    because: [],
    moreBecause: 0,
    fields: [],
    occasion: 'change',
    sessions: { count: 1, examples: [], nodes: 1 },
  },
});
const newestFirst = (...entries: TimelineEntry[]) => entries.toSorted((a, b) => b.at.localeCompare(a.at));

test.each<[string, TimelineEntry, Tone]>([
  ['a new object is good', object(0, 'created'), 'good'],
  ['an edit is a change', object(0, 'changed'), 'change'],
  ['an object that goes is bad', object(0, 'deleted'), 'bad'],
  ['what is expected is good', expectation(0, 'expected'), 'good'],
  ['what is no longer expected is bad', expectation(0, 'no-longer-expected'), 'bad'],
  ['what was not recorded is neither', expectation(0, 'not-recorded'), 'change'],
  ['a session that comes up is good', session(0, 'open-confirm', 'established'), 'good'],
  ['a session that ends is bad', session(0, 'established', 'idle'), 'bad'],
  ['a session on its way is neither', session(0, 'active', 'open-sent'), 'change'],
  ['a withdrawal is bad', route(0, 'withdrawn'), 'bad'],
  ['an announcement is good', route(0, 'announced'), 'good'],
  ['other attributes are a change', route(0, 'replaced'), 'change'],
  ['ok is good', verdict(0, 'missing', 'ok'), 'good'],
  ['missing is bad', verdict(0, 'ok', 'missing'), 'bad'],
  ['pending is neither', verdict(0, 'ok', 'pending'), 'change'],
])('%s', (_, entry, tone) => {
  expect(toneOf(entry)).toBe(tone);
});

describe('what many sessions do at once is one entry', () => {
  const indices = (...entries: TimelineEntry[]) =>
    groupEntries(newestFirst(...entries)).map((group) => group.indices.length);

  test.each<[string, TimelineEntry[], number[]]>([
    ['nothing', [], []],
    ['three withdrawals in a second', [route(0, 'withdrawn'), route(300, 'withdrawn'), route(900, 'withdrawn')], [3]],
    ['two are told one by one', [route(0, 'withdrawn'), route(300, 'withdrawn')], [1, 1]],
    [
      'those of another time are another group',
      [0, 1, 2, groupWindow + 3, groupWindow + 4, groupWindow + 5].map((ms) => route(ms, 'announced')),
      [3, 3],
    ],
    [
      'what is between does not tear a group apart',
      [route(0, 'withdrawn'), verdict(1, 'ok', 'missing'), route(2, 'withdrawn'), route(3, 'withdrawn')],
      [3, 1],
    ],
    [
      'another action is another group',
      [0, 1, 2].flatMap((ms) => [route(ms, 'withdrawn'), route(ms + 10, 'announced')]),
      [3, 3],
    ],
    ['each edit counts', [object(0, 'changed'), object(1, 'changed'), object(2, 'changed')], [1, 1, 1]],
  ])('%s', (_, entries, sizes) => {
    expect(indices(...entries)).toEqual(sizes);
  });

  test('no entry is lost or told twice', () => {
    const entries = newestFirst(
      ...Array.from({ length: 40 }, (_, i) => route(i * 1_700, i % 3 === 0 ? 'withdrawn' : 'announced')),
    );
    const told = groupEntries(entries).flatMap((group) => group.indices);
    expect(told.toSorted((a, b) => a - b)).toEqual(entries.map((_, i) => i));
  });

  test('says how many, where and how fast', () => {
    const entries = newestFirst(
      route(0, 'withdrawn', 'a'),
      route(2_100, 'withdrawn', 'b'),
      route(2_200, 'withdrawn', 'b'),
    );
    expect(groupText(groupEntries(entries)[0]!, entries)).toBe('3 sessions on 2 nodes: withdrawn, within 2 s');
  });
});

describe('the picture', () => {
  test('has a lane for each kind that happened, from cause to effect', () => {
    const lanes = lanesOf(newestFirst(verdict(3, 'ok', 'missing'), object(0, 'changed'), route(2, 'withdrawn')));
    expect(lanes.map(({ kind }) => kind)).toEqual(['object', 'route', 'verdict']);
  });

  test('goes from the oldest at the left to the newest at the right', () => {
    const [lane] = lanesOf(newestFirst(route(0, 'announced'), route(500, 'withdrawn'), route(1_000, 'announced')));
    expect(lane!.marks.map(({ x, entries, tone }) => [x, entries, tone])).toEqual([
      [1, [0], 'good'],
      [0.5, [1], 'bad'],
      [0, [2], 'good'],
    ]);
  });

  test('makes one mark of what it could not tell apart, and of the worst tone', () => {
    const [lane] = lanesOf(newestFirst(route(0, 'announced'), route(999, 'withdrawn'), route(1_000, 'announced')));
    expect(lane!.marks.map(({ entries, tone }) => [entries.length, tone])).toEqual([
      [2, 'bad'],
      [1, 'good'],
    ]);
  });

  test('puts a single moment in the middle', () => {
    expect(lanesOf([route(7, 'announced')])[0]!.marks[0]!.x).toBe(0.5);
  });

  test('stays bounded, however much happened', () => {
    const entries = newestFirst(...Array.from({ length: 1_000 }, (_, i) => route(i * 10, 'announced')));
    expect(lanesOf(entries)[0]!.marks.length).toBeLessThanOrEqual(51);
  });

  test('is a sentence too', () => {
    const entries = newestFirst(object(0, 'changed'), route(65_000, 'withdrawn'), route(90_000, 'withdrawn'));
    expect(describeLanes(lanesOf(entries), start, start + 90_000)).toBe(
      'Entries over 1 min: 1 of objects, 2 of routes. The list below has them one by one.',
    );
  });

  test.each<[string, number]>([
    ['ten seconds', 10_000],
    ['an hour', 3_600_000],
    ['a day', 86_400_000],
    ['a month', 2_592_000_000],
    ['ten years', 315_360_000_000],
  ])('has a few ticks for %s, inside of it', (_, span) => {
    const ticks = ticksOf(start - span, start, 6);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(7);
    for (const { x } of ticks) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(1);
    }
  });
});

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
  ['a deleted object is bad', object(0, 'deleted'), 'bad'],
  ['a new expectation is good', expectation(0, 'expected'), 'good'],
  ['a removed expectation is bad', expectation(0, 'no-longer-expected'), 'bad'],
  ['an unrecorded expectation is neutral', expectation(0, 'not-recorded'), 'change'],
  ['a session that comes up is good', session(0, 'open-confirm', 'established'), 'good'],
  ['a session that ends is bad', session(0, 'established', 'idle'), 'bad'],
  ['a session that connects is neutral', session(0, 'active', 'open-sent'), 'change'],
  ['a withdrawal is bad', route(0, 'withdrawn'), 'bad'],
  ['an announcement is good', route(0, 'announced'), 'good'],
  ['new attributes are a change', route(0, 'replaced'), 'change'],
  ['ok is good', verdict(0, 'missing', 'ok'), 'good'],
  ['missing is bad', verdict(0, 'ok', 'missing'), 'bad'],
  ['pending is neutral', verdict(0, 'ok', 'pending'), 'change'],
])('%s', (_, entry, tone) => {
  expect(toneOf(entry)).toBe(tone);
});

describe('groups of entries', () => {
  const indices = (...entries: TimelineEntry[]) =>
    groupEntries(newestFirst(...entries)).map((group) => group.indices.length);

  test.each<[string, TimelineEntry[], number[]]>([
    ['no entries', [], []],
    ['three withdrawals in a second', [route(0, 'withdrawn'), route(300, 'withdrawn'), route(900, 'withdrawn')], [3]],
    ['two withdrawals form no group', [route(0, 'withdrawn'), route(300, 'withdrawn')], [1, 1]],
    [
      'entries far apart form separate groups',
      [0, 1, 2, groupWindow + 3, groupWindow + 4, groupWindow + 5].map((ms) => route(ms, 'announced')),
      [3, 3],
    ],
    [
      'other entries do not split a group',
      [route(0, 'withdrawn'), verdict(1, 'ok', 'missing'), route(2, 'withdrawn'), route(3, 'withdrawn')],
      [3, 1],
    ],
    [
      'different actions form separate groups',
      [0, 1, 2].flatMap((ms) => [route(ms, 'withdrawn'), route(ms + 10, 'announced')]),
      [3, 3],
    ],
    ['object changes form no group', [object(0, 'changed'), object(1, 'changed'), object(2, 'changed')], [1, 1, 1]],
  ])('%s', (_, entries, sizes) => {
    expect(indices(...entries)).toEqual(sizes);
  });

  test('contain every entry once', () => {
    const entries = newestFirst(
      ...Array.from({ length: 40 }, (_, i) => route(i * 1_700, i % 3 === 0 ? 'withdrawn' : 'announced')),
    );
    const grouped = groupEntries(entries).flatMap((group) => group.indices);
    expect(grouped.toSorted((a, b) => a - b)).toEqual(entries.map((_, i) => i));
  });

  test('state count, nodes and time', () => {
    const entries = newestFirst(
      route(0, 'withdrawn', 'a'),
      route(2_100, 'withdrawn', 'b'),
      route(2_200, 'withdrawn', 'b'),
    );
    expect(groupText(groupEntries(entries)[0]!, entries)).toBe('3 sessions on 2 nodes: withdrawn, within 2 s');
  });
});

describe('the chart', () => {
  test('has a lane per kind, from cause to effect', () => {
    const lanes = lanesOf(newestFirst(verdict(3, 'ok', 'missing'), object(0, 'changed'), route(2, 'withdrawn')));
    expect(lanes.map(({ kind }) => kind)).toEqual(['object', 'route', 'verdict']);
  });

  test('runs from the oldest entry to the newest', () => {
    const [lane] = lanesOf(newestFirst(route(0, 'announced'), route(500, 'withdrawn'), route(1_000, 'announced')));
    expect(lane!.marks.map(({ x, entries, tone }) => [x, entries, tone])).toEqual([
      [1, [0], 'good'],
      [0.5, [1], 'bad'],
      [0, [2], 'good'],
    ]);
  });

  test('merges close entries into one mark with the worst tone', () => {
    const [lane] = lanesOf(newestFirst(route(0, 'announced'), route(999, 'withdrawn'), route(1_000, 'announced')));
    expect(lane!.marks.map(({ entries, tone }) => [entries.length, tone])).toEqual([
      [2, 'bad'],
      [1, 'good'],
    ]);
  });

  test('centers a single entry', () => {
    expect(lanesOf([route(7, 'announced')])[0]!.marks[0]!.x).toBe(0.5);
  });

  test('has a bounded number of marks', () => {
    const entries = newestFirst(...Array.from({ length: 1_000 }, (_, i) => route(i * 10, 'announced')));
    expect(lanesOf(entries)[0]!.marks.length).toBeLessThanOrEqual(51);
  });

  test('has a description', () => {
    const entries = newestFirst(object(0, 'changed'), route(65_000, 'withdrawn'), route(90_000, 'withdrawn'));
    expect(describeLanes(lanesOf(entries), start, start + 90_000)).toBe(
      'Timeline entries over 1 min: objects 1, routes 2. The list below has the details.',
    );
  });

  test.each<[string, number]>([
    ['ten seconds', 10_000],
    ['an hour', 3_600_000],
    ['a day', 86_400_000],
    ['a month', 2_592_000_000],
    ['ten years', 315_360_000_000],
  ])('has at most seven ticks for %s', (_, span) => {
    const ticks = ticksOf(start - span, start, 6);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(7);
    for (const { x } of ticks) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(1);
    }
  });
});

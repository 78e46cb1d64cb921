import { describe, expect, test } from 'vitest';
import type { ServerMessage } from '../../src/api/schemas.ts';
import {
  announcement,
  initialModel,
  type LocalMessage,
  type Message,
  type Model,
  maxLiveRows,
  maxRateSamples,
  maxRecentVerdicts,
  reduce,
  type VerdictMessage,
} from '../../web/src/model.ts';
import { changeOf, makeFixture, summaryOf } from '../support/fixture-data.ts';

const now = Date.parse('2026-05-04T12:00:00Z');
const fixture = makeFixture({ now, nodes: 3, services: 4 });

const route = (seq: number): Message => ({ type: 'route', ...changeOf(seq, now, 'announced', fixture.routes[0]!) });
const verdict = (
  from: VerdictMessage['from'],
  to: VerdictMessage['to'],
  more: Partial<VerdictMessage> = {},
): VerdictMessage => ({
  type: 'verdict',
  from,
  to,
  ...fixture.verdicts[0]!,
  ...more,
});
const session = (state: 'idle' | 'established'): Message => ({
  type: 'session',
  ...fixture.neighbors[0]!,
  state,
  established: state === 'established',
});
const gap: ServerMessage = { type: 'gap', from: 5, to: 9, reason: 'slow-client' };
const status = (seq: number, uptimeSeconds: number): LocalMessage => ({
  type: 'status',
  status: { ...fixture.status, seq, uptimeSeconds },
});
const reduced = (...messages: Message[]) => reduce(initialModel(now), messages, now);
const kinds = ({ live }: Model) => live.rows.map((row) => row.kind);

test('messages become numbered rows in order', () => {
  const model = reduced(route(1), verdict('ok', 'missing'), session('idle'), gap);
  expect(kinds(model)).toEqual(['route', 'verdict', 'session', 'gap']);
  expect(model.live.rows.map((row) => row.id)).toEqual([1, 2, 3, 4]);
});

test('snapshot rows add no feed rows', () => {
  const route = fixture.routes[0]!;
  expect(reduced({ type: 'route', seq: 1, at: route.lastChangedAt, action: 'announced', route }).live.rows).toEqual([]);
});

test('pong and heartbeat change nothing', () => {
  const model = initialModel(now);
  expect(reduce(model, [{ type: 'pong' }, { type: 'heartbeat', seq: 7, at: '2026-05-04T12:00:00Z' }], now)).toEqual(
    model,
  );
});

describe('lists are bounded', () => {
  test('the live feed keeps the newest rows', () => {
    const model = reduced(...Array.from({ length: maxLiveRows + 500 }, (_, i) => route(i)));
    expect(model.live.rows).toHaveLength(maxLiveRows);
    expect(model.live.rows.at(-1)).toMatchObject({ change: { seq: maxLiveRows + 499 } });
  });

  test('recent verdicts keep the newest, newest first', () => {
    const model = reduced(
      ...Array.from({ length: maxRecentVerdicts + 50 }, (_, i) =>
        verdict('ok', 'missing', { prefix: `10.0.0.${i}/32` }),
      ),
    );
    expect(model.recentVerdicts).toHaveLength(maxRecentVerdicts);
    expect(model.recentVerdicts[0]).toMatchObject({ change: { prefix: `10.0.0.${maxRecentVerdicts + 49}/32` } });
  });

  test('the rate keeps the newest samples', () => {
    const model = reduced(...Array.from({ length: maxRateSamples + 10 }, (_, i) => status(100 * i, 5 * i)));
    expect(model.rates).toHaveLength(maxRateSamples);
    expect(model.rates.at(-1)?.perSecond).toBe(20);
  });
});

test('a lower seq restarts the rate', () => {
  expect(reduced(status(100, 5), status(200, 10), status(10, 15)).rates).toEqual([]);
});

test('a verdict change updates the summary', () => {
  const summary = summaryOf(fixture);
  const model = reduced(
    { type: 'summary', summary },
    verdict('ok', 'missing'),
    verdict(null, 'pending'),
    verdict('pending', null),
  );
  expect(model.summary?.verdicts).toEqual({
    ...summary.verdicts,
    ok: summary.verdicts.ok - 1,
    missing: summary.verdicts.missing + 1,
  });
  expect(model.verdictRevision).toBe(3);
});

test('a session change before the neighbors are loaded is not a list of neighbors', () => {
  expect(reduced(session('idle')).neighbors).toBeUndefined();
});

test('a session change replaces only its neighbor', () => {
  const model = reduced({ type: 'neighbors', neighbors: fixture.neighbors }, session('idle'));
  expect(model.neighbors?.get(fixture.neighbors[0]!.id)).toMatchObject({ state: 'idle' });
  expect(model.neighbors?.size).toBe(fixture.neighbors.length);
});

describe('REST reads repeat', () => {
  const live: LocalMessage = { type: 'connection', connection: { state: 'live', since: now, retryAt: null, text: '' } };
  test.each<[string, Message[], number]>([
    ['after a gap', [gap], 1],
    ['after a long break', [{ type: 'away', from: 3, to: 90 }], 1],
    ['when the feed reconnects', [live], 1],
    ['not on ordinary messages', [route(1), session('established')], 0],
  ])('%s', (_, messages, generation) => {
    expect(reduced(...messages).generation).toBe(generation);
  });
});

describe('a paused feed', () => {
  const paused = reduced(route(1), { type: 'pause', paused: true }, route(2));
  test('keeps the shown rows', () => {
    expect(paused.live.frozen).toHaveLength(1);
  });
  test('keeps collecting', () => {
    expect(paused.live.rows).toHaveLength(2);
  });
  test('shows all rows after resume', () => {
    expect(reduce(paused, [{ type: 'pause', paused: false }], now).live).toMatchObject({
      frozen: undefined,
      rows: { length: 2 },
    });
  });
  test('is empty after clear and continues its ids', () => {
    expect(reduce(paused, [{ type: 'clear' }, route(3)], now).live).toMatchObject({
      frozen: undefined,
      rows: [{ id: 3 }],
    });
  });
});

test('reduce never changes its input', () => {
  const before = reduced(route(1), { type: 'neighbors', neighbors: fixture.neighbors });
  const copy = structuredClone(before);
  reduce(before, [route(2), session('idle'), verdict('ok', 'stale'), { type: 'clear' }], now);
  expect(before).toEqual(copy);
});

test.each<[string, VerdictMessage[], string]>([
  ['nothing', [], ''],
  [
    'one',
    [verdict('ok', 'missing', { prefix: '10.0.0.1/32', node: 'a', reasonText: 'It was withdrawn.' })],
    '10.0.0.1/32 on a: missing. It was withdrawn.',
  ],
  [
    'one that was removed',
    [verdict('ok', null, { prefix: '10.0.0.1/32', node: null })],
    '10.0.0.1/32: no longer expected or received',
  ],
  [
    'many',
    [verdict('ok', 'missing'), verdict('ok', 'missing'), verdict('stale', 'ok'), verdict('ok', null)],
    '4 verdicts changed: 2 missing, 1 ok, 1 removed',
  ],
])('announces to a screen reader: %s', (_, changes, text) => {
  expect(announcement(changes)).toBe(text);
});

import { describe, expect, test } from 'vitest';
import { Inbox, maxRoutesPerPiece } from '../../src/collector/inbox.ts';
import { BatchWriter, records, type SpeakerMessage } from '../../src/events.ts';

const endpoints = { remoteAddress: '192.0.2.1', remotePort: 40_000, localAddress: '192.0.2.9', localPort: 179 };

/** A batch in which these sessions end, one after the other. */
function ends(...sessions: number[]): SpeakerMessage {
  const writer = new BatchWriter();
  for (const session of sessions)
    writer.appendEvent(session, 1_000, {
      endpoints,
      kind: 'down',
      from: 'established',
      reason: { direction: 'received', code: 'connection-closed', text: '' },
      retainRoutes: false,
    });
  return { kind: 'batch', batch: writer.take() };
}

/** Sessions in each batch that was taken, `+` where more of the batch follows. */
function setUp(routes: Record<number, number> = {}) {
  const taken: string[] = [];
  const turns: (() => void)[] = [];
  const inbox = new Inbox({
    take(message) {
      if (message.kind !== 'batch') return;
      const sessions = [...records(message.batch)].map(({ session }) => session);
      taken.push(Array.from(records(message.batch), ({ session }) => session).join() + (message.isPiece ? '+' : ''));
      expect(sessions).toHaveLength(message.batch.count);
    },
    routesOf: (session) => routes[session] ?? 0,
    schedule: (work) => turns.push(work),
  });
  return { inbox, taken, turn: () => turns.shift()?.() };
}

test('takes the first message at once, and the others in a later turn', () => {
  const { inbox, taken, turn } = setUp();
  inbox.push(ends(1));
  inbox.push(ends(2));
  expect(taken).toEqual(['1']);
  turn();
  expect(taken).toEqual(['1', '2']);
});

test('takes everything that waits when it is flushed', () => {
  const { inbox, taken } = setUp();
  for (const session of [1, 2, 3]) inbox.push(ends(session));
  inbox.flush();
  expect(taken).toEqual(['1', '2', '3']);
});

const many = maxRoutesPerPiece + 1;

describe('a batch in which sessions end', () => {
  test.each<[string, Record<number, number>, string[]]>([
    ['without routes stays whole', {}, ['1,2,3']],
    ['with as many routes as one piece may remove stays whole', { 1: maxRoutesPerPiece }, ['1,2,3']],
    ['is cut behind a session with more', { 1: many }, ['1+', '2,3']],
    ['is cut behind the session that makes it more', { 1: many - 2, 2: 2 }, ['1,2+', '3']],
    ['is cut several times', { 1: many, 2: many }, ['1+', '2+', '3']],
    ['is not cut at its end', { 3: many }, ['1,2,3']],
  ])('%s', (_, routes, expected) => {
    const { inbox, taken } = setUp(routes);
    inbox.push(ends(1, 2, 3));
    inbox.flush();
    expect(taken).toEqual(expected);
  });
});

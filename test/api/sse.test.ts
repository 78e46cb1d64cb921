import { describe, expect, test } from 'vitest';
import type { ServerMessage } from '../../src/api/schemas.ts';
import { Feed } from '../../src/feed.ts';
import { epochOfFakes } from '../support/fake-views.ts';
import { brief, scene } from './support.ts';

describe('server-sent events', () => {
  test('carry the same JSON, and seq as their id', async () => {
    const { app, deps, publish } = await scene();
    publish([deps.rib.announce(1, '10.0.0.1/32')]);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/stream/sse?snapshot=true&family=4`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('snapshot_end')) text += (await reader.read()).value;
    publish([deps.rib.announce(2, '10.0.0.2/32')]);
    while (!text.includes('10.0.0.2/32')) text += (await reader.read()).value;
    await reader.cancel();
    expect(text).toMatch(/^id: 0123456789abcdef:2\ndata: \{"type":"route","seq":2,/m);
  });

  /** What `/stream/sse` sends first, as brief messages, to a client that has `headers` and `query`. */
  async function firstEvents(count: number, headers: Record<string, string>, query = ''): Promise<string[]> {
    const { app, deps, publish } = await scene((deps) => {
      const earlier = new Map([['aaaaaaaaaaaaaaaa', 1]]);
      Object.assign(deps, { feed: new Feed({ current: epochOfFakes, earlier }) });
    });
    publish([deps.rib.announce(1, '10.0.0.1/32'), deps.rib.announce(1, '10.0.0.2/32')]);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/stream/sse${query}`, { headers });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    const messages: ServerMessage[] = [];
    for (let text = ''; messages.length < count; ) {
      text += (await reader.read()).value;
      const events = [...text.matchAll(/^data: (.*)\n\n/gm)].flatMap(([, json]) => JSON.parse(json!));
      messages.splice(0, messages.length, ...events);
    }
    await reader.cancel();
    return messages.slice(1, count).map(brief);
  }

  const resumed = ['announced 10.0.0.2/32@1 #2'];
  const unknown = (from: number, to = 2) => [`gap ${from}–${to} resume-unknown`, 'snapshot_begin'];
  const positions: [string, string, string[]][] = [
    ['of this run', `${epochOfFakes}:1`, resumed],
    ['of an earlier run', 'aaaaaaaaaaaaaaaa:1', resumed],
    ['behind the end of an earlier run, which a restored database has lost', 'aaaaaaaaaaaaaaaa:2', unknown(3, 3)],
    ['of another database', 'bbbbbbbbbbbbbbbb:1', unknown(2)],
    ['of the future', `${epochOfFakes}:3`, unknown(4, 4)],
    ['too large', `${epochOfFakes}:9007199254740993`, unknown(1)],
    ['without an epoch', '1', unknown(1)],
    ['negative', '-1', unknown(1)],
    ['a word', 'abc', unknown(1)],
    ['a list', '5,6', unknown(1)],
    ['an octet that is not ASCII', '\xff', unknown(1)],
    ['a number with an exponent', '1e3', unknown(1)],
    ['Infinity', 'Infinity', unknown(1)],
  ];
  test.each(positions)('Last-Event-ID %s', async (_, id, expected) => {
    expect(await firstEvents(1 + expected.length, { 'last-event-id': id })).toEqual(expected);
  });

  test.each([
    ['without an epoch', '?resumeFrom=1', resumed],
    ['with the epoch of another database', '?resumeFrom=1&epoch=bbbbbbbbbbbbbbbb', unknown(2)],
  ])('resumeFrom %s', async (_, query, expected) => {
    expect(await firstEvents(1 + expected.length, {}, query)).toEqual(expected);
  });

  test('HEAD answers with the headers and ends', async () => {
    const { app } = await scene();
    const answer = await app.inject({ method: 'HEAD', url: '/api/v1/stream/sse' });
    expect(answer).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      body: '',
    });
  });

  test('a filter that cannot be is a problem', async () => {
    const { get } = await scene();
    expect(await get('/api/v1/stream/sse?prefix=10.0.0.1/8')).toMatchObject({
      status: 422,
      body: { code: 'host-bits-set' },
    });
  });
});

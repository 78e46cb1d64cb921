import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { HttpOptions } from '../../src/config.ts';
import { scene } from './support.ts';

const http = (some: Partial<HttpOptions> = {}): Partial<{ http: HttpOptions }> => ({
  http: { listen: '127.0.0.1:8080', tokens: [], public: false, cors: [], ...some },
});
const tokens: HttpOptions['tokens'] = [
  { token: 'reader-0123456789', scopes: ['read'] },
  { token: 'operator-0123456789', scopes: ['operate'] },
];
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const reader = bearer('reader-0123456789');
const operator = bearer('operator-0123456789');

describe('who may do what', () => {
  const read = 'GET /api/v1/status';
  const reset = 'POST /api/v1/neighbors/1/reset';
  const cases: [string, Partial<HttpOptions>, string, Record<string, string>, number][] = [
    ['without tokens, loopback reads', {}, read, {}, 200],
    ['without tokens, loopback operates', {}, reset, {}, 202],
    ['with tokens, nobody reads without one', { tokens }, read, {}, 401],
    ['with tokens, a wrong one does not read', { tokens }, read, bearer('wrong'), 401],
    ['the scope read reads', { tokens }, read, reader, 200],
    ['the scope read does not operate', { tokens }, reset, reader, 403],
    ['the scope operate reads, too', { tokens }, read, operator, 200],
    ['the scope operate operates', { tokens }, reset, operator, 202],
    ['public reads without a token', { public: true }, read, {}, 200],
    ['public does not operate', { public: true }, reset, {}, 401],
    ['public with tokens operates with one', { public: true, tokens }, reset, operator, 202],
    ['probes need no token', { tokens }, 'GET /healthz', {}, 200],
    ['metrics do', { tokens }, 'GET /metrics', {}, 401],
    ['metrics read with one', { tokens }, 'GET /metrics', reader, 200],
    ['the documentation needs no token', { tokens }, 'GET /api/v1/openapi.json', {}, 200],
    ['the page needs no token', { tokens }, 'GET /', {}, 200],
    ['what is not there is not there, token or not', { tokens }, 'GET /api/v1/none', reader, 404],
  ];
  test.each(cases)('%s', async (_, options, request, headers, status) => {
    const { app } = await scene(() => {}, http(options));
    const [method, url] = request.split(' ') as ['GET' | 'POST', string];
    expect((await app.inject({ method, url, headers })).statusCode).toBe(status);
  });

  test('a 401 says how', async () => {
    const { get } = await scene(() => {}, http({ tokens }));
    expect(await get('/api/v1/status')).toMatchObject({
      headers: { 'www-authenticate': 'Bearer' },
      body: { code: 'unauthorized' },
    });
  });
});

describe('which pages may use the browser of somebody who may', () => {
  const cors = ['https://noc.example.net'];
  const cases: [string, Record<string, string>, number][] = [
    ['no page at all', {}, 202],
    ['our own page', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }, 202],
    ['a page of a configured origin', { origin: 'https://noc.example.net' }, 202],
    ['any other page', { origin: 'https://evil.example' }, 403],
    ['a page without origin', { origin: 'null' }, 403],
    ['a page that rebinds its name to loopback', { host: 'evil.example', origin: 'http://evil.example' }, 403],
  ];
  test.each(cases)('%s', async (_, headers, status) => {
    const { app } = await scene(() => {}, http({ cors }));
    expect((await app.inject({ method: 'POST', url: '/api/v1/neighbors/1/reset', headers })).statusCode).toBe(status);
  });

  test('a configured origin may read the answer, another may not', async () => {
    const { get } = await scene(() => {}, http({ cors }));
    expect((await get('/api/v1/status', { origin: cors[0]! })).headers).toMatchObject({
      'access-control-allow-origin': cors[0],
    });
    expect((await get('/api/v1/status', { origin: 'https://evil.example' })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
  });

  test('a configured origin may ask before it sends a token', async () => {
    const { app } = await scene(() => {}, http({ cors, tokens }));
    const headers = { origin: cors[0], 'access-control-request-method': 'PUT' };
    const answer = await app.inject({ method: 'OPTIONS', url: '/api/v1/expectations/overlay', headers });
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([204, cors[0]]);
    expect(answer.headers['access-control-allow-methods']).toContain('PUT');
    expect(answer.headers['access-control-allow-headers']).toContain('if-match');
  });

  test.each([
    ['our own', {}, 101],
    ['another', { origin: 'https://evil.example' }, 403],
  ])('the live feed is opened by %s origin with %o: %i', async (_, headers, status) => {
    const { connect } = await scene();
    const opened = connect(headers).then(
      () => 101,
      (error: Error) => Number(/\d+$/.exec(error.message)?.[0]),
    );
    expect(await opened).toBe(status);
  });
});

describe('a browser, which cannot set headers on a WebSocket', () => {
  /** HTTP status, or the subprotocol of the open socket. */
  async function open(protocols: string[]): Promise<string | number> {
    const { app } = await scene(() => {}, http({ tokens }));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    return new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/stream`, protocols);
      socket.on('unexpected-response', (_, answer) => resolve(answer.statusCode!));
      socket.on('error', () => {});
      socket.on('open', () => {
        resolve(socket.protocol);
        socket.terminate();
      });
    });
  }
  const carried = (token: string) => `bearer.${Buffer.from(token).toString('base64url')}`;

  test.each([
    ['brings its token as a subprotocol', ['peerglass.v1', carried('reader-0123456789')], 'peerglass.v1'],
    ['is refused with a wrong one', ['peerglass.v1', carried('wrong')], 401],
    ['is refused with none', ['peerglass.v1'], 401],
  ])('%s', async (_, protocols, expected) => {
    expect(await open(protocols)).toBe(expected);
  });
});

describe('bounds', () => {
  test('a body larger than bodyBytes', async () => {
    const { app } = await scene();
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/neighbors/1/reset',
      payload: { text: 'x'.repeat(100_000) },
    });
    expect(answer.json()).toMatchObject({ status: 413, code: 'too-large' });
  });

  test('answers carry the headers that keep other pages out', async () => {
    const { get } = await scene();
    const { headers } = await get('/');
    expect(headers['content-security-policy']).toMatch(/default-src 'self';.*frame-ancestors 'none'/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

/** Requests that never become one are answered with a problem like all others. */
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { scene } from './support.ts';

const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;

test.each<[string, string, number, string, RegExp]>([
  ['headers that are too long', get('/api/v1/status', `X-Long: ${'x'.repeat(20_000)}\r\n`), 431, 'too-large', /16384/],
  ['input that is not HTTP', 'hello\r\n\r\n', 400, 'invalid-request', /Invalid HTTP/],
  ['a path that is not well encoded', get('/api/v1/prefixes/%zz'), 400, 'invalid-request', /%zz/],
  [
    'a part of a path that is too long',
    get(`/api/v1/prefixes/${'1'.repeat(limits.paramLength + 1)}`),
    414,
    'too-large',
    /111/,
  ],
])('%s', async (_, octets, status, code, detail) => {
  const { app } = await scene(undefined, {}, { page: '/nowhere' }); // a built page answers for every path
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as net.AddressInfo;
  const socket = net.connect(port, '127.0.0.1');
  socket.write(octets.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  const [head, body] = (await text(socket)).split('\r\n\r\n', 2) as [string, string];
  expect(head).toContain(`HTTP/1.1 ${status} `);
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  expect(JSON.parse(body)).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
});

test.each<[string, string]>([
  ['community=foo', 'community: invalid value "foo"; expected two numbers up to 65535 such as 64512:100'],
  [
    'community=64512:1:2',
    'community: invalid value "64512:1:2"; expected two numbers up to 65535 such as 64512:100 (largeCommunity is for three numbers up to 4294967295 such as 64512:1:100)',
  ],
  ['community=70000:1', 'community: invalid value "70000:1"; expected two numbers up to 65535 such as 64512:100'],
  [
    'largeCommunity=64512:1',
    'largeCommunity: invalid value "64512:1"; expected three numbers up to 4294967295 such as 64512:1:100 (community is for two numbers up to 65535 such as 64512:100)',
  ],
])('routes?%s is rejected with the expected form', async (query, detail) => {
  const { get } = await scene();
  expect(await get(`/api/v1/routes?${query}`)).toMatchObject({
    status: 400,
    body: { code: 'invalid-request', detail },
  });
});

test.each([
  ['community=064512:1', ['10.0.0.1/32']],
  ['largeCommunity=large:64512:1:2', ['10.0.0.2/32']],
  ['largeCommunity=64512:1:2', ['10.0.0.2/32']],
])('routes?%s finds what is written another way', async (query, prefixes) => {
  const { get, deps } = await scene();
  deps.rib.announce(1, '10.0.0.1/32', { communities: ['64512:1'] });
  deps.rib.announce(1, '10.0.0.2/32', { largeCommunities: ['64512:1:2'] });
  const { body } = await get(`/api/v1/routes?${query}`);
  expect(body.data.map(({ prefix }: { prefix: string }) => prefix)).toEqual(prefixes);
});

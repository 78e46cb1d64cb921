/** The limit of open files, and its shares. */
import { expect, test } from 'vitest';
import { parseLimit, planDescriptors, RefusedLog } from '../src/descriptors.ts';
import { hostInterfaces } from '../src/interfaces.ts';

test.each([
  ['Max open files            1024                 524288               files     ', 1024],
  ['Max open files            unlimited            unlimited            files     ', null],
  ['Max processes             127                  127                  processes ', null],
  ['', null],
])('%j has the soft limit %j', (line, limit) => {
  expect(parseLimit(`Limit Soft Limit Hard Limit Units\n${line}\n`)).toBe(limit);
});

test.each([
  [null, 8192, 4096, false],
  [1_048_576, 8192, 4096, false],
  [1024, 464, 464, false],
  [512, 208, 208, true],
  [64, 16, 16, true],
])('a limit of %j allows %i BGP and %i HTTP connections', (limit, maxBgpConnections, maxHttpConnections, isLow) => {
  const { text, ...plan } = planDescriptors(limit);
  expect(plan).toEqual({ limit, maxBgpConnections, maxHttpConnections });
  expect(text !== null).toBe(isLow);
});

test('reset connections are logged once a minute with their number', () => {
  const lines: unknown[] = [];
  const log = new RefusedLog({ warn: (fields: unknown) => void lines.push(fields) });
  log.tick(1_000, { bgp: 0, http: 3 });
  log.tick(2_000, { bgp: 5, http: 9 });
  expect(lines).toEqual([{ event: 'http.connections-refused', count: 3 }]);
  log.tick(61_000, { bgp: 5, http: 9 });
  expect(lines.slice(1)).toEqual([
    { event: 'bgp.connections-refused', count: 5 },
    { event: 'http.connections-refused', count: 6 },
  ]);
});

test('interfaces keep the last result if the call fails', () => {
  const found = { eth0: [] };
  hostInterfaces(() => found);
  const ask = () => {
    throw new Error('EMFILE');
  };
  expect(hostInterfaces(ask)).toBe(found);
});

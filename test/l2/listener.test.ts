/** Usable interfaces. */
import { expect, test } from 'vitest';
import { maxInterfaces, usableInterfaces } from '../../src/l2/listener.ts';

test('uses at most maxInterfaces, not counting unusable ones', () => {
  const address = (internal: boolean) =>
    [{ address: '192.0.2.1', cidr: '192.0.2.1/24', family: 'IPv4', internal, mac: '02:00:00:00:00:01' }] as never;
  const many = Array.from({ length: 2 * maxInterfaces + 2 }, (_, i) => [`eth${i}`, address(i % 2 === 0)] as const);
  const names = usableInterfaces(Object.fromEntries(many)).map(({ name }) => name);
  expect(names).toEqual(
    many
      .filter((_, i) => i % 2 === 1)
      .slice(0, maxInterfaces)
      .map(([name]) => name),
  );
});

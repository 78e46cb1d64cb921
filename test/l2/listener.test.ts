/** Usable interfaces. */
import { expect, test } from 'vitest';
import { maxInterfaces, usableInterfaces } from '../../src/l2/listener.ts';

test('uses at most maxInterfaces, not counting unusable ones', () => {
  const address = (internal: boolean) =>
    [{ address: '192.0.2.1', cidr: '192.0.2.1/24', family: 'IPv4', internal, mac: '02:00:00:00:00:01' }] as never;
  const many = Array.from({ length: 2 * maxInterfaces + 2 }, (_, i) => [`eth${i}`, address(i % 2 === 0)] as const);
  const { used, leftOut } = usableInterfaces(Object.fromEntries(many));
  expect(used.map(({ name }) => name)).toEqual(
    many
      .filter((_, i) => i % 2 === 1)
      .slice(0, maxInterfaces)
      .map(([name]) => name),
  );
  expect(leftOut).toEqual([
    {
      name: 'eth513',
      listens: 'nothing',
      text: 'The host has more than 256 usable interfaces. Peerglass does not listen on 1 of them: this one and those after it.',
    },
  ]);
  expect(usableInterfaces(Object.fromEntries(many.slice(0, -1))).leftOut).toEqual([]);
});

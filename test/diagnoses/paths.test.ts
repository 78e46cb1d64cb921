import { expect, test } from 'vitest';
import { maxPaths, maxPrefixes, pathsOf } from '../../src/diagnoses/paths.ts';
import type { Facts } from '../../src/diagnoses/types.ts';
import { FakeRib } from '../support/fake-rib.ts';

/** Neighbors that all announce the same prefixes. */
function announcing(neighbors: number, prefixes: number): FakeRib {
  const rib = new FakeRib();
  for (let id = 1; id <= neighbors; id++) {
    rib.neighbor(id, { state: 'established', node: `node-${id}` });
    for (let i = 0; i < prefixes; i++) rib.announce(id, `10.0.${i >> 8}.${i & 255}/32`, {}, 0);
    rib.neighbor(id, { routes: { ipv4: prefixes, ipv6: 0, stale: 0 } });
  }
  return rib;
}

test.each([
  ['few neighbors: the first 256 prefixes', 2, 300, maxPrefixes],
  ['many: so many prefixes as make 8,192 paths', 100, 100, Math.ceil(maxPaths / 100)],
])('paths are looked at within bounds: %s', (_, neighbors, prefixes, looked) => {
  const rib = announcing(neighbors, prefixes);
  const found = [...pathsOf({ rib } as unknown as Facts)];
  expect(found).toHaveLength(looked);
  expect(found[0]!.paths).toHaveLength(neighbors);
});

/** The cache of decoded attribute sets. */
import { expect, test } from 'vitest';
import { Rib } from '../../src/rib/rib.ts';
import { LiveRib, maxDecodedOctets, maxDecodedSets } from '../../src/rib/view.ts';

/** ORIGIN, and an unknown attribute that makes the set large. */
function attributeSet(octets: number): Uint8Array {
  const set = new Uint8Array(4 + 4 + octets);
  set.set([0x40, 1, 1, 0, 0xd0, 99, octets >> 8, octets & 255]);
  return set;
}

test.each([
  ['maxDecodedOctets', 60_000, Math.floor(maxDecodedOctets / 60_008)],
  ['maxDecodedSets', 1, maxDecodedSets],
])('decoded attribute sets are kept up to %s', (_, octets, fitting) => {
  const rib = new Rib();
  const set = attributeSet(octets);
  const decodes: number[] = [];
  Object.defineProperty(rib, 'attributeSets', {
    value: {
      has: () => true,
      bytes(id: number) {
        decodes.push(id);
        return set;
      },
    },
  });
  const view = new LiveRib(rib);
  for (let id = 1; id <= fitting; id++) expect(view.attributes(id)).toBe(view.attributes(id));
  expect(decodes).toHaveLength(fitting);
  view.attributes(fitting + 1);
  view.attributes(1);
  expect(decodes.slice(fitting)).toEqual([fitting, 0]);
});

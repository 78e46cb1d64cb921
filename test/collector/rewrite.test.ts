/** The whole state in bounded pieces. */
import { expect, it } from 'vitest';
import { pieceSizes, rewrite } from '../../src/collector/rewrite.ts';
import { Rib } from '../../src/rib/rib.ts';
import { Wire } from '../support/batches.ts';

/** Two neighbors with 3 routes each: 3 prefixes, 2 attribute sets. */
function table(): Rib {
  const rib = new Rib();
  const wire = new Wire();
  const prefixes = ['203.0.113.1/32', '203.0.113.2/32', '203.0.113.3/32'];
  for (const session of [1, 2])
    wire.establish(session, `192.0.2.1${session}`).announce(session, prefixes, { med: session });
  rib.apply(wire.take());
  return rib;
}

it.each<[string, Partial<typeof pieceSizes>, number]>([
  ['pieceSizes: one piece of each kind', {}, 4],
  ['one neighbor: a piece for each neighbor', { neighbors: 1 }, 5],
  ['two prefixes: two pieces', { prefixes: 2 }, 5],
  ['one attribute set: two pieces', { attributeSets: 1 }, 5],
  ['four routes: two pieces', { routes: 4 }, 5],
])('at most %s', (_, sizes, expected) => {
  const pieces = [...rewrite(table(), () => 0, { ...pieceSizes, ...sizes })];
  expect(pieces).toHaveLength(expected);
  expect(pieces.reduce((sum, { changes }) => sum + changes.count, 0)).toBe(6);
});

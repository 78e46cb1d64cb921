import { expect, test } from 'vitest';
import { Walked } from '../../src/api/stream/walked.ts';
import type { StoredChange } from '../../src/rib/types.ts';

/** A walk from #10 to #20 that went past routes of neighbor 1, by NLRI and the seq of their last change. */
function walkedPast(routes: Record<number, number>): Walked {
  const walked = new Walked(10);
  for (const [nlri, seq] of Object.entries(routes)) walked.add({ neighbor: 1, nlri: Number(nlri) }, seq);
  walked.until = 20;
  return walked;
}

const change = (seq: number, action: 'announced' | 'replaced' | 'withdrawn', neighbor = 1): StoredChange => ({
  seq,
  at: 0,
  action,
  neighbor,
  nlri: 300,
  attributes: action === 'withdrawn' ? 0 : 2,
  previous: action === 'announced' ? 0 : 1,
});

const cases: [string, Record<number, number>, StoredChange[], number[]][] = [
  ['of a route that the walk saw as it was', { 300: 4 }, [change(12, 'replaced'), change(13, 'withdrawn')], [12, 13]],
  ['that the walk has seen already', { 300: 12 }, [change(11, 'replaced'), change(12, 'replaced')], []],
  ['after the one that the walk saw', { 300: 12 }, [change(12, 'replaced'), change(15, 'withdrawn')], [15]],
  ['of a route that went before the walk came', { 301: 4 }, [change(11, 'replaced'), change(12, 'withdrawn')], []],
  ['of one that then came back', {}, [change(12, 'withdrawn'), change(14, 'announced')], [14]],
  ['of a new route', {}, [change(12, 'announced'), change(13, 'replaced'), change(14, 'withdrawn')], [12, 13, 14]],
  [
    'of a route that one message announced and withdrew',
    {},
    [change(12, 'announced'), change(12, 'withdrawn')],
    [12, 12],
  ],
  ['of the same NLRI from another neighbor', { 300: 15 }, [change(12, 'announced', 2)], [12]],
  ['behind the end of the walk', {}, [change(21, 'withdrawn')], [21]],
];
test.each(cases)('changes %s', (_, routes, changes, expected) => {
  const walked = walkedPast(routes);
  expect(changes.filter((one) => walked.isNews(one)).map(({ seq }) => seq)).toEqual(expected);
});

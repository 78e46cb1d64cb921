import { expect, test } from 'vitest';
import { multipath } from '../../src/api/ecmp.ts';
import type { RouteJson } from '../../src/rib/types.ts';
import { attributes } from '../support/fake-views.ts';

type Some = Partial<RouteJson> & { internal?: boolean };

/** Names of the routes that win. */
function winners(routes: Record<string, Some>): string[] {
  const names = Object.keys(routes);
  const candidates = Object.values(routes).map(({ internal = false, ...some }) => ({
    route: { ...attributes(), ...some } as RouteJson,
    internal,
  }));
  return multipath(candidates).map((winner) => names[candidates.indexOf(winner)]!);
}

const cases: [string, Record<string, Some>, string[]][] = [
  ['equal routes share the load', { a: {}, b: { nextHop: '192.0.2.12' } }, ['a', 'b']],
  ['LOCAL_PREF comes first; without it, it is 100', { a: { localPref: 100 }, b: {}, c: { localPref: 90 } }, ['a', 'b']],
  [
    'then the shorter AS_PATH, an AS_SET counting as one',
    { a: { asPath: [1, [2, 3]] }, b: { asPath: [1, 2, 3] } },
    ['a'],
  ],
  ['then ORIGIN', { a: { origin: 'incomplete' }, b: { origin: 'egp' }, c: { origin: 'igp' } }, ['c']],
  ['then MED, no MED being 0', { a: { med: 5 }, b: { med: 0 }, c: {} }, ['b', 'c']],
  ['but MED only within one neighboring AS', { a: { med: 5, asPath: [1] }, b: { med: 1, asPath: [2] } }, ['a', 'b']],
  ['then eBGP over iBGP', { a: { internal: true }, b: {} }, ['b']],
  ['LOCAL_PREF beats a shorter path', { a: { localPref: 200, asPath: [1, 2] }, b: { asPath: [1] } }, ['a']],
  ['a route without next hop is not used', { a: { nextHop: null, localPref: 500 }, b: {} }, ['b']],
  ['no routes, no winners', {}, []],
];
test.each(cases)('%s', (_, routes, expected) => {
  expect(winners(routes)).toEqual(expected);
});

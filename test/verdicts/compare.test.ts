import { describe, expect, test } from 'vitest';
import type { ExpectedRoute } from '../../src/metallb/types.ts';
import type { AttributesJson } from '../../src/rib/types.ts';
import { differences, fieldNames, ownAddresses, ownsNextHop, sameExpectation } from '../../src/verdicts/compare.ts';
import { plainAttributes } from '../support/fake-rib.ts';
import { plainExpectation } from './fake-table.ts';

const own = ownAddresses(['192.0.2.11', '2001:db8::11'], '192.0.2.11', '192.0.2.11');

describe('the fields that differ', () => {
  const cases: [name: string, expected: Partial<ExpectedRoute>, received: Partial<AttributesJson>, fields: string[]][] =
    [
      ['none when everything is as asked for', {}, {}, []],
      ['localPref that should be absent (eBGP)', {}, { localPref: 100 }, ['localPref']],
      ['localPref that should be there', { localPref: 100 }, { localPref: null }, ['localPref']],
      ['localPref of another value', { localPref: 100 }, { localPref: 200 }, ['localPref']],
      [
        'any of several localPref values is right',
        { localPref: 90, localPrefAnyOf: [90, 100] },
        { localPref: 100 },
        [],
      ],
      [
        'none of several localPref values',
        { localPref: 90, localPrefAnyOf: [90, 100] },
        { localPref: 91 },
        ['localPref'],
      ],
      [
        'any of several sets of communities is right',
        { communities: ['1:1'], communitiesAnyOf: [['2:2'], ['1:1']] },
        { communities: ['2:2'] },
        [],
      ],
      [
        'none of several sets of communities',
        { communities: ['1:1'], communitiesAnyOf: [['2:2'], ['1:1']] },
        { communities: ['1:1', '2:2'] },
        ['communities'],
      ],
      ['MED absent where FRR sends 0', { med: 0 }, { med: null }, ['med']],
      ['MED present where native sends none', { med: null }, { med: 0 }, ['med']],
      ['ORIGIN incomplete', {}, { origin: 'incomplete' }, ['origin']],
      [
        'communities in another order are the same set',
        { communities: ['1:1', '2:2'] },
        { communities: ['2:2', '1:1'] },
        [],
      ],
      ['a repeated community is the same set', { communities: ['1:1'] }, { communities: ['1:1', '1:1'] }, []],
      ['a community dropped', { communities: ['1:1', '2:2'] }, { communities: ['1:1'] }, ['communities']],
      ['a community too many', { communities: [] }, { communities: ['1:1'] }, ['communities']],
      ['one community instead of another', { communities: ['1:1'] }, { communities: ['1:2'] }, ['communities']],
      ['large communities', { largeCommunities: ['1:2:3'] }, {}, ['largeCommunities']],
      ['a longer AS path', {}, { asPath: [64512, 64512] }, ['asPath']],
      ['an AS_SET is not the AS', {}, { asPath: [[64512]] }, ['asPath']],
      ['an empty AS path on iBGP', { asPath: [] }, { asPath: [] }, []],
      ['the next hop of another node', {}, { nextHop: '192.0.2.12' }, ['nextHop']],
      [
        'several, in fixed order',
        { localPref: 1 },
        { asPath: [], communities: ['1:1'] },
        ['asPath', 'localPref', 'communities'],
      ],
    ];
  test.each(cases)('%s', (_, expected, received, fields) => {
    const mask = differences({ ...plainExpectation, ...expected }, { ...plainAttributes, ...received }, own);
    expect(fieldNames(mask)).toEqual(fields);
  });
});

describe('next hop self is', () => {
  const cases: [
    name: string,
    node: string[],
    remote: string | null,
    routerId: string | null,
    nextHop: string | null,
    yes: boolean,
  ][] = [
    ['the address of the session', [], '192.0.2.11', null, '192.0.2.11', true],
    ['another address of the node', ['198.51.100.1'], '192.0.2.11', null, '198.51.100.1', true],
    ['not the address of somebody else', ['198.51.100.1'], '192.0.2.11', null, '198.51.100.2', false],
    ['not absent', [], '192.0.2.11', null, null, false],
    ['IPv6 written otherwise in the Node', ['2001:DB8:0::11'], '192.0.2.11', null, '2001:db8::11', true],
    ['any global IPv6 when no IPv6 of the node is known', ['192.0.2.11'], '192.0.2.11', null, '2001:db8::99', true],
    ['not any global IPv6 when one of the node is known', ['2001:db8::11'], '192.0.2.11', null, '2001:db8::99', false],
    ['link-local, which no Node object tells', ['2001:db8::11'], '192.0.2.11', null, 'fe80::1', true],
    ['the link-local remote itself, zone aside', [], 'fe80::1%eth0', null, 'fe80::1', true],
    ['not another link-local than the remote', [], 'fe80::1%eth0', null, 'fe80::2', false],
    ['the mapped form of an own address', ['192.0.2.11'], '192.0.2.11', null, '::ffff:192.0.2.11', true],
    ['not the mapped form of another', ['192.0.2.11'], '192.0.2.11', null, '::ffff:192.0.2.12', false],
    ['the router ID on an IPv6-only node', ['2001:db8::11'], '2001:db8::11', '10.0.0.1', '10.0.0.1', true],
    ['not 0.0.0.0, where no packet goes', ['2001:db8::11'], '2001:db8::11', '0.0.0.0', '0.0.0.0', false],
  ];
  test.each(cases)('%s', (_, node, remote, routerId, nextHop, yes) => {
    expect(ownsNextHop(ownAddresses(node, remote, routerId), nextHop)).toBe(yes);
  });
});

describe('an expectation', () => {
  const cases: [
    name: string,
    a: Partial<ExpectedRoute> | undefined,
    b: Partial<ExpectedRoute> | undefined,
    same: boolean,
  ][] = [
    [
      'is the same when only who contributes differs',
      { chain: [] },
      { chain: [{ service: 's', ip: 'i', pool: 'p', advertisement: 'a', objects: [] }] },
      true,
    ],
    ['is another with another localPref', { localPref: 1 }, { localPref: 2 }, false],
    ['is another with more communities', { communities: [] }, { communities: ['1:1'] }, false],
    ['is another when it appears', undefined, {}, false],
    ['is another when it vanishes', {}, undefined, false],
    ['is the same when there is none', undefined, undefined, true],
  ];
  test.each(cases)('%s', (_, a, b, same) => {
    expect(sameExpectation(a && { ...plainExpectation, ...a }, b && { ...plainExpectation, ...b })).toBe(same);
  });
});

import { describe, expect, test } from 'vitest';
import type { LookupResult, ObjectRef } from '../../src/api/schemas.ts';
import { isName, placeOfResult } from '../../web/src/lookup.ts';
import { objectName, objectPlace, objectSource } from '../../web/src/objects.ts';
import { formatPlace } from '../../web/src/router.ts';
import { notSyncedKinds, type SourceKind, unreadableKinds } from '../../web/src/sources.ts';

const result = (kind: LookupResult['kind'], label: string, href: string): LookupResult => ({
  kind,
  label,
  text: '',
  href: `/api/v1/${href}`,
  routes: null,
});

test.each<[LookupResult, string]>([
  [result('prefix', '203.0.113.10/32', 'prefixes/203.0.113.10%2F32'), '#/prefix/203.0.113.10/32'],
  [
    result('prefix', '203.0.113.0/24', 'routes?prefix=203.0.113.0%2F24&match=longer'),
    '#/routes?q=within:203.0.113.0/24',
  ],
  [result('neighbor', '192.0.2.11', 'neighbors/17'), '#/neighbor/17'],
  [result('node', 'worker-1', 'routes?node=worker-1'), '#/node/worker-1'],
  [result('service', 'default/web', 'checks?service=default%2Fweb'), '#/service/default/web'],
  [result('pool', 'blue', 'pools/blue'), '#/pool/blue'],
  [result('advertisement', 'adv-blue', 'advertisements/adv-blue'), '#/advertisement/adv-blue'],
  [result('bgpPeer', 'tor-1', 'checks?bgpPeer=tor-1'), '#/checks?q=peer:tor-1'],
  [result('asn', 'AS64512', 'routes?originAsn=64512'), '#/routes?q=origin:AS64512'],
  [result('community', '64512:100', 'routes?community=64512%3A100'), '#/routes?q=community:64512:100'],
  [result('largeCommunity', '1:2:3', 'routes?largeCommunity=1%3A2%3A3'), '#/routes?q=large:1:2:3'],
])('$kind $label opens its view', (lookupResult, url) => {
  expect(formatPlace(placeOfResult(lookupResult))).toBe(url);
});

test.each<[string, boolean]>([
  ['w', false],
  ['web', true],
  ['default/web', true],
  ['203.0.113.10', true],
  ['2001:db8::1', true],
  ['fd00::1', true],
  ['64512:100', true],
  ['node:worker-1', false],
  ['verdict:missing', false],
  ['web worker-1', false],
])('%j can be a name: %s', (text, expected) => {
  expect(isName(text)).toBe(expected);
});

test.each<[string, ObjectRef, string, string | undefined]>([
  ['a Service', { kind: 'Service', namespace: 'shop', name: 'cart' }, 'shop/cart', '#/service/shop/cart'],
  ['a Node', { kind: 'Node', name: 'worker-1' }, 'worker-1', '#/node/worker-1'],
  ['a pool', { kind: 'IPAddressPool', namespace: 'metallb-system', name: 'p' }, 'p', '#/pool/p'],
  ['an advertisement', { kind: 'BGPAdvertisement', namespace: 'm', name: 'b' }, 'b', '#/advertisement/b'],
  ['a kind named like an object property', { kind: 'constructor', name: 'x' }, 'x', undefined],
  ['a kind without a view', { kind: 'BGPPeer', namespace: 'm', name: 'tor-1' }, 'tor-1', undefined],
])('%s has a name and a link', (_, object, name, url) => {
  expect(objectName(object)).toBe(name);
  const to = objectPlace(object);
  expect(to && formatPlace(to)).toBe(url);
});

test.each<[Partial<ObjectRef>, string]>([
  [{}, ''],
  [{ file: 'a.yaml' }, 'a.yaml'],
  [{ file: 'a.yaml', line: 3 }, 'a.yaml:3'],
])('%j has the source %j', (more, source) => {
  expect(objectSource({ kind: 'Node', name: 'a', ...more })).toBe(source);
});

describe('kinds that a source cannot read', () => {
  const kind = (name: string, state: SourceKind['state']): SourceKind => ({
    kind: name,
    apiVersion: 'v1',
    state,
    objects: 0,
    since: '2026-05-04T12:00:00.000000Z',
    text: null,
  });

  test('lists kinds that are not in sync, worst first', () => {
    const kinds = [kind('A', 'absent'), kind('B', 'synced'), kind('C', 'forbidden'), kind('D', 'failing')];
    expect(notSyncedKinds(kinds).map((one) => one.kind)).toEqual(['D', 'C', 'A']);
  });

  test.each<[string, SourceKind[], string]>([
    ['none', [kind('A', 'synced')], ''],
    ['a kind that is not installed does not count', [kind('A', 'absent')], ''],
    ['a kind without permission', [kind('Secret', 'forbidden')], 'no permission to read Secret'],
    [
      'both',
      [kind('Secret', 'forbidden'), kind('Node', 'failing')],
      'no permission to read Secret; reading Node fails, keeping the objects read last',
    ],
  ])('%s', (_, kinds, text) => {
    expect(unreadableKinds(kinds)).toBe(text);
  });
});

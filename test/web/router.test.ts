import { expect, test } from 'vitest';
import {
  formatPlace,
  formatSubject,
  type Place,
  parsePlace,
  parseSubject,
  place,
  type Subject,
} from '../../web/src/router.ts';

test.each<[string, Place]>([
  ['#/overview', place('overview')],
  ['#/neighbor/12', place('neighbor', { subject: '12' })],
  ['#/prefix/2001:db8::1/128', place('prefix', { subject: '2001:db8::1/128' })],
  ['#/routes?q=within:10.0.0.0/8%20node:a', place('routes', { q: 'within:10.0.0.0/8 node:a' })],
  [
    '#/checks?q=verdict:missing,stale&open=10.0.0.1/32~3~~',
    place('checks', { q: 'verdict:missing,stale', open: '10.0.0.1/32~3~~' }),
  ],
  ['#/neighbors?sort=-Flaps', place('neighbors', { sort: '-Flaps' })],
  ['#/service/default/web', place('service', { subject: 'default/web' })],
  ['#/diagnoses?q=severity:critical', place('diagnoses', { q: 'severity:critical' })],
  [
    '#/prefix/10.0.0.1/32?kind=object,route&since=1h',
    place('prefix', { subject: '10.0.0.1/32', kind: 'object,route', since: '1h' }),
  ],
  ['#/explain?open=10.0.0.1/32~~node-a~', place('explain', { open: '10.0.0.1/32~~node-a~' })],
  ['#/routes?q=100%25%26%3D%23', place('routes', { q: '100%&=#' })],
])('%s parses to a place that formats to the same URL', (url, where) => {
  expect(parsePlace(url)).toEqual(where);
  expect(formatPlace(where)).toBe(url);
});

test.each(['', '#', '#/'])('%j is the overview', (url) => {
  expect(parsePlace(url)).toEqual(place('overview'));
});

test.each([
  ['#/nonsense', 'nonsense'],
  ['#/../../etc', '../../etc'],
  ['#/route?q=node:a', 'route'],
  ['garbage', 'garbage'],
  ['#/100%25', '100%'],
])('%s is an unknown place that keeps its path', (url, name) => {
  expect(parsePlace(url)).toMatchObject({ view: 'not-found', subject: name });
});

test.each(['#/not-found/nonsense', '#/not-found'])('%s is an unknown place that formats to the same URL', (url) => {
  expect(parsePlace(url).view).toBe('not-found');
  expect(formatPlace(parsePlace(url))).toBe(url);
});

test('accepts a stray percent sign', () => {
  expect(parsePlace('#/prefix/10.0.0.0%')).toEqual(place('prefix', { subject: '10.0.0.0%' }));
});

test.each<[string, Subject]>([
  ['10.0.0.1/32~3~node-a~tor-1', { prefix: '10.0.0.1/32', neighbor: 3, node: 'node-a', bgpPeer: 'tor-1' }],
  ['2001:db8::1/128~~node-a~tor-1', { prefix: '2001:db8::1/128', neighbor: null, node: 'node-a', bgpPeer: 'tor-1' }],
  [
    '10.0.0.1/32~~~~anycast-dns',
    { prefix: '10.0.0.1/32', neighbor: null, node: null, bgpPeer: null, rule: 'anycast-dns' },
  ],
  ['10.0.0.1/32~3~~', { prefix: '10.0.0.1/32', neighbor: 3, node: null, bgpPeer: null }],
])('%s is a (prefix, session) pair', (text, subject) => {
  expect(parseSubject(text)).toEqual(subject);
  expect(formatSubject(subject)).toBe(text);
});

test('an empty text has no subject', () => {
  expect(parseSubject('')).toBeUndefined();
});

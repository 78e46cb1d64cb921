import { describe, expect, test } from 'vitest';
import { type ReasonCode, reasonCodes, reasons } from '../../src/verdicts/reasons.ts';
import type { Circumstances } from '../../src/verdicts/sentences.ts';
import { overlayRule } from '../overlay/rules.ts';
import { FakeRib } from '../support/fake-rib.ts';
import { expectation } from './fake-table.ts';

const rib = new FakeRib();
const neighbor = rib.neighbor(1, {
  lastDown: { direction: 'local', code: 'connection-closed', text: 'connection closed by the remote', at: 0 },
});
const { nlri } = rib.announce(1, '203.0.113.1/32', { communities: ['1:1'], localPref: 200 });
const received = rib.json({ neighbor: 1, nlri, attributes: rib.attributesOf(1, nlri) });

const rule = overlayRule({
  id: 'anycast-dns',
  rule: 'must',
  prefix: '203.0.113.1/32',
  node: ['node-1', 'node-2', 'node-3'],
  atLeast: 2,
  bgpPeer: 'tor',
  communities: ['64512:1'],
  reason: 'Resolvers of the whole site',
  owner: 'dns-team',
});

const full: Circumstances = {
  prefix: '203.0.113.1/32',
  node: 'node-1',
  bgpPeer: 'tor',
  neighbor,
  expected: expectation({ node: 'node-1', prefix: '203.0.113.1/32', localPref: 100, communities: ['1:2'] }),
  received,
  fields: 4 | 32,
  underlying: 'It is missing.',
  deadline: '2026-01-01T00:00:15.000000Z',
  whyNot: { reason: 'noEndpoints', text: 'service default/web has no ready endpoint', objects: [] },
  foreign: { kind: 'FRRConfiguration', namespace: 'metallb-system', name: 'other' },
  staleConfig: 'two peers share a router ID',
  rule,
  asked: expectation({ node: 'node-1', prefix: '203.0.113.1/32' }),
  tally: {
    announcing: 1,
    named: 3,
    unit: 'node',
    lacking: [
      { who: 'node-2', what: 'its session is down' },
      { who: 'node-3', what: 'it does not announce it' },
    ],
  },
};
const bare: Circumstances = {
  ...full,
  node: null,
  bgpPeer: null,
  neighbor: null,
  expected: null,
  received: null,
  whyNot: null,
  foreign: null,
  staleConfig: null,
  rule: null,
  asked: null,
  tally: null,
};

describe('every reason has a whole sentence', () => {
  test.each(reasonCodes)('%s', (code) => {
    for (const circumstances of [full, bare]) {
      const sentence = reasons[code].sentence(circumstances);
      expect(sentence).toMatch(/^\S.*[.)]$|: .+$/);
      expect(sentence).not.toMatch(/undefined|\[object|NaN| {2}/);
    }
    expect(reasons[code].sentence(full)).not.toContain('null');
  });
});

describe('a sentence names what to act on', () => {
  const cases: [code: ReasonCode, words: string[]][] = [
    [
      'route-missing',
      ['node-1 → tor', '203.0.113.1/32', 'Service default/203.0.113.1/32', 'BGPAdvertisement adv', 'router ID'],
    ],
    ['session-down', ['192.0.2.11', 'connection closed by the remote']],
    ['no-expectation', ['noEndpoints', 'no ready endpoint']],
    ['foreign-prefix', ['FRRConfiguration other', '203.0.113.1/32']],
    ['attributes-mismatch', ['local preference 200 instead of 100', 'communities 1:1 instead of 1:2']],
    ['neighbor-not-mapped', ['nothing is known of it', 'bgp.nodes']],
    [
      'must-missing',
      [
        '1 of 3 nodes announce it',
        'rule anycast-dns (owner dns-team) requires at least 2 of node-1, node-2, node-3 to announce it to tor with communities 64512:1',
        'node-2: its session is down',
        'Resolvers of the whole site.',
      ],
    ],
    ['must-not-announced', ['rule anycast-dns', 'forbids it', 'Service default/203.0.113.1/32']],
    ['suppressed', ['Accepted until further notice', 'dns-team', 'It is missing.']],
    ['grace', ['2026-01-01T00:00:15.000000Z', 'It is missing.']],
  ];
  test.each(cases)('%s', (code, words) => {
    for (const word of words) expect(reasons[code].sentence(full)).toContain(word);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Differences } from '../../../src/metallb/answers/differences.ts';
import type { ExpectationTable } from '../../../src/metallb/expectations/table.ts';
import {
  advertisement,
  type KubeObject,
  node,
  peer,
  pool,
  service,
  slice,
  TestCluster,
} from '../../support/metallb-objects.ts';

const nodes = [node('node-a', 11, { labels: { rack: '1' } }), node('node-b', 12), node('node-c', 13)];
const peers = [peer('tor-1'), peer('tor-2', { peerAddress: '192.0.2.2' })];
const web = service('web', ['203.0.113.1']);
const webSlice = slice('web', ['node-a', 'node-b']);
const local = service('web', ['203.0.113.1'], { spec: { externalTrafficPolicy: 'Local' } });
const base = [...nodes, ...peers, pool('public', ['203.0.113.0/24']), web, webSlice];
const prefix = '203.0.113.1/32';

/** `action fields: nodes × peers`, one line for each block. */
function brief(before: KubeObject[] | null, after: KubeObject[], of = prefix): string[] {
  const cluster = new TestCluster();
  const first = before && cluster.update(...before).table;
  return new Differences(first, cluster.update(...after).table)
    .of(of)
    .flatMap(({ action, fields, sessions }) =>
      sessions.blocks.map(
        (block) => `${action}${fields.length ? ` ${fields}` : ''}: ${block.nodes} × ${block.bgpPeers}`,
      ),
    );
}

const all = 'node-a,node-b,node-c × tor-1,tor-2';
const adv = advertisement('adv');
const without = (...gone: KubeObject[]): KubeObject[] => [...base, adv].filter((object) => !gone.includes(object));

describe('from one state to the next', () => {
  it.each<[string, KubeObject[] | null, KubeObject[], string[]]>([
    ['the first state', null, without(), [`expected: ${all}`]],
    ['nothing', without(), without(), []],
    ['a service goes', without(), without(web), [`no-longer-expected: ${all}`]],
    ['its last endpoint goes', without(), without(webSlice), [`no-longer-expected: ${all}`]],
    ['the advertisement comes', base, without(), [`expected: ${all}`]],
    [
      'a community is added',
      without(),
      [...base, advertisement('adv', { communities: ['64512:1'] })],
      [`changed communities: ${all}`],
    ],
    [
      'a second address, which this prefix has no part in',
      without(),
      [...without(), service('other', ['203.0.113.2'])],
      [],
    ],
    [
      'one of two peers is named',
      without(),
      [...base, advertisement('adv', { peers: ['tor-1'] })],
      ['no-longer-expected: node-a,node-b,node-c × tor-2'],
    ],
    [
      'a rack is selected',
      without(),
      [...base, advertisement('adv', { nodeSelectors: [{ matchLabels: { rack: '1' } }] })],
      ['no-longer-expected: node-b,node-c × tor-1,tor-2'],
    ],
    ['a node goes', without(), without(nodes[2]!), ['no-longer-expected: node-c × tor-1,tor-2']],
    ['a peer goes', without(), without(peers[1]!), ['no-longer-expected: node-a,node-b,node-c × tor-2']],
    [
      'traffic stays where the endpoints are',
      without(),
      [...without(web), local],
      ['no-longer-expected: node-c × tor-1,tor-2'],
    ],
    [
      'an endpoint moves',
      [...without(web, webSlice), local, webSlice],
      [...without(web, webSlice), local, slice('web', ['node-b', 'node-c'])],
      ['expected: node-c × tor-1,tor-2', 'no-longer-expected: node-a × tor-1,tor-2'],
    ],
    [
      'one peer is of the same AS now',
      without(),
      [...without(peers[0]!), peer('tor-1', { peerASN: 64512 })],
      ['changed asPath,localPref: node-a,node-b,node-c × tor-1'],
    ],
  ])('%s', (_, before, after, lines) => expect(brief(before, after).sort()).toEqual(lines.sort()));

  it('many prefixes of the same pool and advertisement are compared once', () => {
    const services = Array.from({ length: 50 }, (_, i) => [
      service(`s${i}`, [`203.0.113.${i}`]),
      slice(`s${i}`, ['node-a']),
    ]).flat();
    const cluster = new TestCluster();
    const before = cluster.update(...base, ...services, adv).table;
    const differences = new Differences(before, cluster.update(...base, ...services).table);
    const found = new Set([...differences.prefixes()].map((each) => differences.of(each)));
    expect([differences.prefixes().size, found.size]).toEqual([50, 1]);
  });
});

/** The slow way: every session of either state. */
function oneByOne(before: ExpectationTable, after: ExpectationTable, of: string): string[] {
  const sessions = [...before.sessions, ...after.sessions].map(({ node: on, bgpPeer }) => `${on} ${bgpPeer}`);
  return [...new Set(sessions)].sort().flatMap((session) => {
    const [on, bgpPeer] = session.split(' ') as [string, string];
    const [a, b] = [before.route(on, bgpPeer, of), after.route(on, bgpPeer, of)];
    if (!a && !b) return [];
    if (!a || !b) return [`${session} ${a ? 'no-longer-expected' : 'expected'}`];
    const same = ({ chain: _, ...rest }: typeof a): string => JSON.stringify(rest);
    return same(a) === same(b) ? [] : [`${session} changed`];
  });
}

const anyState = fc
  .record({
    labels: fc.array(fc.constantFrom('1', '2'), { minLength: 3, maxLength: 3 }),
    present: fc.subarray([0, 1, 2], { minLength: 1 }),
    advertisements: fc.array(
      fc.record({
        rack: fc.option(fc.constantFrom('1', '2')),
        bgpPeer: fc.option(fc.constantFrom('tor-1', 'tor-2')),
        communities: fc.subarray(['64512:1', '64512:2']),
        length: fc.constantFrom(32, 24),
      }),
      { maxLength: 3 },
    ),
    services: fc.subarray([1, 2, 3]),
    local: fc.boolean(),
    endpoints: fc.subarray(['node-0', 'node-1', 'node-2']),
    ibgp: fc.boolean(),
  })
  .map(({ labels, present, advertisements, services, local: isLocal, endpoints, ibgp }) => [
    ...present.map((i) => node(`node-${i}`, 11 + i, { labels: { rack: labels[i]! } })),
    peer('tor-1', ibgp ? { peerASN: 64512 } : {}),
    peer('tor-2', { peerAddress: '192.0.2.2', nodeSelectors: [{ matchLabels: { rack: '1' } }] }),
    pool('public', ['203.0.113.0/24']),
    ...advertisements.map(({ rack, bgpPeer, communities, length }, i) =>
      advertisement(`adv-${i}`, {
        communities,
        aggregationLength: length,
        ...(rack && { nodeSelectors: [{ matchLabels: { rack } }] }),
        ...(bgpPeer && { peers: [bgpPeer] }),
      }),
    ),
    ...services.flatMap((i) => [
      service(`s${i}`, [`203.0.113.${i}`], isLocal ? { spec: { externalTrafficPolicy: 'Local' } } : {}),
      slice(`s${i}`, i === 1 ? endpoints : ['node-0']),
    ]),
  ]);

it('says of any two states what looking at every session says', () => {
  fc.assert(
    fc.property(anyState, anyState, (first, second) => {
      const cluster = new TestCluster();
      const before = cluster.update(...first).table;
      const { table: after, change } = cluster.update(...second);
      for (const of of change.kind === 'some' ? change.chains : []) expect(oneByOne(before, after, of)).toEqual([]);
      const differences = new Differences(before, after);
      for (const of of ['203.0.113.0/24', '203.0.113.1/32', '203.0.113.2/32', '203.0.113.3/32']) {
        const found = differences
          .of(of)
          .flatMap(({ action, sessions }) =>
            ['node-0', 'node-1', 'node-2'].flatMap((on) =>
              ['tor-1', 'tor-2'].flatMap((bgpPeer) =>
                sessions.blocks.some(({ bgpPeers, nodes }) => bgpPeers.includes(bgpPeer) && nodes.includes(on))
                  ? [`${on} ${bgpPeer} ${action}`]
                  : [],
              ),
            ),
          );
        expect(found.sort()).toEqual(oneByOne(before, after, of));
      }
    }),
    { numRuns: 300 },
  );
});

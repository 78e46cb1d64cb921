/** A cluster peers with other routers as well: nothing is said of sessions that do not come here. */
import { expect, test } from 'vitest';
import type { FakeTableInput } from './fake-table.ts';
import { grace, Scene } from './scene.ts';

const web = '203.0.113.1/32';
const nodes = ['node-1', 'node-2'];
const peers = ['here', 'tor'];
const cluster: FakeTableInput = {
  nodes: { 'node-1': ['192.0.2.11'], 'node-2': ['192.0.2.12'] },
  peers,
  routes: nodes.flatMap((node) => peers.map((bgpPeer) => ({ node, bgpPeer, prefix: web }))),
};

const rows = ({ engine }: Scene): string[] =>
  engine.ofPrefix(web).map(({ node, bgpPeer, verdict }) => `${node} ${bgpPeer} ${verdict}`);

test('sessions of BGPPeers that are other routers are counted, and not missed', () => {
  const scene = new Scene({ standsFor: (bgpPeer) => bgpPeer === 'here' }).expect(cluster).pass(grace);
  expect(rows(scene)).toEqual(['node-1 here missing', 'node-2 here missing']);
  expect(scene.engine.summary()).toMatchObject({
    sessions: { expected: 2, established: 0, elsewhere: 2 },
    emptyText: null,
  });
});

test('where all go to other routers, it says why there is nothing to compare', () => {
  const options = { standsFor: () => false, emptyText: (elsewhere: number) => `${elsewhere} go elsewhere` };
  const scene = new Scene(options).expect(cluster).pass(grace);
  expect(rows(scene)).toEqual([]);
  expect(scene.engine.summary()).toMatchObject({
    sessions: { expected: 0, established: 0, elsewhere: 4 },
    emptyText: '4 go elsewhere',
  });
});

test('a session that comes all the same is compared, and those of other nodes are waited for from then on', () => {
  const ours = new Set(['here']);
  const scene = new Scene({ standsFor: (bgpPeer) => ours.has(bgpPeer) }).expect(cluster).pass(10 * grace);
  scene.news();
  ours.add('tor');
  scene.up(1, 'node-1', 'tor').announce(1, web, {}).expect(cluster);
  expect(rows(scene)).toEqual(['node-1 here missing', 'node-1 tor ok', 'node-2 here missing', 'node-2 tor pending']);
  expect(rows(scene.pass(grace))).toContain('node-2 tor missing');
});

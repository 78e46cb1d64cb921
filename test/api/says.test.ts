/** The third column: what the cluster says of itself, beside what it should do and what it does. */
import { describe, expect, test } from 'vitest';
import { Explanation, NodeView, PrefixView, ServiceView } from '../../src/api/schemas.ts';
import type { FakeDeps } from '../support/fake-views.ts';
import { advertisement, node, peer, pool, service, slice } from '../support/metallb-objects.ts';
import { bgpSessionState, configurationState, frrNodeState, serviceBGPStatus } from '../support/status-objects.ts';
import { clusterScene } from './cluster.ts';

/** Both nodes should announce web; node-1 does, node-2 does not and says that it does; node-3 has no session. */
const objects = [
  node('node-1', 11),
  node('node-2', 12),
  node('node-3', 13, { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } }),
  peer('tor-1'),
  pool('blue', ['203.0.113.0/28']),
  advertisement('adv'),
  service('web', ['203.0.113.1']),
  slice('web', ['node-1', 'node-2']),
  serviceBGPStatus('node-1', 'web', ['tor-1']),
  serviceBGPStatus('node-2', 'web', ['tor-1']),
  configurationState('node-2', 'Invalid', 'no such alias'),
  bgpSessionState('node-2', '192.0.2.1', 'Established'),
  frrNodeState('node-2', 'success', 'failed'),
];
const announce = (rib: FakeDeps['rib']) => rib.announce(1, '203.0.113.1/32', { med: 0 });

/** `node announced code`, of everything that has a third column. */
const brief = (
  rows: { node: string | null; says: { announced: boolean | null; reasonCode: string | null } | null }[],
) => rows.map(({ node, says }) => `${node} ${says ? `${says.announced} ${says.reasonCode}` : says}`);

describe('what the cluster says', () => {
  const told = ['node-1 true null', 'node-2 true believed-announced'];
  const answers: [string, (data: never) => Parameters<typeof brief>[0], string[]][] = [
    ['checks?prefix=203.0.113.1/32', (data: Parameters<typeof brief>[0]) => data, told],
    ['services/default/web', (data: ServiceView) => ServiceView.parse(data).routes, told],
    ['prefixes/203.0.113.1/32', (data: PrefixView) => PrefixView.parse(data).cells, told],
    ['explain?prefix=203.0.113.1', (data: Explanation) => Explanation.parse(data).sessions, [...told, 'node-3 null']],
  ];
  test.each(answers)('is part of /%s', async (path, rowsOf, expected) => {
    const { get } = await clusterScene(objects, announce);
    const { status, body } = await get(`/api/v1/${path}`);
    expect(status).toBe(200);
    expect(brief(rowsOf(body.data as never)).sort()).toEqual(expected);
  });

  test('has a sentence where it differs from what is', async () => {
    const { get } = await clusterScene(objects, announce);
    const { cells } = (await get('/api/v1/prefixes/203.0.113.1/32')).body.data as PrefixView;
    expect(cells.find((cell) => cell.node === 'node-2')?.says).toMatchObject({
      session: 'Established',
      configuration: 'invalid',
      reasonCode: 'believed-announced',
      reasonText: 'The cluster believes that it announces this, and nothing arrives.',
    });
  });

  test('is part of a node: its configuration, its last reload, its sessions', async () => {
    const { get } = await clusterScene(objects, announce);
    const data = (await get('/api/v1/nodes/node-2')).body.data as NodeView;
    expect(NodeView.parse(data)).toEqual(data);
    expect(data.says).toMatchObject({
      configuration: 'invalid',
      configurationText:
        'The speaker on node node-2 refuses its configuration: no such alias. FRR there failed to load it: failed.',
      reload: 'failed',
      sessions: [{ peer: '192.0.2.1', bgpStatus: 'Established' }],
    });
  });

  test('is null of a node that says nothing', async () => {
    const { get } = await clusterScene(objects, announce);
    expect(((await get('/api/v1/nodes/node-3')).body.data as NodeView).says).toBeNull();
  });
});

/** "Which edit removed this prefix?": asked of the whole process, over an edit, its undoing, and a kill -9. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { NodeView, Page, TimelineEntry } from '../../src/api/schemas.ts';
import { manifestObjects } from '../support/kube-api/objects.ts';
import { KubeApi } from '../support/kube-api/server.ts';
import { ownNetwork } from '../support/netns.ts';
import { freePort, Product } from '../support/product.ts';
import { TestPeer } from '../support/test-peer.ts';
import { until } from '../support/wait.ts';

const prefix = '203.0.113.1/32';
const from = '127.0.0.11';
const asn = 64512;

const cluster = `
apiVersion: v1
kind: Node
metadata: { name: node-a, labels: { kubernetes.io/hostname: node-a } }
status: { addresses: [{ type: InternalIP, address: ${from} }] }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: tor-1, namespace: metallb-system }
spec: { myASN: ${asn}, peerASN: 64500, peerAddress: 127.0.0.1 }
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: public, namespace: metallb-system }
spec: { addresses: [203.0.113.0/24] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { type: LoadBalancer }
status: { loadBalancer: { ingress: [{ ip: 203.0.113.1 }] } }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-1, namespace: default, labels: { kubernetes.io/service-name: web } }
endpoints: [{ addresses: [10.0.0.1], nodeName: node-a, conditions: { ready: true } }]
`;
const advertisement = (rack: string): string => `# what the racks are told
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: adv, namespace: metallb-system }
spec:
  ipAddressPools: [public]
  nodeSelectors:
    - matchLabels: { kubernetes.io/hostname: ${rack} }
`;

async function start(): Promise<{ product: Product; peer: () => Promise<TestPeer> }> {
  const listen = `127.0.0.1:${await freePort()}`;
  const product = await Product.start({
    config: {
      bgp: { listen: [listen], asn: 64500, neighbors: [{ range: '127.0.0.0/8', asn }], quietTime: '1s' },
      expect: { mode: 'native', grace: '1s' },
    },
    manifests: { 'cluster.yaml': cluster, 'advertisements.yaml': advertisement('node-a') },
  });
  onTestFinished(() => product.remove());
  const peer = async () => {
    const speaker = await TestPeer.establish({ to: listen, from, asn });
    onTestFinished(() => void speaker.socket.destroy());
    speaker.announce([prefix]);
    return speaker;
  };
  return { product, peer };
}

const timeline = async (
  product: Product,
  query: Record<string, string> = {},
  asked = prefix,
): Promise<TimelineEntry[]> => (await product.get<Page<TimelineEntry>>(`/api/v1/timeline/${asked}`, query)).data;

/** Waits until there is an entry of which `brief` says this, and answers it. */
async function entry<K extends TimelineEntry['kind']>(
  product: Product,
  kind: K,
  isIt: (one: Extract<TimelineEntry, { kind: K }>) => boolean,
  asked = prefix,
): Promise<Extract<TimelineEntry, { kind: K }>> {
  let found: Extract<TimelineEntry, { kind: K }> | undefined;
  await until(
    `the timeline has the ${kind}`,
    async () => {
      const entries = (await timeline(product, { kind }, asked)) as Extract<TimelineEntry, { kind: K }>[];
      found = entries.find(isIt);
      return found !== undefined;
    },
    { context: () => product.log() },
  );
  return found!;
}

/** `kind what`, newest first. */
const story = (entries: TimelineEntry[]): string[] =>
  entries.map(({ kind, detail }) => {
    if (kind === 'object') return `${kind} ${detail.action} ${detail.object.name} ${detail.fields}`;
    if (kind === 'session') return `${kind} ${detail.to}`;
    if (kind === 'verdict') return `${kind} ${detail.from} → ${detail.to}`;
    return `${kind} ${detail.action}`;
  });

const verdictIs = (product: Product, word: string) =>
  until(
    `the verdict is ${word}`,
    async () => (await product.checks({ prefix })).map(({ verdict }) => verdict).join() === word,
    { context: () => product.log() },
  );

beforeAll(() => ownNetwork());

describe('the timeline of a prefix', () => {
  it('says who edited what in a live cluster, and which version came of it', async () => {
    const api = await KubeApi.start(manifestObjects('nodes.yaml', 'peers-ebgp.yaml', 'basic.yaml'));
    onTestFinished(() => api.close());
    const folder = mkdtempSync(join(tmpdir(), 'peerglass-kube-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const product = await Product.start({
      config: { expect: { mode: 'frr', kubernetes: { kubeconfig: api.kubeconfig(folder) } } },
    });
    onTestFinished(() => product.remove());
    const asked = '203.0.113.200/32';
    await entry(product, 'expectation', ({ detail }) => detail.occasion === 'first', asked);
    const web = manifestObjects('basic.yaml').find(({ kind }) => kind === 'Service')!;
    const edited = { ...web, spec: { ...(web['spec'] as object), type: 'ClusterIP' } };
    api.cluster.apply(edited, 'kubectl-edit');
    const edit = await entry(product, 'object', () => true, asked);
    expect(edit.detail).toMatchObject({
      action: 'changed',
      object: { kind: 'Service', name: 'web' },
      source: 'kubernetes',
      changes: [{ path: 'spec.type', from: 'LoadBalancer', to: 'ClusterIP' }],
      by: 'kubectl-edit',
      resourceVersion: expect.stringMatching(/^\d+$/),
    });
    const gone = await entry(product, 'expectation', ({ detail }) => detail.action === 'no-longer-expected', asked);
    expect(gone.detail.because).toMatchObject([{ kind: 'Service', name: 'web' }]);
  });

  it('names the edit that took it away, the withdrawal, and the way back; also after a crash', async () => {
    const { product, peer } = await start();
    const speaker = await peer();
    await verdictIs(product, 'ok');

    const before = Date.now();
    product.manifest('advertisements.yaml', advertisement('node-b'));
    const gone = await entry(product, 'expectation', ({ detail }) => detail.action === 'no-longer-expected');
    expect(gone).toMatchObject({ node: 'node-a', bgpPeer: 'tor-1' });
    expect(gone.detail.because).toMatchObject([
      { kind: 'BGPAdvertisement', name: 'adv', file: expect.stringMatching(/advertisements\.yaml$/), line: 8 },
    ]);
    const edit = await entry(product, 'object', () => true);
    expect(edit.detail.changes).toEqual([
      { path: 'spec.nodeSelectors[0].matchLabels.kubernetes.io/hostname', from: 'node-a', to: 'node-b' },
    ]);
    expect(Date.parse(edit.at)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(edit.at)).toBeLessThan(before + 5_000);
    expect(edit.at).toBe(gone.at);

    speaker.withdraw([prefix]);
    await entry(product, 'route', ({ detail }) => detail.action === 'withdrawn');
    product.manifest('advertisements.yaml', advertisement('node-a'));
    await entry(product, 'expectation', ({ detail, at }) => detail.action === 'expected' && at > gone.at);
    speaker.announce([prefix]);
    await verdictIs(product, 'ok');
    await entry(product, 'route', ({ detail, at }) => detail.action === 'announced' && at > gone.at);

    const { data } = await product.get<{ data: NodeView }>('/api/v1/nodes/node-a');
    expect([data.timeToAdvertise?.count, data.timeToWithdraw?.count]).toEqual([1, 1]);

    const whole = await timeline(product, { since: edit.at });
    expect(story(whole).filter((line) => !line.startsWith('verdict'))).toEqual([
      'route announced',
      'expectation expected',
      'object changed adv spec.nodeSelectors[0].matchLabels.kubernetes.io/hostname',
      'route withdrawn',
      'expectation no-longer-expected',
      'object changed adv spec.nodeSelectors[0].matchLabels.kubernetes.io/hostname',
    ]);
    const newest = whole[0]!.at;

    await product.kill();
    speaker.socket.destroy();
    await product.restart();
    expect((await timeline(product, { since: edit.at, until: newest })).map(({ text }) => text)).toEqual(
      whole.map(({ text }) => text),
    );
  });

  it('what speakers refuse leaves the verdicts as they are, over a restart too', async () => {
    const { product, peer } = await start();
    await peer();
    await verdictIs(product, 'ok');
    product.manifest('cluster.yaml', cluster.replace('[203.0.113.0/24]', '[198.51.100.0/24]'));
    const refuses = async (): Promise<boolean> =>
      (await product.get<{ data: NodeView }>('/api/v1/nodes/node-a')).data.staleConfig !== null;
    await until('the speaker refuses the pool', refuses, { context: () => product.log() });
    await product.kill();
    await product.restart();
    await peer();
    await verdictIs(product, 'ok');
    expect(await refuses()).toBe(true);
  });

  it('an edit that was made while nobody ran is found at the next start', async () => {
    const { product } = await start();
    await entry(product, 'expectation', ({ detail }) => detail.occasion === 'first');
    await product.stop();
    product.manifest('advertisements.yaml', advertisement('node-b'));
    await product.restart();
    const gone = await entry(product, 'expectation', ({ detail }) => detail.occasion === 'away');
    expect(gone.detail).toMatchObject({ action: 'no-longer-expected', because: [{ name: 'adv' }] });
    const edit = await entry(product, 'object', () => true);
    expect(edit.text).toContain('while this collector did not run');
    expect(story(await timeline(product, { kind: 'expectation,object' }))).toHaveLength(3);
  });
});

/** From an UPDATE's arrival to the verdict on a WebSocket, at a steady pace of changes. Grace is 0: it is no latency. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../src/api/schemas.ts';
import { freePort, Product } from '../support/product.ts';
import { until, within } from '../support/wait.ts';
import { bgpPeer } from './cluster.ts';
import * as plan from './latency-plan.ts';
import { type Latencies, latencies, type Moment } from './latency-result.ts';
import type { SpeakersMessage } from './latency-speakers.ts';

/** Bound on the whole measurement, start and end included. */
const atMost = 60_000;
/** How long the last verdicts may take. */
const patience = 2000;

export const latencyLoad = `${plan.changesPerSecond} changes a second for ${plan.measuredSeconds} s, ${plan.cluster.length} speakers × ${plan.addresses.length} routes`;

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Starts Peerglass, speakers and a WebSocket client, each a process of its own (the client is this one). */
export async function measureLatency(): Promise<Latencies> {
  const to = `127.0.0.1:${await freePort()}`;
  const product = await Product.start({
    config: {
      bgp: {
        listen: [to],
        asn: plan.ownAsn,
        routerId: '127.0.0.1',
        neighbors: [{ range: '127.0.0.0/8', asn: plan.speakerAsn, bgpPeer }],
        nodes: Object.fromEntries(plan.cluster.map(({ node, address }) => [address, node])),
      },
      expect: { mode: 'frr', grace: '0s' },
    },
    manifests: { 'cluster.yaml': plan.manifests() },
  });
  const speakers = fork(join(import.meta.dirname, 'latency-speakers.ts'), [to]);
  try {
    return await within('the latency measurement', atMost, observe(product, speakers));
  } finally {
    speakers.kill('SIGKILL');
    await product.remove();
  }
}

async function observe(product: Product, speakers: ChildProcess): Promise<Latencies> {
  await said(speakers, 'ready');
  const routes = plan.cluster.length * plan.addresses.length;
  await until('all routes to be ok', async () => (await product.summary()).verdicts.ok === routes);
  // Before a neighbor is, what differs is only pending.
  await until('all neighbors to be synced', async () => (await product.neighbors()).every(({ synced }) => synced));

  const frames: { text: string; at: number }[] = [];
  const socket = new WebSocket(`${product.url.replace('http', 'ws')}/api/v1/stream`);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  // Parsed afterwards: reading one frame must not make the next one look late.
  socket.on('message', (data) => frames.push({ text: String(data), at: now() }));
  socket.send(JSON.stringify({ type: 'subscribe', id: 'bench', verdicts: true }));
  await until('the subscription', () => frames.length > 0);

  const done = said(speakers, 'sent');
  speakers.send('go');
  const { at: times } = await done;
  await new Promise((resolve) => setTimeout(resolve, patience));
  socket.terminate();

  const verdicts = frames.flatMap(({ text, at }) => verdictsOf(JSON.parse(text), at));
  const sent = times.map((at, index): Moment => {
    const { speaker, address, state } = plan.change(index);
    return { key: plan.key(speaker.node, `${address}/32`), state, at };
  });
  const measuredFrom = times[plan.warmUpSeconds * plan.changesPerSecond]!;
  const measured = (moment: Moment): boolean => moment.at >= measuredFrom;
  return latencies(sent.filter(measured), verdicts.filter(measured));
}

function verdictsOf(frame: ServerMessage | ServerMessage[], at: number): Moment[] {
  return [frame].flat().flatMap((message) => {
    if (message.type !== 'verdict') return [];
    return [{ key: plan.key(message.node ?? '', message.prefix), state: message.to ?? '', at }];
  });
}

/** The speakers' next message of this kind; rejects when they end instead. */
function said<K extends SpeakersMessage['kind']>(
  speakers: ChildProcess,
  kind: K,
): Promise<Extract<SpeakersMessage, { kind: K }>> {
  return new Promise((resolve, reject) => {
    speakers.on('message', (message: SpeakersMessage) => {
      if (message.kind === kind) resolve(message as Extract<SpeakersMessage, { kind: K }>);
    });
    speakers.once('exit', (code) => reject(new Error(`the speakers ended with ${code}`)));
  });
}

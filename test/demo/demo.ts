/**
 * `npm run demo`: Peerglass beside a small simulated cluster on loopback. Five nodes with two sessions each announce
 * what the manifests ask for, and follow when they are edited; every few seconds something goes wrong, and right again.
 * One fault stays, and a rule of the overlay accepts it; one manifest is edited by the demo itself, so that there is a past.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExpectedRoute, Page } from '../../src/api/schemas.ts';
import { Product } from '../support/product.ts';
import { accepted, type Fault, faults } from './faults.ts';
import { SimulatedSpeaker } from './simulated-speaker.ts';

/** Milliseconds to the first fault, between the starts of two, and that each lasts: two or three are there at any time. */
const firstFault = 3_000;
const faultEvery = 10_000;
const faultLasts = 25_000;
/** Milliseconds after which the cluster follows its manifests. */
const followEvery = 1_000;
/** Milliseconds to the first edit, and between two. */
const firstEdit = 8_000;
const editEvery = 45_000;

const clusterAsn = 64512;
const nodeCount = 5;
const ended = new AbortController();

async function main(): Promise<void> {
  // before there is anything to clean up, and for good: an impatient second Ctrl-C leaves nothing behind either
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ended.abort());
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-overlay-'));
  try {
    await runWithOverlay(join(folder, 'expectations.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The demo until it is ended; `overlay` is the file that it writes its rule to. */
async function runWithOverlay(overlay: string): Promise<void> {
  const bgpPort = await preferred(1790);
  const files = manifests(bgpPort);
  writeFileSync(overlay, overlayText(Date.now()));
  const product = await Product.start({
    config: {
      collector: 'demo',
      bgp: {
        listen: [`127.0.0.1:${bgpPort}`, `127.0.0.2:${bgpPort}`],
        asn: 64500,
        routerId: '127.0.0.1',
        neighbors: [
          { range: '127.0.1.0/24', asn: clusterAsn },
          { range: '127.0.2.0/24', asn: clusterAsn, localAsn: clusterAsn },
        ],
      },
      http: { listen: `127.0.0.1:${await preferred(8080)}` },
      expect: { manifests: ['manifests'], overlay, mode: 'frr', grace: '2s' },
      l2: { interfaces: ['lo'], probe: 'off' },
    },
    manifests: files,
  });
  void product.exited().then(() => ended.abort());
  try {
    const speakers = await startCluster(product, bgpPort);
    say(`the page: ${product.url}`);
    say(`the manifests, to be edited: ${join(product.directory, 'manifests')}`);
    say(`the overlay, to be edited: ${overlay}`);
    say('Ctrl-C ends it');
    await accepted.start(speakerOf(accepted, speakers));
    await Promise.all([
      follow(product, speakers),
      edit(product, files),
      ...faults.map((fault, turn) => recur(fault, turn, speakers)),
    ]);
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    const { code, signal } = await product.stop();
    if (code !== 0) {
      console.error(`the product ended with ${signal ?? code}\n${product.log()}`);
      process.exitCode = 1;
    }
    await product.remove();
  }
}

/** The rule that accepts the fault that stays. `now`: epoch ms. */
function overlayText(now: number): string {
  const week = 7 * 24 * 3_600_000;
  return `rules:
  - id: rack-5-moves
    rule: ignore
    prefix: ${accepted.prefix}
    node: ${accepted.node}
    bgpPeer: ${accepted.bgpPeer}
    reason: Its rack is being moved, and ${accepted.bgpPeer} there is off until then
    owner: network@example.net
    expires: ${new Date(now + week).toISOString().slice(0, 10)}
`;
}

/** Edits the manifest that is the demo's own: another community, and back. */
async function edit(product: Product, files: Record<string, string>): Promise<void> {
  const name = 'canary.yaml';
  const [before, after] = [files[name]!, files[name]!.replace('64512:400', '64512:401')];
  await pause(firstEdit);
  for (let turn = 0; ; turn++) {
    const text = turn % 2 === 0 ? after : before;
    say(`✎ ${name}: community ${text === after ? '64512:401' : '64512:400'}`);
    product.manifest(name, text);
    await pause(editEvery);
  }
}

/** Both sessions of every node, up and announcing. */
async function startCluster(product: Product, port: number): Promise<SimulatedSpeaker[]> {
  const speakers = Array.from({ length: nodeCount }, (_, i) => i + 1).flatMap((i) =>
    [1, 2].map(
      (tor) =>
        new SimulatedSpeaker({
          node: `worker-${i}`,
          bgpPeer: `tor-${tor}`,
          asn: clusterAsn,
          to: `127.0.0.${tor}:${port}`,
          address: `127.0.${tor}.${i}`,
          address6: `2001:db8:1::${i}`,
        }),
    ),
  );
  await learn(product, speakers);
  await Promise.all(speakers.map((speaker) => speaker.up()));
  return speakers;
}

/** Tells each speaker what the objects ask of it, as MetalLB would work it out. */
async function learn(product: Product, speakers: SimulatedSpeaker[]): Promise<void> {
  const { data } = await product.get<Page<ExpectedRoute>>('/api/v1/expectations', { limit: 10_000 });
  for (const speaker of speakers)
    speaker.want(
      data.filter(({ node, bgpPeer }) => node === speaker.identity.node && bgpPeer === speaker.identity.bgpPeer),
    );
}

async function follow(product: Product, speakers: SimulatedSpeaker[]): Promise<void> {
  for (;;) {
    await pause(followEvery);
    await learn(product, speakers);
  }
}

function speakerOf({ node, bgpPeer }: Fault, speakers: readonly SimulatedSpeaker[]): SimulatedSpeaker {
  return speakers.find(({ identity }) => identity.node === node && identity.bgpPeer === bgpPeer)!;
}

/** Lets one fault come and go for ever; the `turn` of each decides when it is first seen. */
async function recur(fault: Fault, turn: number, speakers: SimulatedSpeaker[]): Promise<void> {
  const { node, bgpPeer, text } = fault;
  const speaker = speakerOf(fault, speakers);
  await pause(firstFault + turn * faultEvery);
  for (;;) {
    say(`✗ ${node} to ${bgpPeer} ${text}`);
    await fault.start(speaker);
    await pause(faultLasts);
    await fault.end(speaker);
    say(`✓ ${node} to ${bgpPeer} does right again`);
    await pause(faults.length * faultEvery - faultLasts);
  }
}

/** The demo's own folder of manifests, with the port that BGP really has. */
function manifests(port: number): Record<string, string> {
  const folder = join(import.meta.dirname, 'manifests');
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      readFileSync(join(folder, name), 'utf8').replaceAll('1790', String(port)),
    ]),
  );
}

/** The first free port from `port` on: a BGPPeer's peerPort ends at 16384, so not any port will do. */
async function preferred(port: number): Promise<number> {
  const isTaken = await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.unref();
  });
  return isTaken ? preferred(port + 1) : port;
}

const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: ended.signal });

function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

await main();

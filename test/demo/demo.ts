/**
 * `npm run demo`: Peerglass next to a small simulated cluster on loopback. Five nodes with two sessions each announce
 * what the manifests require and follow edits. Faults come and go every few seconds. One fault stays, and an overlay rule
 * accepts it. The demo also edits one manifest, so that the timeline has entries.
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

/** Milliseconds before the first fault, between faults, and per fault: two or three are active at any time. */
const firstFaultDelay = 3_000;
const faultInterval = 10_000;
const faultDuration = 25_000;
/** Milliseconds between reads of the expected routes. */
const followInterval = 1_000;
/** Milliseconds before the first edit and between edits. */
const firstEditDelay = 8_000;
const editInterval = 45_000;

const clusterAsn = 64512;
const nodeCount = 5;
const ended = new AbortController();

async function main(): Promise<void> {
  // registered first and never removed, so that a second Ctrl-C still cleans up
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ended.abort());
  const folder = mkdtempSync(join(tmpdir(), 'peerglass-overlay-'));
  try {
    await runWithOverlay(join(folder, 'expectations.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the demo until it is stopped. `overlay`: the file for its rule. */
async function runWithOverlay(overlay: string): Promise<void> {
  const bgpPort = await firstFreePort(1790);
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
      http: { listen: `127.0.0.1:${await firstFreePort(8080)}` },
      expect: { manifests: ['manifests'], overlay, mode: 'frr', grace: '2s' },
      l2: { interfaces: ['lo'], probe: 'off' },
    },
    manifests: files,
  });
  void product.exited().then(() => ended.abort());
  try {
    const speakers = await startCluster(product, bgpPort);
    say(`page: ${product.url}`);
    say(`manifests to edit: ${join(product.directory, 'manifests')}`);
    say(`overlay to edit: ${overlay}`);
    say('press Ctrl-C to stop');
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
      console.error(`Peerglass exited with ${signal ?? code}\n${product.log()}`);
      process.exitCode = 1;
    }
    await product.remove();
  }
}

/** The rule that accepts the permanent fault. `now`: epoch ms. */
function overlayText(now: number): string {
  const week = 7 * 24 * 3_600_000;
  return `rules:
  - id: rack-5-moves
    rule: ignore
    prefix: ${accepted.prefix}
    node: ${accepted.node}
    bgpPeer: ${accepted.bgpPeer}
    reason: Rack 5 is being moved and has no link to ${accepted.bgpPeer}
    owner: network@example.net
    expires: ${new Date(now + week).toISOString().slice(0, 10)}
`;
}

/** Switches the community in one manifest back and forth. */
async function edit(product: Product, files: Record<string, string>): Promise<void> {
  const name = 'canary.yaml';
  const [before, after] = [files[name]!, files[name]!.replace('64512:400', '64512:401')];
  await pause(firstEditDelay);
  for (let turn = 0; ; turn++) {
    const text = turn % 2 === 0 ? after : before;
    say(`✎ ${name}: community ${text === after ? '64512:401' : '64512:400'}`);
    product.manifest(name, text);
    await pause(editInterval);
  }
}

/** Establishes both sessions of every node and announces their routes. */
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
  await assignRoutes(product, speakers);
  await Promise.all(speakers.map((speaker) => speaker.up()));
  return speakers;
}

/** Gives each speaker its expected routes, as MetalLB would compute them. */
async function assignRoutes(product: Product, speakers: SimulatedSpeaker[]): Promise<void> {
  const { data } = await product.get<Page<ExpectedRoute>>('/api/v1/expectations', { limit: 10_000 });
  for (const speaker of speakers)
    speaker.expect(
      data.filter(({ node, bgpPeer }) => node === speaker.identity.node && bgpPeer === speaker.identity.bgpPeer),
    );
}

async function follow(product: Product, speakers: SimulatedSpeaker[]): Promise<void> {
  for (;;) {
    await pause(followInterval);
    await assignRoutes(product, speakers);
  }
}

function speakerOf({ node, bgpPeer }: Fault, speakers: readonly SimulatedSpeaker[]): SimulatedSpeaker {
  return speakers.find(({ identity }) => identity.node === node && identity.bgpPeer === bgpPeer)!;
}

/** Repeats one fault until the demo ends. `turn`: its position in the sequence of faults. */
async function recur(fault: Fault, turn: number, speakers: SimulatedSpeaker[]): Promise<void> {
  const { node, bgpPeer, text } = fault;
  const speaker = speakerOf(fault, speakers);
  await pause(firstFaultDelay + turn * faultInterval);
  for (;;) {
    say(`✗ ${node} to ${bgpPeer} ${text}`);
    await fault.start(speaker);
    await pause(faultDuration);
    await fault.end(speaker);
    say(`✓ ${node} to ${bgpPeer} recovered`);
    await pause(faults.length * faultInterval - faultDuration);
  }
}

/** The manifests of the demo, with the actual BGP port. */
function manifests(port: number): Record<string, string> {
  const folder = join(import.meta.dirname, 'manifests');
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      readFileSync(join(folder, name), 'utf8').replaceAll('1790', String(port)),
    ]),
  );
}

/** The first free port from `port` on. The system cannot choose it, because peerPort of a BGPPeer is at most 16384. */
async function firstFreePort(port: number): Promise<number> {
  const isTaken = await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.unref();
  });
  return isTaken ? firstFreePort(port + 1) : port;
}

const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: ended.signal });

function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

await main();

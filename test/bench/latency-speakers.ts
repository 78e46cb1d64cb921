/**
 * The speakers of the latency measurement, a process of their own. Arguments: `address:port` of Peerglass.
 *
 * Says `ready` when all routes are announced right; on `go` sends the changes of latency-plan.ts at their pace and then
 * says when each was written to its socket (milliseconds of CLOCK_MONOTONIC, which all processes share).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { announce } from '../support/builders.ts';
import { TestPeer } from '../support/test-peer.ts';
import {
  addresses,
  change,
  changesPerSecond,
  cluster,
  community,
  measuredSeconds,
  type Speaker,
  type State,
  speakerAsn,
  warmUpSeconds,
} from './latency-plan.ts';

export type SpeakersMessage = { kind: 'ready' } | { kind: 'sent'; at: number[] };

const changes = (warmUpSeconds + measuredSeconds) * changesPerSecond;
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

const to = process.argv[2]!;
const peers = new Map<string, TestPeer>();
for (const { node, address } of cluster)
  peers.set(node, await TestPeer.establish({ to, from: address, asn: speakerAsn, routerId: address }));

const messages = new Map<string, Uint8Array>();
const name = (speaker: Speaker, address: string, state: State): string => `${speaker.node} ${address} ${state}`;
for (const speaker of cluster)
  for (const address of addresses)
    for (const state of ['ok', 'mismatch'] as const)
      messages.set(name(speaker, address, state), update(speaker, address, state));

for (const speaker of cluster) {
  for (const address of addresses) peers.get(speaker.node)!.send(messages.get(name(speaker, address, 'ok'))!);
  for (const family of [4, 6] as const) peers.get(speaker.node)!.endOfRib(family);
}
tell({ kind: 'ready' });
process.once('message', () => void sendChanges());
process.once('disconnect', () => process.exit());

async function sendChanges(): Promise<void> {
  const at: number[] = [];
  const start = now();
  while (at.length < changes) {
    const due = Math.min(changes, Math.floor(((now() - start) / 1000) * changesPerSecond));
    while (at.length < due) {
      const { speaker, address, state } = change(at.length);
      at.push(now());
      peers.get(speaker.node)!.send(messages.get(name(speaker, address, state))!);
    }
    await sleep(1);
  }
  tell({ kind: 'sent', at });
}

/** As FRR sends it: MED 0. */
function update({ address: nextHop }: Speaker, address: string, state: State): Uint8Array {
  const attributes = { asPath: [speakerAsn], nextHop, med: 0, communities: [community[state]] };
  return announce([`${address}/32`], attributes)[0]!;
}

function tell(message: SpeakersMessage): void {
  process.send!(message);
}

/** Timers, pauses, and a collector that falls behind, on a manual clock. */
import { describe, expect, test } from 'vitest';
import { maxOpenSeconds } from '../../src/speaker/connection.ts';
import { highWaterBytes } from '../../src/speaker/outbox.ts';
import { maxConnectionsPerAddress, minOpeningMs } from '../../src/speaker/speaker.ts';
import { announce as capability, enhancedRouteRefresh, routeRefresh } from '../../src/wire/capabilities.ts';
import { encodeMessage } from '../../src/wire/message.ts';
import { announce } from '../support/builders.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { metallbNativeCapabilities, TestPeer, type TestPeerOptions } from '../support/test-peer.ts';
import { TestSpeaker } from '../support/test-speaker.ts';
import { until } from '../support/wait.ts';

const asn = 64512;

async function start(config = {}): Promise<{ clock: ManualClock; speaker: TestSpeaker }> {
  const clock = new ManualClock();
  return { clock, speaker: await TestSpeaker.start({ singleThread: true, clock, config }) };
}

/** A peer that sends KEEPALIVEs only when the test says so. */
async function establish(speaker: TestSpeaker, options: Partial<TestPeerOptions> = {}): Promise<TestPeer> {
  const before = speaker.events('established').length;
  const peer = await TestPeer.establish({ to: speaker.address, from: '127.0.0.11', asn, ...options });
  peer.keepAlive(0);
  await speaker.event('established', before + 1);
  return peer;
}

const keepalives = (peer: TestPeer): number => peer.heard.filter(({ message }) => message.kind === 'keepalive').length;

/** Advances the clock in steps of `step` seconds; sockets deliver pending data between them. */
async function pass(clock: ManualClock, seconds: number, each: () => void = () => {}, step = 1): Promise<void> {
  for (let second = 0; second < seconds; second += step) {
    await clock.advance(step * 1000);
    each();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('timers', () => {
  test('a silent neighbor gets Hold Timer Expired after the smaller of both hold times', async () => {
    const { clock, speaker } = await start();
    const peer = await establish(speaker, { holdTime: 9 });
    await pass(clock, 8);
    expect(speaker.events('down')).toEqual([]);
    await pass(clock, 2);
    expect(await peer.next('notification')).toMatchObject({ code: 4, subcode: 0 });
    expect((await speaker.event('down')).reason.code).toBe('hold-timer-expired');
    await speaker.stop();
  });

  test.each<[string, (peer: TestPeer) => void]>([
    ['a KEEPALIVE', (peer) => peer.send({ kind: 'keepalive' })],
    ['an UPDATE', (peer) => peer.announce(['203.0.113.1/32'])],
  ])('%s that came in time but is unread when the hold timer fires keeps the session', async (_name, speak) => {
    const { clock, speaker } = await start();
    const peer = await establish(speaker, { holdTime: 9 });
    await clock.advance(8_999);
    speak(peer);
    await clock.advance(2);
    await pass(clock, 5);
    expect(speaker.events('down')).toEqual([]);
    await pass(clock, 5);
    expect(speaker.events('down')).toHaveLength(1);
    await speaker.stop();
  });

  test.each<[string, (peer: TestPeer) => void]>([
    ['a KEEPALIVE', (peer) => peer.send({ kind: 'keepalive' })],
    ['an UPDATE', (peer) => peer.announce(['203.0.113.1/32'])],
  ])('%s every two seconds keeps a session with a hold time of three', async (_name, speak) => {
    const { clock, speaker } = await start();
    const peer = await establish(speaker, { holdTime: 3 });
    let second = 0;
    await pass(clock, 20, () => {
      if (second++ % 2 === 0) speak(peer);
    });
    expect(speaker.events('down')).toEqual([]);
    await speaker.stop();
  });

  test('sends a KEEPALIVE every third of the hold time', async () => {
    const { clock, speaker } = await start();
    const peer = await establish(speaker, { holdTime: 9 });
    await pass(clock, 30, () => peer.send({ kind: 'keepalive' }));
    // one of them confirmed the OPEN
    await until('all KEEPALIVEs', () => keepalives(peer) === 11);
    await speaker.stop();
  });

  test('hold time 0 turns off KEEPALIVEs and the hold timer', async () => {
    const { clock, speaker } = await start();
    const peer = await establish(speaker, { holdTime: 0 });
    await clock.advance(3_600_000);
    expect(keepalives(peer)).toBe(1);
    expect(speaker.events('down')).toEqual([]);
    await speaker.stop();
  });

  test('a neighbor without a whole OPEN is closed after half a minute, even if it keeps sending', async () => {
    const { clock, speaker } = await start();
    const peer = await TestPeer.connect({ to: speaker.address, from: '127.0.0.11', asn });
    await peer.next('open');
    let sent = 0;
    await pass(clock, maxOpenSeconds + 1, () => {
      if (sent < 16) peer.send(Uint8Array.of(0xff));
      sent++;
    });
    expect(await peer.next('notification')).toMatchObject({ code: 4, subcode: 0 });
    await speaker.stop();
  });
});

describe('connections without an OPEN', () => {
  test('are dropped for new ones, oldest first, after a second', async () => {
    const { clock, speaker } = await start({ maxOpening: 2 });
    const connect = (host: number) => TestPeer.connect({ to: speaker.address, from: `127.0.0.${host}`, asn });
    const first = await connect(1);
    await first.next('open');
    const second = await connect(2);
    await second.next('open');
    const early = await connect(3);
    expect(await early.next('notification')).toMatchObject({ code: 6, subcode: 8 });
    await clock.advance(minOpeningMs);
    const next = await connect(4);
    await next.next('open');
    await first.closed;
    // the others are still served
    second.send(second.open);
    await second.next('keepalive');
    await speaker.stop();
  });
});

describe('neighbors that reconnect at once', () => {
  test('a hot loop with a wrong AS is slowed down; a corrected neighbor is served at once', async () => {
    const { clock, speaker } = await start({ neighbors: [{ range: '127.0.0.0/8', asn }] });
    const knock = async (peerAsn: number): Promise<TestPeer> => {
      const peer = await TestPeer.connect({ to: speaker.address, from: '127.0.0.11', asn: peerAsn });
      peer.send({ ...peer.open });
      return peer;
    };
    for (let i = 0; i < 4; i++)
      expect(await (await knock(64999)).next('notification')).toMatchObject({ code: 2, subcode: 2 });
    const paused = await knock(64999);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(paused.heard).toEqual([]);
    await pass(clock, 1);
    expect(await paused.next('notification')).toMatchObject({ code: 2, subcode: 2 });
    const right = await knock(asn);
    await pass(clock, 6);
    await right.next('open');
    right.send({ kind: 'keepalive' });
    await speaker.event('established');
    await speaker.stop();
  });

  test('of many connections from a failing address two wait, the rest are reset', async () => {
    const { clock, speaker } = await start({ neighbors: [{ range: '10.0.0.0/8', asn }] });
    for (let i = 0; i < 4; i++) {
      const peer = await TestPeer.connect({ to: speaker.address, from: '127.0.0.66', asn });
      await peer.next('notification');
    }
    const storm = await Promise.all(
      Array.from({ length: 50 }, () => TestPeer.connect({ to: speaker.address, from: '127.0.0.66', asn })),
    );
    let over = 0;
    for (const peer of storm) void peer.closed.then(() => over++);
    await until('all but two are closed', () => over === 48);
    expect(storm.flatMap(({ heard }) => heard)).toEqual([]);
    // another address is not affected
    const other = await TestPeer.connect({ to: speaker.address, from: '127.0.0.67', asn });
    await other.next('notification');
    await pass(clock, 6);
    await until('the two are answered', () => storm.flatMap(({ heard }) => heard).length === 2);
    await speaker.stop();
  });

  test('the last of many connections from one address are rejected', async () => {
    const { speaker } = await start();
    const peers: TestPeer[] = [];
    for (let i = 0; i <= maxConnectionsPerAddress; i++)
      peers.push(await TestPeer.connect({ to: speaker.address, from: '127.0.0.11', asn }));
    expect(await peers.at(-1)!.next('notification')).toMatchObject({ code: 6, subcode: 8 });
    expect((await speaker.event('refused')).reason.code).toBe('too-many-connections');
    await Promise.all(peers.slice(0, -1).map((peer) => peer.next('open')));
    await speaker.stop();
  });
});

test('connections beyond maxBgpConnections are reset and counted', async () => {
  const { speaker } = await start({ maxConnections: 2 });
  const peers = [];
  for (const from of ['127.0.0.11', '127.0.0.12'])
    peers.push(await TestPeer.connect({ to: speaker.address, from, asn }));
  // reset before or after connect() returns
  const late = TestPeer.connect({ to: speaker.address, from: '127.0.0.13', asn });
  await late.then(
    ({ closed }) => closed,
    () => {},
  );
  await Promise.all(peers.map((peer) => peer.next('open')));
  await speaker.stop();
});

describe('a collector that falls behind', () => {
  test('at the high-water mark reading and hold timers pause, KEEPALIVEs continue, nothing is lost', async () => {
    const { clock, speaker } = await start();
    const busy = await establish(speaker, { holdTime: 9 });
    const quiet = await establish(speaker, { from: '127.0.0.12', holdTime: 9 });
    speaker.acknowledging = false;
    const updates = announce(
      Array.from({ length: 900 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`),
      { asPath: [asn], nextHop: '192.0.2.7' },
    );
    const size = updates.reduce((sum, { length }) => sum + length, 0);
    const rounds = Math.ceil((highWaterBytes * 1.5) / size);
    for (let i = 0; i < rounds; i++) for (const update of updates) busy.send(update);
    await until('reading has paused', async () => {
      const before = received(speaker);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return before > 0 && received(speaker) === before;
    });
    const held = received(speaker);
    expect(held).toBeLessThan(highWaterBytes);

    await pass(clock, 60);
    expect(received(speaker)).toBe(held);
    expect(speaker.last('health')).toMatchObject({ paused: true, sessions: 2 });
    await until('KEEPALIVEs', () => keepalives(busy) >= 20 && keepalives(quiet) >= 20);
    expect(speaker.events('down')).toEqual([]);

    speaker.acknowledging = true;
    speaker.acknowledge();
    await until('the rest', () => received(speaker) === rounds * size, { timeout: 15_000 });
    // the paused minute does not count; the hold time runs again from now
    await pass(clock, 8);
    expect(speaker.events('down')).toEqual([]);
    await pass(clock, 2);
    expect(speaker.events('down')).toHaveLength(2);
    await speaker.stop();
  });
});

/** Octets of UPDATEs that the speaker forwarded. */
function received(speaker: TestSpeaker): number {
  return speaker.said.reduce((sum, { message }) => sum + (message?.length ?? 0), 0);
}

test('a neighbor that keeps asking but never reads is paused, then closed; others are not affected', async () => {
  const { clock, speaker } = await start();
  const capabilities = [
    ...metallbNativeCapabilities(asn),
    capability(routeRefresh, undefined),
    capability(enhancedRouteRefresh, undefined),
  ];
  const deaf = await establish(speaker, { capabilities });
  const other = await establish(speaker, { from: '127.0.0.12', holdTime: 0 });
  deaf.socket.pause();
  const question = encodeMessage({ kind: 'route-refresh', afi: 1, safi: 1, subtype: 'request' });
  const questions = Buffer.concat(Array.from({ length: 1000 }, () => question));
  const asked = (): number => speaker.bgp.length;
  for (let i = 0; i < 400; i++) deaf.send(questions);
  await until('reading has paused', async () => {
    const before = asked();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return before > 0 && asked() === before;
  });
  expect(asked()).toBeLessThan(400_000);
  other.announce(['203.0.113.1/32']);
  await until('an UPDATE of the other neighbor', () => speaker.said.at(-1)?.session === 2);

  await pass(clock, 470, undefined, 10);
  expect(speaker.events('down')).toEqual([]);
  await pass(clock, 20);
  expect((await speaker.event('down')).reason).toMatchObject({ direction: 'local', code: 'send-hold-timer-expired' });
  expect(speaker.events('down', 2)).toEqual([]);
  await speaker.stop();
});

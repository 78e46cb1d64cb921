/** Sessions of one neighbor over real TCP: in process as a unit test, in the speaker thread as a live test. */
import { describe, expect, inject, test } from 'vitest';
import {
  announce as capability,
  enhancedRouteRefresh,
  gracefulRestart,
  routeRefresh,
} from '../../src/wire/capabilities.ts';
import { encodeMessage } from '../../src/wire/message.ts';
import { announce, attribute, update } from '../support/builders.ts';
import { metallbNativeCapabilities, TestPeer, type TestPeerOptions } from '../support/test-peer.ts';
import { TestSpeaker } from '../support/test-speaker.ts';
import { until } from '../support/wait.ts';

const asn = 64512;
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const route = (prefix: string): Uint8Array => announce([prefix], { asPath: [asn], nextHop: '192.0.2.7' })[0]!;
const restarts = [
  ...metallbNativeCapabilities(asn),
  capability(gracefulRestart, {
    restartTime: 120,
    restarting: false,
    notification: true,
    families: [{ afi: 1, safi: 1, family: 'ipv4-unicast', forwarding: true }],
  }),
];

const singleThread = inject('singleThread');

describe(singleThread ? 'in process' : 'in a thread', () => {
  const start = (config = {}) => TestSpeaker.start({ singleThread, config });
  const establish = async (speaker: TestSpeaker, options: Partial<TestPeerOptions> = {}) => {
    const before = speaker.events('established').length;
    const peer = await TestPeer.establish({ to: speaker.address, from: '127.0.0.11', asn, ...options });
    await speaker.event('established', before + 1);
    return peer;
  };

  test('a session is established, forwards messages unchanged, and ends', async () => {
    await using speaker = await start();
    const peer = await establish(speaker);
    peer.send(route('203.0.113.1/32'));
    peer.endOfRib();
    await until('both UPDATEs', () => speaker.bgp.length === 2);
    await peer.drop();
    const down = await speaker.event('down');

    expect(speaker.bgp).toEqual([
      toHex(route('203.0.113.1/32')),
      toHex(encodeMessage({ kind: 'end-of-rib', family: 4 })),
    ]);
    expect(speaker.events('state').map(({ from, to }) => `${from} → ${to}`)).toEqual([
      'idle → active',
      'active → open-sent',
      'open-sent → open-confirm',
      'open-confirm → established',
      'established → idle',
    ]);
    expect(speaker.events('established')[0]).toMatchObject({
      localAsn: 64500,
      auth: 'none',
      received: { asn, routerId: '10.0.0.1' },
      negotiated: { holdTime: 90, as4: true, families: [4, 6] },
      endpoints: { remoteAddress: '127.0.0.11', localAddress: '127.0.0.1', localPort: speaker.port },
    });
    expect(down).toMatchObject({
      from: 'established',
      asn,
      retainRoutes: false,
      reason: { direction: 'local', code: 'connection-closed' },
    });
    const times = speaker.said.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('IPv6 and IPv4 neighbors together', async () => {
    await using speaker = await start({
      listen: ['127.0.0.1:0', '[::1]:0'],
      neighbors: [
        { range: '::1/128', asn },
        { range: '127.0.0.0/8', asn },
      ],
    });
    const [ipv4, ipv6] = speaker.last('listening')!.addresses;
    await establish(speaker, { to: ipv4! });
    await establish(speaker, { to: ipv6!, from: '::1' });
    expect(speaker.events('established').map(({ endpoints }) => endpoints.remoteAddress)).toEqual([
      '127.0.0.11',
      '::1',
    ]);
  });

  test.each([
    ['octet by octet', 1],
    ['in pieces of 7', 7],
    ['in pieces of 19', 19],
    ['all at once', 1e9],
  ])('messages arrive %s', async (_name, size) => {
    await using speaker = await start();
    const peer = await TestPeer.connect({ to: speaker.address, from: '127.0.0.11', asn });
    const routes = ['203.0.113.1/32', '203.0.113.2/32', '203.0.113.3/32'].map(route);
    const stream = Buffer.concat([encodeMessage(peer.open), encodeMessage({ kind: 'keepalive' }), ...routes]);
    for (let at = 0; at < stream.length; at += size) {
      peer.send(stream.subarray(at, at + size));
      await new Promise(setImmediate);
    }
    await until('all UPDATEs', () => speaker.bgp.length === routes.length);
    expect(speaker.bgp).toEqual(routes.map(toHex));
    await peer.drop();
  });

  test('reads the first UPDATE of a speaker that does not wait for our KEEPALIVE, like MetalLB native', async () => {
    await using speaker = await start();
    const peer = await TestPeer.connect({ to: speaker.address, from: '127.0.0.11', asn });
    const burst = [encodeMessage(peer.open), encodeMessage({ kind: 'keepalive' }), route('203.0.113.1/32')];
    peer.send(Buffer.concat(burst));
    await until('the UPDATE', () => speaker.bgp.length === 1);
    const times = speaker.said.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(speaker.said.at(-1)!.message).toBeDefined();
  });

  test('after half a message and FIN, whole messages count and the reason gives the octets received', async () => {
    await using speaker = await start();
    const peer = await establish(speaker);
    peer.send(Buffer.concat([route('203.0.113.1/32'), route('203.0.113.2/32').subarray(0, 30)]));
    await peer.drop();
    expect((await speaker.event('down')).reason.text).toBe(
      'the neighbor closed the connection, 30 octets into a message',
    );
    expect(speaker.bgp).toEqual([toHex(route('203.0.113.1/32'))]);
  });

  test('RST ends the session without a NOTIFICATION', async () => {
    await using speaker = await start();
    const peer = await establish(speaker);
    await peer.kill();
    expect((await speaker.event('down')).reason).toMatchObject({ direction: 'local', code: 'connection-closed' });
  });

  test('a malformed UPDATE is corrected and kept raw; the session stays', async () => {
    await using speaker = await start();
    const peer = await establish(speaker);
    const [good] = announce(['203.0.113.1/32'], {
      asPath: [asn],
      nextHop: '192.0.2.7',
      raw: [attribute(8, 0xc0, [1, 2, 3])],
    });
    peer.send(good!);
    peer.send(route('203.0.113.2/32'));
    await until('both UPDATEs', () => speaker.bgp.length === 1 && speaker.said.some(({ treated }) => treated));
    const [treated] = speaker.said.flatMap(({ treated: it }) => it ?? []);
    expect(treated!.problems).toMatchObject([{ attribute: 8, action: 'treat-as-withdraw' }]);
    expect(toHex(treated!.raw)).toBe(toHex(good!));
    expect(toHex(treated!.effective)).toBe(toHex(update({ withdrawn: Uint8Array.of(32, 203, 0, 113, 1) })));
    expect(speaker.events('down')).toEqual([]);
  });

  test('an UPDATE that ends the session is kept raw', async () => {
    await using speaker = await start();
    const peer = await establish(speaker);
    const bad = update({ attributes: [Uint8Array.of(0x90, 14, 0)] });
    peer.send(bad);
    await peer.next('notification');
    await speaker.event('down');
    const [treated] = speaker.said.flatMap(({ treated: it }) => it ?? []);
    expect(toHex(treated!.raw)).toBe(toHex(bad));
    expect(treated!.effective).toHaveLength(0);
  });

  test('a received NOTIFICATION is forwarded and named', async () => {
    await using speaker = await start();
    const peer = await establish(speaker);
    const text = new TextEncoder().encode('upgrade');
    peer.send({ kind: 'notification', code: 6, subcode: 2, data: Uint8Array.of(text.length, ...text) });
    const down = await speaker.event('down');
    expect(down.reason).toMatchObject({
      direction: 'received',
      code: 'cease/administrative-shutdown',
      notification: { code: 6, subcode: 2, shutdownText: 'upgrade' },
    });
    expect(speaker.bgp).toHaveLength(1);
    await peer.closed;
  });

  test('reset sends Cease/4 with its text; refresh asks for every family', async () => {
    await using speaker = await start();
    const peer = await establish(speaker, {
      capabilities: [...metallbNativeCapabilities(asn), capability(routeRefresh, undefined)],
    });
    speaker.post({ kind: 'refresh', session: 1 });
    expect([await peer.next('route-refresh'), await peer.next('route-refresh')]).toMatchObject([
      { afi: 1, safi: 1, subtype: 'request' },
      { afi: 2, safi: 1, subtype: 'request' },
    ]);
    speaker.post({ kind: 'reset', session: 1, text: 'too many prefixes' });
    const { bytes } = await peer.nextHeard('notification');
    expect(toHex(bytes.subarray(19, 22))).toBe('060411');
    expect(new TextDecoder().decode(bytes.subarray(22))).toBe('too many prefixes');
    expect((await speaker.event('down')).reason.code).toBe('cease/administrative-reset');
  });

  test('too many prefixes send Cease/1 without the text', async () => {
    await using speaker = await start();
    const peer = await establish(speaker);
    speaker.post({ kind: 'reset', session: 1, text: '11 prefixes, 10 allowed', maxPrefixes: true });
    expect(toHex((await peer.nextHeard('notification')).bytes.subarray(19))).toBe('0601');
    expect((await speaker.event('down')).reason).toMatchObject({
      code: 'cease/maximum-number-of-prefixes-reached',
      text: '11 prefixes, 10 allowed',
    });
  });

  test('sends no ROUTE-REFRESH to a neighbor without the capability', async () => {
    await using speaker = await start();
    const peer = await establish(speaker);
    speaker.post({ kind: 'refresh', session: 1 });
    speaker.post({ kind: 'reset', session: 1, text: '' });
    await peer.next('notification');
    expect(peer.heard.filter(({ message }) => message.kind === 'route-refresh')).toEqual([]);
  });

  test('stop sends Cease/2 with its text to all neighbors and stops listening', async () => {
    const speaker = await start();
    const peers = [await establish(speaker), await establish(speaker, { from: '127.0.0.12' })];
    await speaker.stop('maintenance');
    for (const peer of peers) {
      expect(toHex((await peer.nextHeard('notification')).bytes.subarray(19))).toBe(
        `06020b${toHex(new TextEncoder().encode('maintenance'))}`,
      );
      await peer.closed;
    }
    expect(speaker.events('down')).toHaveLength(2);
    expect(speaker.last('stopped')).toBeDefined();
    await expect(TestPeer.connect({ to: speaker.address, asn })).rejects.toThrow('ECONNREFUSED');
  });

  test('configure ends only the sessions that it changes', async () => {
    const neighbors = [11, 12, 13].map((n) => ({ range: `127.0.0.${n}/32`, asn }));
    await using speaker = await start({ neighbors });
    const [removed, changed, kept] = await Promise.all(
      neighbors.map(({ range }) => establish(speaker, { from: range.split('/')[0]! })),
    );
    speaker.post({
      kind: 'configure',
      neighbors: [
        { ...neighbors[1]!, asn: 64513 },
        { ...neighbors[2]!, maxPrefixes: { limit: 10, action: 'warn' }, bgpPeer: 'tor-1' },
      ],
    });
    expect(await removed!.next('notification')).toMatchObject({ code: 6, subcode: 3 });
    expect(await changed!.next('notification')).toMatchObject({ code: 6, subcode: 6 });
    kept!.send(route('203.0.113.9/32'));
    await until('the kept session continues', () => speaker.bgp.includes(toHex(route('203.0.113.9/32'))));
    expect(speaker.events('down')).toHaveLength(2);
  });

  test('a second connection takes over from a session that only looks alive', async () => {
    await using speaker = await start();
    const old = await establish(speaker);
    const twin = await establish(speaker);
    expect(await old.next('notification')).toMatchObject({ code: 6, subcode: 7 });
    const order = speaker.said.flatMap(({ session, event }) =>
      event?.kind === 'down' || event?.kind === 'established' ? [`${event.kind} ${session}`] : [],
    );
    expect(order).toEqual(['established 1', 'down 1', 'established 2']);
    expect(speaker.events('down')[0]).toMatchObject({
      retainRoutes: false,
      reason: { code: 'cease/connection-collision-resolution' },
    });
    twin.send(route('203.0.113.1/32'));
    await until('an UPDATE of the second connection', () => speaker.bgp.length === 1);
  });

  test('with graceful restart, a second connection takes over without a NOTIFICATION, and routes stay', async () => {
    await using speaker = await start();
    const old = await establish(speaker, { capabilities: restarts });
    await establish(speaker, { capabilities: restarts });
    await old.closed;
    expect(old.heard.map(({ message }) => message.kind)).not.toContain('notification');
    expect(speaker.events('down')).toMatchObject([
      { from: 'established', retainRoutes: true, reason: { direction: 'local' } },
    ]);
  });

  test.each<[string, Partial<TestPeerOptions>, number]>([
    ['another remote address', { from: '127.0.0.12' }, 0],
    ['another AS', { asn: 64513 }, 0],
    ['another listener', {}, 1],
  ])('%s is another neighbor', async (_name, options, listener) => {
    await using speaker = await start({ listen: ['127.0.0.1:0', '127.0.0.1:0'] });
    await establish(speaker);
    await establish(speaker, { ...options, to: speaker.last('listening')!.addresses[listener]! });
    expect(speaker.events('down')).toEqual([]);
  });

  test('distinguishes neighbors in one range by their AS', async () => {
    const range = '127.0.0.0/8';
    await using speaker = await start({
      neighbors: [
        { range, asn: 64512 },
        { range, asn: 64513 },
      ],
    });
    await establish(speaker, { asn: 64512 });
    await establish(speaker, { asn: 64513 });
    const stranger = await TestPeer.connect({ to: speaker.address, from: '127.0.0.12', asn: 64514 });
    stranger.send(stranger.open);
    expect(await stranger.next('notification')).toMatchObject({ code: 2, subcode: 2 });
    expect((await speaker.event('down')).reason.text).toBe('AS 64514, expected 64512 or 64513');
  });

  test('the longest range applies', async () => {
    await using speaker = await start({
      neighbors: [
        { range: '127.0.0.0/8', asn: 64512 },
        { range: '127.0.0.11/32', asn: 64513, localAsn: 64599 },
      ],
    });
    const peer = await establish(speaker, { asn: 64513 });
    expect(await peer.heard[0]!.message).toMatchObject({ kind: 'open', asn: 64599 });
  });

  test('sends only OPEN, KEEPALIVE, End-of-RIB, ROUTE-REFRESH and NOTIFICATION', async () => {
    await using speaker = await start();
    const capabilities = [
      ...restarts,
      capability(routeRefresh, undefined),
      capability(enhancedRouteRefresh, undefined),
    ];
    const peer = await establish(speaker, { capabilities });
    peer.announce(['203.0.113.1/32', '2001:db8::1/128'].slice(0, 1));
    peer.announce(['2001:db8::1/128'], { nextHop: '2001:db8::7' });
    peer.send({ kind: 'route-refresh', afi: 1, safi: 1, subtype: 'request' });
    peer.withdraw(['203.0.113.1/32']);
    await peer.next('route-refresh');
    speaker.post({ kind: 'refresh', session: 1 });
    await peer.next('route-refresh');
    speaker.post({ kind: 'reset', session: 1, text: '' });
    await peer.closed;
    const updates = peer.heard.filter(({ message }) => message.kind === 'update').map(({ bytes }) => toHex(bytes));
    const endOfRibs = [4, 6].map((family) => toHex(encodeMessage({ kind: 'end-of-rib', family: family as 4 | 6 })));
    expect(updates.filter((it) => !endOfRibs.includes(it))).toEqual([]);
    expect(updates).toHaveLength(2);
  });
});

/** TCP MD5 and TTL security on real sockets. The kernel drops the segments, so a rejected peer sees no answer. */
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { parsePrefix } from '../../src/ip.ts';
import { tcpLibc } from '../../src/speaker/libc.ts';
import { bindListener, type Listener, openListeners, parseListen } from '../../src/speaker/sockets.ts';
import { TestPeer } from '../support/test-peer.ts';
import { TestSpeaker } from '../support/test-speaker.ts';

const asn = 64512;

/** Longer than an answered SYN takes, shorter than the first retransmission, ms. */
const unansweredMs = 500;

async function connects(to: string, from: string): Promise<boolean> {
  const { host, port } = parseListen(to)!;
  const socket = net.connect({ host, port, localAddress: from });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(unansweredMs) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A listener that accepts and closes every connection. */
async function listen(text: string, system = tcpLibc): Promise<Listener & { address: string }> {
  const listener = bindListener(text, system);
  return { ...listener, address: await listener.listen((socket) => socket.destroy()) };
}

describe.runIf(tcpLibc)('with support in the kernel', () => {
  test('a peer without the key of its longest range gets no answer', async () => {
    const listener = await listen('127.0.0.1:0');
    const key = (range: string, password: string) => ({ range: parsePrefix(range)!, password });
    const protect = (...keys: ReturnType<typeof key>[]) => listener.protect(keys, []);
    const answered = async (): Promise<string[]> => {
      const addresses = ['127.0.0.11', '127.0.0.12', '127.9.0.1'];
      const answers = await Promise.all(addresses.map((from) => connects(listener.address, from)));
      return addresses.filter((_, i) => answers[i]);
    };
    expect(protect(key('127.0.0.11/32', 'secret'), key('127.9.0.0/16', 'secret'))).toEqual([]);
    expect(await answered()).toEqual(['127.0.0.12']);
    expect(protect(key('127.9.0.0/16', 'other'))).toEqual([]);
    expect(await answered()).toEqual(['127.0.0.11', '127.0.0.12']);
    expect(protect()).toEqual([]);
    expect(await answered()).toEqual(['127.0.0.11', '127.0.0.12', '127.9.0.1']);
    listener.close();
  });

  test('keys are set before the first SYN is answered', async () => {
    const { listeners, addresses } = await openListeners(
      ['127.0.0.1:0'],
      ([listener]) => listener!.protect([{ range: parsePrefix('127.0.0.11/32')!, password: 'secret' }], []),
      (socket) => socket.destroy(),
    );
    expect(await connects(addresses[0]!, '127.0.0.11')).toBe(false);
    expect(await connects(addresses[0]!, '127.0.0.12')).toBe(true);
    for (const listener of listeners) listener.close();
  });

  test('a new password ends the session, which does not return without it', async () => {
    await using speaker = await TestSpeaker.start({ config: { neighbors: [{ range: '127.0.0.11/32', asn }] } });
    const peer = await TestPeer.establish({ to: speaker.address, from: '127.0.0.11', asn });
    speaker.post({ kind: 'configure', neighbors: [{ range: '127.0.0.11/32', asn, password: 'secret' }] });
    expect(await peer.next('notification')).toMatchObject({ code: 6, subcode: 6 });
    await peer.closed;
    expect(await connects(speaker.address, '127.0.0.11')).toBe(false);
    speaker.post({ kind: 'configure', neighbors: [{ range: '127.0.0.11/32', asn }] });
    // no SYN is answered until the key is removed, so this waits for the retransmission
    await TestPeer.establish({ to: speaker.address, from: '127.0.0.11', asn });
  });

  test('a password of 80 octets (maxPasswordLength) is accepted, one of 81 rejected', async () => {
    const listener = await listen('[::1]:0');
    const range = parsePrefix('fd00::/64')!;
    expect(listener.protect([{ range, password: 'p'.repeat(80) }], [])).toEqual([]);
    expect(listener.protect([{ range, password: 'p'.repeat(81) }], [])).toEqual([
      { range, text: 'a TCP MD5 password can have at most 80 octets' },
    ]);
    listener.close();
  });

  test('a SYN with a TTL below the minimum of its source gets no answer (loopback sends 64)', async () => {
    const listener = await listen('127.0.0.1:0');
    const rule = (range: string, minTtl: number | undefined) => ({ range: parsePrefix(range)!, minTtl });
    listener.protect(
      [],
      [
        rule('127.0.0.11/32', 255),
        rule('127.0.0.12/32', 64),
        rule('127.9.0.0/16', 255),
        rule('127.9.9.0/24', undefined),
      ],
    );
    const answers = await Promise.all(
      ['127.0.0.11', '127.0.0.12', '127.9.0.1', '127.9.9.1', '127.0.0.99'].map((from) =>
        connects(listener.address, from),
      ),
    );
    expect(answers).toEqual([false, true, false, true, true]);
    listener.protect([], []);
    expect(await connects(listener.address, '127.0.0.11')).toBe(true);
    listener.close();
  });

  test('a SYN with an IPv6 hop limit below the minimum gets no answer', async () => {
    const listener = await listen('[::1]:0');
    listener.protect([], [{ range: parsePrefix('::1/128')!, minTtl: 255 }]);
    expect(await connects(listener.address, '::1')).toBe(false);
    listener.protect([], [{ range: parsePrefix('::1/128')!, minTtl: 64 }]);
    expect(await connects(listener.address, '::1')).toBe(true);
    listener.close();
  });
});

test('without protection on sockets, a neighbor that needs it is rejected with the reason; others are accepted', async () => {
  const listener = await listen('127.0.0.1:0', null);
  const range = parsePrefix('127.0.0.11/32')!;
  const text = 'TCP MD5 and TTL security are not available on this system';
  expect(listener.protect([{ range, password: 'secret' }], [{ range, minTtl: undefined }])).toEqual([{ range, text }]);
  expect(listener.protect([], [{ range, minTtl: 255 }])).toEqual([{ range, text }]);
  expect(listener.protect([], [{ range, minTtl: undefined }])).toEqual([]);
  expect(await connects(listener.address, '127.0.0.11')).toBe(true);
  listener.close();
});

test('a neighbor whose password cannot be enforced is rejected, never accepted without it', async () => {
  await using speaker = await TestSpeaker.start({
    singleThread: true,
    config: {
      neighbors: [
        { range: '127.0.0.11/32', asn, password: 'p'.repeat(81) },
        { range: '127.0.0.12/32', asn },
      ],
    },
  });
  const peer = await TestPeer.connect({ to: speaker.address, from: '127.0.0.11', asn });
  peer.send(peer.open);
  expect(await peer.next('notification')).toMatchObject({ code: 6, subcode: 5 });
  expect((await speaker.event('refused')).reason).toMatchObject({
    code: 'protection-unsupported',
    text: expect.stringContaining('at most 80 octets'),
  });
  await TestPeer.establish({ to: speaker.address, from: '127.0.0.12', asn });
});

test.each([
  ['127.0.0.1:179', { host: '127.0.0.1', port: 179, family: 4 }],
  ['[::]:179', { host: '::', port: 179, family: 6 }],
  ['[fe80::1]:1790', { host: 'fe80::1', port: 1790, family: 6 }],
  ['[127.0.0.1]:179', undefined],
  ['::1:179', undefined],
  ['127.0.0.1', undefined],
  ['127.0.0.1:65536', undefined],
  ['localhost:179', undefined],
])('%s as a listen address', (text, expected) => {
  expect(parseListen(text)).toEqual(expected);
});

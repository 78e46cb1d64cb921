/** TCP MD5 and TTL security on real sockets; the kernel does the refusing, so nothing of it is to be seen here. */
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { parsePrefix } from '../../src/ip.ts';
import { libc } from '../../src/speaker/libc.ts';
import { bindListener, type Listener, openListeners, parseListen } from '../../src/speaker/sockets.ts';
import { TestPeer } from '../support/test-peer.ts';
import { TestSpeaker } from '../support/test-speaker.ts';

const asn = 64512;

/** Longer than a SYN takes that is answered, shorter than the first that is sent again, ms. */
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

/** A listener that lets everybody in and shows them out. */
async function listen(text: string, system = libc): Promise<Listener & { address: string }> {
  const listener = bindListener(text, system);
  return { ...listener, address: await listener.listen((socket) => socket.destroy()) };
}

describe.runIf(libc)('where the kernel can', () => {
  test('who has no key is not answered where one is configured, by the longest range', async () => {
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

  test('keys are there before the first SYN is answered', async () => {
    const { listeners, addresses } = await openListeners(
      ['127.0.0.1:0'],
      ([listener]) => listener!.protect([{ range: parsePrefix('127.0.0.11/32')!, password: 'secret' }], []),
      (socket) => socket.destroy(),
    );
    expect(await connects(addresses[0]!, '127.0.0.11')).toBe(false);
    expect(await connects(addresses[0]!, '127.0.0.12')).toBe(true);
    for (const listener of listeners) listener.close();
  });

  test('a password that is new ends the session, which does not come back without it', async () => {
    await using speaker = await TestSpeaker.start({ config: { neighbors: [{ range: '127.0.0.11/32', asn }] } });
    const peer = await TestPeer.establish({ to: speaker.address, from: '127.0.0.11', asn });
    speaker.post({ kind: 'configure', neighbors: [{ range: '127.0.0.11/32', asn, password: 'secret' }] });
    expect(await peer.next('notification')).toMatchObject({ code: 6, subcode: 6 });
    await peer.closed;
    expect(await connects(speaker.address, '127.0.0.11')).toBe(false);
    speaker.post({ kind: 'configure', neighbors: [{ range: '127.0.0.11/32', asn }] });
    // until the key is gone nobody answers, so this waits for the second SYN
    await TestPeer.establish({ to: speaker.address, from: '127.0.0.11', asn });
  });

  test('80 octets (maxPasswordLength) are a password, 81 are not', async () => {
    const listener = await listen('[::1]:0');
    const range = parsePrefix('fd00::/64')!;
    expect(listener.protect([{ range, password: 'p'.repeat(80) }], [])).toEqual([]);
    expect(listener.protect([{ range, password: 'p'.repeat(81) }], [])).toEqual([
      { range, text: 'a TCP MD5 password has at most 80 octets' },
    ]);
    listener.close();
  });

  test('a TTL that is too low for its source is not answered (loopback sends 64)', async () => {
    const listener = await listen('127.0.0.1:0');
    const rule = (range: string, least: number | undefined) => ({ range: parsePrefix(range)!, least });
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

  test('the same with IPv6 hop limits', async () => {
    const listener = await listen('[::1]:0');
    listener.protect([], [{ range: parsePrefix('::1/128')!, least: 255 }]);
    expect(await connects(listener.address, '::1')).toBe(false);
    listener.protect([], [{ range: parsePrefix('::1/128')!, least: 64 }]);
    expect(await connects(listener.address, '::1')).toBe(true);
    listener.close();
  });
});

test('where sockets have no protection, a neighbor that asks for it is refused, and says so; others are let in', async () => {
  const listener = await listen('127.0.0.1:0', null);
  const range = parsePrefix('127.0.0.11/32')!;
  const text = 'sockets here have no TCP MD5 and no TTL security';
  expect(listener.protect([{ range, password: 'secret' }], [{ range, least: undefined }])).toEqual([{ range, text }]);
  expect(listener.protect([], [{ range, least: 255 }])).toEqual([{ range, text }]);
  expect(listener.protect([], [{ range, least: undefined }])).toEqual([]);
  expect(await connects(listener.address, '127.0.0.11')).toBe(true);
  listener.close();
});

test('a neighbor whose password cannot be enforced is refused, never let in without', async () => {
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
])('%s as a place to listen', (text, expected) => {
  expect(parseListen(text)).toEqual(expected);
});

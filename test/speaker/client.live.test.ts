import { describe, expect, test } from 'vitest';
import { TestPeer } from '../support/test-peer.ts';
import { TestSpeaker } from '../support/test-speaker.ts';
import { until } from '../support/wait.ts';

const thread = new URL('./crashing-thread.ts', import.meta.url);
const asn = 64512;

describe('a thread that dies', () => {
  test('is restarted on the same ports; its sessions go down and return with higher numbers', async () => {
    await using speaker = await TestSpeaker.start({ thread });
    const { address } = speaker;
    const peer = await TestPeer.establish({ to: address, from: '127.0.0.11', asn });
    await speaker.event('established');
    speaker.acknowledging = false;
    peer.announce(['203.0.113.1/32']);
    await until('a batch', () => speaker.bgp.length === 1);
    speaker.post({ kind: 'reset', session: 0, text: 'crash' });
    await peer.closed;

    expect(await speaker.event('down')).toMatchObject({
      from: 'established',
      asn,
      retainRoutes: 'all',
      reason: { direction: 'local', code: 'speaker-restarted' },
      endpoints: { remoteAddress: '127.0.0.11' },
    });
    expect(speaker.last('failed')).toMatchObject({ restarting: true, text: expect.stringContaining('a fault') });
    await until('a second thread', () => speaker.messages.filter(({ kind }) => kind === 'listening').length === 2);
    expect(speaker.address).toBe(address);

    // only batches of the new thread are acknowledged to it
    const again = await TestPeer.establish({ to: address, from: '127.0.0.11', asn });
    await speaker.event('established', 2);
    expect(speaker.said.findLast(({ event }) => event?.kind === 'established')!.session).toBe(2);
    speaker.acknowledge();
    await until('every batch is acknowledged', () => speaker.last('health')?.unacknowledged === 0, { timeout: 5_000 });
    await again.drop();
  });

  test('keeps the last configured neighbors', async () => {
    await using speaker = await TestSpeaker.start({ thread });
    speaker.post({ kind: 'configure', neighbors: [{ range: '127.0.0.12/32', asn }] });
    speaker.post({ kind: 'reset', session: 0, text: 'crash' });
    await until('a second thread', () => speaker.messages.filter(({ kind }) => kind === 'listening').length === 2);
    const stranger = await TestPeer.connect({ to: speaker.address, from: '127.0.0.11', asn });
    expect(await stranger.next('notification')).toMatchObject({ code: 6, subcode: 5 });
    await TestPeer.establish({ to: speaker.address, from: '127.0.0.12', asn });
  });
});

describe.each([true, false])('with singleThread %s', (singleThread) => {
  test('an address in use fails the start, with the reason', async () => {
    await using first = await TestSpeaker.start({ singleThread });
    await expect(TestSpeaker.start({ singleThread, config: { listen: [first.address] } })).rejects.toThrow(
      `bgp.listen ${first.address}: address already in use; is another Peerglass running?`,
    );
  });

  test('one of two addresses in use closes the other', async () => {
    await using first = await TestSpeaker.start({ singleThread });
    const other = `127.0.0.9:${first.port}`;
    await expect(TestSpeaker.start({ singleThread, config: { listen: [other, first.address] } })).rejects.toThrow(
      'already in use',
    );
    await using second = await TestSpeaker.start({ singleThread, config: { listen: [other] } });
    expect(second.address).toBe(other);
  });
});

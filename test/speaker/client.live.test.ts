import { describe, expect, test } from 'vitest';
import { TestPeer } from '../support/test-peer.ts';
import { TestSpeaker } from '../support/test-speaker.ts';
import { until } from '../support/wait.ts';

const thread = new URL('./crashing-thread.ts', import.meta.url);
const asn = 64512;

describe('a thread that dies', () => {
  test('is started again where it was; its sessions are down, and come back with higher numbers', async () => {
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
    expect(speaker.last('failed')).toMatchObject({ restarting: true, text: expect.stringContaining('a flaw') });
    await until('a second thread', () => speaker.messages.filter(({ kind }) => kind === 'listening').length === 2);
    expect(speaker.address).toBe(address);

    // what the dead thread sent is acknowledged to nobody, and what the new one sends is
    const again = await TestPeer.establish({ to: address, from: '127.0.0.11', asn });
    await speaker.event('established', 2);
    expect(speaker.said.findLast(({ event }) => event?.kind === 'established')!.session).toBe(2);
    speaker.acknowledge();
    await until('nothing is owed', () => speaker.last('health')?.unacknowledged === 0, { timeout: 5_000 });
    await again.drop();
  });

  test('keeps the neighbors that were configured last', async () => {
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
  test('an address that is taken is a failure for good, with its reason', async () => {
    await using first = await TestSpeaker.start({ singleThread });
    await expect(TestSpeaker.start({ singleThread, config: { listen: [first.address] } })).rejects.toThrow(
      `bgp.listen ${first.address}: already in use; another Peerglass?`,
    );
  });

  test('one address of two that is taken closes the other again', async () => {
    await using first = await TestSpeaker.start({ singleThread });
    const other = `127.0.0.9:${first.port}`;
    await expect(TestSpeaker.start({ singleThread, config: { listen: [other, first.address] } })).rejects.toThrow(
      'already in use',
    );
    await using second = await TestSpeaker.start({ singleThread, config: { listen: [other] } });
    expect(second.address).toBe(other);
  });
});

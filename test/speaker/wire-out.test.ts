/** The octets that each fault sends, and the event that reports it. */
import { describe, expect, inject, test } from 'vitest';
import { faults, octets } from '../support/faults.ts';
import { TestPeer } from '../support/test-peer.ts';
import { TestSpeaker } from '../support/test-speaker.ts';

const singleThread = inject('singleThread');

describe(singleThread ? 'in process' : 'in a thread', () => {
  test('each fault sends its NOTIFICATION and reports its event; the next neighbor is served', async () => {
    await using speaker = await TestSpeaker.start({
      singleThread,
      config: { neighbors: [{ range: '127.0.0.0/8', asn: 64512 }] },
    });
    for (const [i, fault] of faults.entries()) {
      const { name, notification, code } = fault;
      // one address each, since repeated failures would delay later ones
      const peer = await TestPeer.connect({ to: speaker.address, from: `127.0.1.${i + 1}`, asn: 64512 });
      peer.send(octets(fault));
      const { bytes } = await peer.nextHeard('notification');
      expect(Buffer.from(bytes.subarray(19)).toString('hex'), name).toBe(notification.replace(/\s/g, ''));
      const down = await speaker.event('down', i + 1);
      expect(down, name).toMatchObject({
        reason: { direction: 'sent', code },
        endpoints: { remoteAddress: `127.0.1.${i + 1}` },
      });
      expect(down.reason.text, name).not.toBe('');
      await peer.closed;
    }
    const establishedBefore = speaker.events('established').length;
    const good = await TestPeer.establish({ to: speaker.address, from: '127.0.1.250', asn: 64512 });
    const { endpoints } = await speaker.event('established', establishedBefore + 1);
    expect(endpoints.remoteAddress).toBe('127.0.1.250');
    await good.drop();
  });
});

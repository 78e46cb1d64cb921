import { expect, it } from 'vitest';
import { BatchWriter } from '../../src/events.ts';
import { maxMalformedEventsPerBatch, Rib } from '../../src/rib/rib.ts';
import { Wire } from '../support/batches.ts';
import { update } from '../support/builders.ts';

it('gives maxMalformedEventsPerBatch malformed UPDATEs of a batch an event, and counts all', () => {
  const rib = new Rib();
  rib.apply(new Wire().establish(1, '192.0.2.11').take());
  const count = maxMalformedEventsPerBatch + 20;
  const problem = { action: 'attribute-discard', clause: 'RFC 7606 §7.1', text: 'ORIGIN' } as const;
  const eventsOf = (at: number): number => {
    const writer = new BatchWriter();
    for (let i = 0; i < count; i++) writer.appendTreated(1, at, update({}), update({}), [problem as never]);
    return rib.apply(writer.take()).events.filter(({ kind }) => kind === 'malformed').length;
  };
  expect([eventsOf(2_000), eventsOf(3_000)]).toEqual([maxMalformedEventsPerBatch, maxMalformedEventsPerBatch]);
  expect([...rib.neighbors.byId.values()].map(({ counters }) => counters.malformed)).toEqual([2 * count]);
});

import { expect, test } from 'vitest';
import { Processing } from '../../src/collector/processing.ts';
import { Rib } from '../../src/rib/rib.ts';
import { Wire } from '../support/batches.ts';

test('what took longest in a turn is told, and nothing of turns without changes', () => {
  const seconds: number[] = [];
  const processing = new Processing(() => 1_500);
  processing.subscribe((took) => seconds.push(took));
  const rib = new Rib();
  processing.applied(rib.apply(new Wire(1_000).establish(1, '192.0.2.11').take()));
  processing.applied(rib.apply(new Wire(1_100).announce(1, ['10.0.0.1/32']).announce(1, ['10.0.0.2/32']).take()));
  // the first of two, which came a millisecond before the second
  expect(seconds).toEqual([0.4]);
});

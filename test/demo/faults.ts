/** The faults of the demo. */
import type { SimulatedSpeaker } from './simulated-speaker.ts';

export interface Fault {
  /** What happens, without a subject. */
  text: string;
  /** Where it happens. */
  node: string;
  bgpPeer: string;
  start(speaker: SimulatedSpeaker): void | Promise<void>;
  end(speaker: SimulatedSpeaker): void | Promise<void>;
}

/** A fault of one prefix. `change`: see SimulatedSpeaker.break. */
const route = (
  text: string,
  node: string,
  bgpPeer: string,
  prefix: string,
  change: Parameters<SimulatedSpeaker['break']>[1],
): Fault => ({
  text,
  node,
  bgpPeer,
  start: (speaker) => speaker.break(prefix, change),
  end: (speaker) => speaker.repair(prefix),
});

/** The permanent fault, accepted by an overlay rule. */
export const accepted = {
  ...route('does not announce 198.51.100.60/32', 'worker-5', 'tor-2', '198.51.100.60/32', null),
  prefix: '198.51.100.60/32',
};

export const faults: readonly Fault[] = [
  route('does not announce 203.0.113.200/32', 'worker-3', 'tor-1', '203.0.113.200/32', null),
  route('omits community 8000:800 of the aggregate', 'worker-2', 'tor-1', '203.0.113.200/30', { communities: [] }),
  route('sends local preference 50', 'worker-4', 'tor-2', '198.51.100.25/32', { localPref: 50 }),
  route('announces 192.0.2.0/24, which is in no pool', 'worker-5', 'tor-1', '192.0.2.0/24', {}),
  {
    text: 'loses its session',
    node: 'worker-1',
    bgpPeer: 'tor-2',
    start: (speaker) => speaker.down(),
    end: (speaker) => speaker.up(),
  },
];

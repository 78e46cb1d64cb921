import { describe, expect, it } from 'vitest';
import type { Seen } from '../../src/l2/sightings.ts';
import { judge, type L2Situation } from '../../src/l2/verdict.ts';
import { announcer, nodeOf, station } from './support.ts';

const silent: Seen = { owners: [], isSilent: true, askedAt: 0 };
const awaited: Seen = { owners: [], isSilent: false, askedAt: 0 };
/** Stations that answer on eth0: `a` and `a2` belong to node-a, `x` to no node. */
const seen = (...macs: string[]): Seen => ({ owners: macs.map((mac) => station(mac)), isSilent: false, askedAt: 0 });
const on = (eth0: Seen, eth1?: Seen): ReadonlyMap<string, Seen> =>
  new Map(Object.entries({ eth0, ...(eth1 && { eth1 }) }));

const situation = (some: Partial<L2Situation>): L2Situation => ({
  address: '192.0.2.200',
  service: 'default/web',
  elected: [announcer('node-a')],
  instead: [],
  reason: null,
  sharedWith: [],
  interfaces: ['eth0'],
  seen: new Map(),
  nodeOf,
  interfacesOf: () => ['eth0'],
  nodeInterfaces: () => null,
  ownNode: null,
  asks: true,
  ...some,
});
const limited = { elected: [announcer('node-a', ['bond0', 'bond1'])] };
const why = 'Service default/web has no serving endpoint';
const noElection = { elected: [], reason: { reason: 'notOwner', text: why } };

const cases: [string, Partial<L2Situation>, string, string][] = [
  [
    'the elected node answers',
    { seen: on(seen('a')) },
    'ok as-elected',
    'Node node-a (a) answers for 192.0.2.200, as elected.',
  ],
  [
    'the elected node answers on two interfaces',
    { seen: on(seen('a', 'a2')) },
    'ok as-elected',
    'Node node-a (a) and node node-a (a2) answer for 192.0.2.200, as elected.',
  ],
  [
    'another node answers',
    { seen: on(seen('b')) },
    'wrong-node another-node',
    'Node node-b (b) answers for 192.0.2.200, but node node-a is elected unless its speaker is down.',
  ],
  [
    'two nodes answer',
    { seen: on(seen('a', 'b')) },
    'two-owners two-answers',
    'Node node-a (a) and node node-b (b) answer for 192.0.2.200 at the same time; node node-a is elected.',
  ],
  [
    'two nodes answer, each on another segment',
    { seen: on(seen('a'), seen('b')) },
    'two-owners two-answers',
    'Node node-a (a) and node node-b (b) answer',
  ],
  [
    'a node and an unknown station answer',
    { seen: on(seen('a', 'x')) },
    'two-owners two-answers',
    'Node node-a (a) and x (no node known) answer',
  ],
  [
    'two unknown stations answer',
    { seen: on(seen('x', 'y')) },
    'two-owners two-answers',
    'x (no node known) and y (no node known) answer',
  ],
  [
    'an unknown station answers',
    { seen: on(seen('x')) },
    'unknown mac-not-known',
    'x (no node known) answers for 192.0.2.200, but no node address resolves to it',
  ],
  [
    'services that share the address elect two nodes',
    { seen: on(seen('a', 'b')), sharedWith: [announcer('node-b')] },
    'two-owners shared-address',
    'Services that share the address elect different nodes.',
  ],
  [
    'speakers use two configurations',
    { seen: on(seen('a', 'b')), elected: [announcer('node-a'), announcer('node-b')] },
    'two-owners stale-config',
    'the speakers use different configurations',
  ],
  [
    'one of two elected nodes answers',
    { seen: on(seen('b')), elected: [announcer('node-a'), announcer('node-b')] },
    'ok as-elected',
    'Node node-b (b) answers',
  ],
  [
    'the next node answers since the elected one is not Ready',
    { seen: on(seen('b')), instead: [announcer('node-b')] },
    'ok next-in-line',
    'node node-a would be elected but is not Ready, and node-b is next.',
  ],
  [
    'the elected node answers although it is not Ready',
    { seen: on(seen('a')), instead: [announcer('node-b')] },
    'ok as-elected',
    'as elected',
  ],

  [
    'no node answers where the elected node is seen',
    { seen: on(silent) },
    'missing no-answer',
    'No node answers for 192.0.2.200 on eth0; node node-a should, and its own address was seen there.',
  ],
  [
    'no node answers, and the elected node is not seen',
    { seen: on(silent), interfacesOf: () => [] },
    'unknown node-not-seen',
    'so it may not be on this segment',
  ],
  [
    'no node answers on one segment, the elected node is seen on another',
    { seen: on(silent, awaited), interfacesOf: () => ['eth1'], interfaces: ['eth0', 'eth1'] },
    'unknown not-asked-yet',
    'too few probes',
  ],
  [
    'no other node answers, and this host is elected',
    { seen: on(silent), ownNode: 'node-a' },
    'unknown own-host',
    'Node node-a should answer for 192.0.2.200, but it is this host, which does not receive its own answers.',
  ],
  [
    'another node answers instead of this host',
    { seen: on(seen('b')), ownNode: 'node-a' },
    'wrong-node another-node',
    'node-b',
  ],
  ['no probe was sent yet', {}, 'unknown not-asked-yet', 'too few probes'],
  ['probes are off', { asks: false }, 'unknown not-asked', 'No answer for 192.0.2.200 on eth0, and l2.probe is off.'],
  [
    'only the kernel tried to resolve, without an answer',
    { asks: false, seen: on(silent) },
    'missing no-answer',
    'No node answers',
  ],
  [
    'no interface is watched',
    { interfaces: [] },
    'unknown not-listening',
    'No interface of this host is watched on layer 2',
  ],

  [
    'only some interfaces are allowed, and ours is unknown',
    { ...limited, seen: on(seen('a')) },
    'unknown interface-not-known',
    'set nodeInterfaces in l2.interfaces',
  ],
  [
    'an allowed interface answers',
    { ...limited, seen: on(seen('a')), nodeInterfaces: () => ['bond1'] },
    'ok as-elected',
    'as elected',
  ],
  [
    'an excluded interface answers',
    { ...limited, seen: on(seen('a')), nodeInterfaces: () => ['eth7'] },
    'wrong-interface interface-excluded',
    'where its interface is eth7, but the L2Advertisements allow only bond0, bond1.',
  ],
  [
    'another node answers on an excluded interface',
    { ...limited, seen: on(seen('b')), nodeInterfaces: () => ['eth7'] },
    'wrong-node another-node',
    'but node node-a is elected',
  ],
  [
    'no node answers where an interface is allowed',
    { ...limited, seen: on(silent), nodeInterfaces: () => ['bond0'] },
    'missing no-answer',
    'No node answers',
  ],
  [
    'no node answers where no interface is allowed',
    { ...limited, seen: on(silent), nodeInterfaces: () => ['eth7'] },
    'unknown excluded-here',
    'Node node-a announces 192.0.2.200 only on bond0, bond1, not on the segment of eth0',
  ],
  [
    'no node answers, and its interface is unknown',
    { ...limited, seen: on(silent) },
    'unknown interface-not-known',
    'No node answers for 192.0.2.200 on eth0; the L2Advertisements allow',
  ],

  [
    'no node should answer, and none does',
    { ...noElection, seen: on(silent) },
    'ok silent',
    `and none should for default/web: ${why}.`,
  ],
  ['no node should answer, and nothing is known', noElection, 'unknown not-asked', 'No answer for 192.0.2.200 so far'],
  [
    'no node should answer, and one does',
    { ...noElection, seen: on(seen('b')) },
    'unexpected not-announced',
    'Node node-b (b) answers for 192.0.2.200, but no node should: Service default/web has no serving endpoint.',
  ],
  [
    'no node should answer, and two do',
    { ...noElection, seen: on(seen('b', 'c')) },
    'unexpected not-announced',
    'answer for 192.0.2.200, but no node should',
  ],
  [
    'no node should answer for one Service, and one does for another with the address',
    { ...noElection, seen: on(seen('b')), sharedWith: [announcer('node-b')] },
    'ok shared',
    `for another Service with this address; for default/web no node should: ${why}.`,
  ],
  [
    'no node should answer for one Service, and a wrong one does for another',
    { ...noElection, seen: on(seen('c')), sharedWith: [announcer('node-b')] },
    'unexpected not-announced',
    'but no node should',
  ],
  [
    'the configuration of the speaker is unknown',
    { elected: [], reason: { reason: 'noConfig', text: 'node node-a has none' }, seen: on(seen('a')) },
    'unknown config-unknown',
    'Cannot tell which node should answer: node node-a has none.',
  ],
  [
    'no Service has the address, and a station answers',
    { elected: [], service: null, seen: on(seen('x')) },
    'unexpected no-service',
    'but no node should: no Service has this address.',
  ],
];

describe('the verdict when', () => {
  it.each(cases)('%s', (_, some, verdict, text) => {
    const answer = judge(situation(some));
    expect(`${answer.verdict} ${answer.reasonCode}`).toBe(verdict);
    expect(answer.reasonText).toContain(text);
    expect(answer.reasonText).toMatch(/^([A-Z]|x ).*\.$/s);
  });
});

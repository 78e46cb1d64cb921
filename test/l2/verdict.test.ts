import { describe, expect, it } from 'vitest';
import type { Seen } from '../../src/l2/sightings.ts';
import { judge, type L2Situation } from '../../src/l2/verdict.ts';
import { announcer, nodeOf, station } from './support.ts';

const silent: Seen = { owners: [], isSilent: true, askedAt: 0 };
const awaited: Seen = { owners: [], isSilent: false, askedAt: 0 };
/** Whose hardware addresses answer on eth0: `a` is node-a's, `a2` another of node-a's, `x` nobody's. */
const seen = (...macs: string[]): Seen => ({ owners: macs.map((mac) => station(mac)), isSilent: false, askedAt: 0 });
const on = (eth0: Seen, eth1?: Seen): ReadonlyMap<string, Seen> =>
  new Map(Object.entries({ eth0, ...(eth1 && { eth1 }) }));

const question = (some: Partial<L2Situation>): L2Situation => ({
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
const nobody = { elected: [], reason: { reason: 'notOwner', text: why } };

const cases: [string, Partial<L2Situation>, string, string][] = [
  [
    'the elected node answers',
    { seen: on(seen('a')) },
    'ok as-elected',
    'Node node-a (a) answers for 192.0.2.200, as elected.',
  ],
  [
    'the elected node answers with two interfaces',
    { seen: on(seen('a', 'a2')) },
    'ok as-elected',
    'Node node-a (a) and node node-a (a2) answer for 192.0.2.200, as elected.',
  ],
  [
    'another node answers',
    { seen: on(seen('b')) },
    'wrong-node another-node',
    'Node node-b (b) answers for 192.0.2.200, not node node-a, which is elected as long as its speaker is alive.',
  ],
  [
    'two nodes answer',
    { seen: on(seen('a', 'b')) },
    'two-owners two-answers',
    'Node node-a (a) and node node-b (b) answer for 192.0.2.200 at the same time; node node-a is elected.',
  ],
  [
    'two nodes answer, each on a segment of ours',
    { seen: on(seen('a'), seen('b')) },
    'two-owners two-answers',
    'Node node-a (a) and node node-b (b) answer',
  ],
  [
    'a node and somebody answer',
    { seen: on(seen('a', 'x')) },
    'two-owners two-answers',
    'Node node-a (a) and x (no node known) answer',
  ],
  [
    'two strangers answer',
    { seen: on(seen('x', 'y')) },
    'two-owners two-answers',
    'x (no node known) and y (no node known) answer',
  ],
  [
    'somebody answers whom we do not know',
    { seen: on(seen('x')) },
    'unknown mac-not-known',
    'x (no node known) answers for 192.0.2.200: no address of a node resolves to it',
  ],
  [
    'services that share the address elect two nodes',
    { seen: on(seen('a', 'b')), sharedWith: [announcer('node-b')] },
    'two-owners shared-address',
    'services that share the address elect different nodes.',
  ],
  [
    'speakers go by two configurations',
    { seen: on(seen('a', 'b')), elected: [announcer('node-a'), announcer('node-b')] },
    'two-owners stale-config',
    'speakers go by different configurations',
  ],
  [
    'one of two elected nodes answers',
    { seen: on(seen('b')), elected: [announcer('node-a'), announcer('node-b')] },
    'ok as-elected',
    'Node node-b (b) answers',
  ],
  [
    'the node answers that is next when the elected one is not Ready',
    { seen: on(seen('b')), instead: [announcer('node-b')] },
    'ok next-in-line',
    'node node-a would be elected but is not Ready, and node-b is next.',
  ],
  [
    'the elected node answers, though it is not Ready',
    { seen: on(seen('a')), instead: [announcer('node-b')] },
    'ok as-elected',
    'as elected',
  ],

  [
    'nobody answers where the elected node is seen',
    { seen: on(silent) },
    'missing no-answer',
    'Nobody answers for 192.0.2.200 on eth0; node node-a should, and was seen there with its own address.',
  ],
  [
    'nobody answers, and the elected node is not seen',
    { seen: on(silent), interfacesOf: () => [] },
    'unknown node-not-seen',
    'that segment is perhaps not its own',
  ],
  [
    'nobody answers on one segment, the elected node is seen on another',
    { seen: on(silent, awaited), interfacesOf: () => ['eth1'], interfaces: ['eth0', 'eth1'] },
    'unknown not-asked-yet',
    'not asked often enough',
  ],
  [
    'nobody answers but this host itself, perhaps',
    { seen: on(silent), ownNode: 'node-a' },
    'unknown own-host',
    'Node node-a should answer for 192.0.2.200, and is this host, which does not hear its own answers.',
  ],
  [
    'another node answers for this host',
    { seen: on(seen('b')), ownNode: 'node-a' },
    'wrong-node another-node',
    'node-b',
  ],
  ['nobody was asked yet', {}, 'unknown not-asked-yet', 'not asked often enough'],
  [
    'nobody is ever asked',
    { asks: false },
    'unknown not-asked',
    'Nothing was heard of 192.0.2.200 on eth0, and l2.probe is off.',
  ],
  ['nobody asked but the kernel, in vain', { asks: false, seen: on(silent) }, 'missing no-answer', 'Nobody answers'],
  [
    'no interface is watched',
    { interfaces: [] },
    'unknown not-listening',
    'No interface of this host is watched on layer 2',
  ],

  [
    'some interfaces are allowed, and which is ours is not known',
    { ...limited, seen: on(seen('a')) },
    'unknown interface-not-known',
    'say so with nodeInterfaces in l2.interfaces',
  ],
  [
    'an allowed interface answers',
    { ...limited, seen: on(seen('a')), nodeInterfaces: () => ['bond1'] },
    'ok as-elected',
    'as elected',
  ],
  [
    'an interface answers that is not allowed',
    { ...limited, seen: on(seen('a')), nodeInterfaces: () => ['eth7'] },
    'wrong-interface interface-excluded',
    'where its interface is eth7; its L2Advertisements allow bond0, bond1 only.',
  ],
  [
    'another node answers on such an interface',
    { ...limited, seen: on(seen('b')), nodeInterfaces: () => ['eth7'] },
    'wrong-node another-node',
    'not node node-a',
  ],
  [
    'nobody answers where an interface is allowed',
    { ...limited, seen: on(silent), nodeInterfaces: () => ['bond0'] },
    'missing no-answer',
    'Nobody answers',
  ],
  [
    'nobody answers where no interface is allowed',
    { ...limited, seen: on(silent), nodeInterfaces: () => ['eth7'] },
    'unknown excluded-here',
    'Node node-a announces 192.0.2.200 on bond0, bond1 only, which is not the segment of eth0',
  ],
  [
    'nobody answers, and which interface it would be is not known',
    { ...limited, seen: on(silent) },
    'unknown interface-not-known',
    'Nobody answers for 192.0.2.200 on eth0; its L2Advertisements allow',
  ],

  [
    'nobody should, and nobody does',
    { ...nobody, seen: on(silent) },
    'ok silent',
    `and for default/web nobody should: ${why}.`,
  ],
  ['nobody should, and nothing is known', nobody, 'unknown not-asked', 'Nothing was heard of 192.0.2.200 so far'],
  [
    'nobody should, and a node does',
    { ...nobody, seen: on(seen('b')) },
    'unexpected not-announced',
    'Node node-b (b) answers for 192.0.2.200, though nobody should: Service default/web has no serving endpoint.',
  ],
  [
    'nobody should, and two do',
    { ...nobody, seen: on(seen('b', 'c')) },
    'unexpected not-announced',
    'answer for 192.0.2.200, though nobody should',
  ],
  [
    'nobody should for one Service, and a node does for another that shares the address',
    { ...nobody, seen: on(seen('b')), sharedWith: [announcer('node-b')] },
    'ok shared',
    `for a Service that shares it; for default/web nobody should: ${why}.`,
  ],
  [
    'nobody should for one Service, and not the node does that should for another',
    { ...nobody, seen: on(seen('c')), sharedWith: [announcer('node-b')] },
    'unexpected not-announced',
    'though nobody should',
  ],
  [
    'the speaker that should has no configuration that is known',
    { elected: [], reason: { reason: 'noConfig', text: 'node node-a has none' }, seen: on(seen('a')) },
    'unknown config-unknown',
    'Who should answer cannot be said: node node-a has none.',
  ],
  [
    'no Service has the address, and somebody answers',
    { elected: [], service: null, seen: on(seen('x')) },
    'unexpected no-service',
    'though nobody should: no Service has this address.',
  ],
];

describe('the verdict when', () => {
  it.each(cases)('%s', (_, some, verdict, text) => {
    const answer = judge(question(some));
    expect(`${answer.verdict} ${answer.reasonCode}`).toBe(verdict);
    expect(answer.reasonText).toContain(text);
    expect(answer.reasonText).toMatch(/^([A-Z]|x ).*\.$/s);
  });
});

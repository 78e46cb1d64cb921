import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/l2/messages.ts';
import type { EntryState } from '../../src/l2/netlink.ts';
import { maxOwners, maxSightings, Sightings } from '../../src/l2/sightings.ts';

const where = { interface: 'eth0', address: '192.0.2.200' };
const asked = (at: number): Observation => ({ kind: 'asked', ...where, at });
const answered = (mac: string, at: number): Observation => ({
  kind: 'claimed',
  ...where,
  mac,
  via: 'arp',
  isAnnouncement: false,
  at,
});
const announced = (mac: string, at: number): Observation => ({
  kind: 'claimed',
  ...where,
  mac,
  via: 'arp',
  isAnnouncement: true,
  at,
});
const entry = (mac: string | null, state: EntryState, at: number): Observation => ({
  kind: 'entry',
  ...where,
  mac,
  state,
  at,
});

/** `a b`, `silent` or `–` at `now`. Times are ms, probes are sent every 10 s. */
function owners(observations: Observation[], now: number): string {
  const sightings = new Sightings();
  for (const observation of observations) sightings.observe(observation);
  const seen = sightings.of(where.address, now).get(where.interface);
  if (!seen) return 'nothing';
  return seen.isSilent ? 'silent' : seen.owners.map(({ mac }) => mac).join(' ') || '–';
}

describe('the owners of an address are', () => {
  it.each<[string, Observation[], number, string]>([
    ['unknown at first', [], 0, 'nothing'],
    ['unknown right after the first probe', [asked(0)], 100, '–'],
    ['the station that answers', [asked(0), answered('a', 50)], 100, 'a'],
    ['the station that answers twice', [asked(0), answered('a', 50), answered('a', 60)], 100, 'a'],
    ['both stations that answer one probe', [asked(0), answered('a', 50), answered('b', 60)], 100, 'a b'],
    [
      'the later of two stations that answer different probes',
      [asked(0), answered('a', 50), asked(10_000), answered('b', 10_050)],
      10_100,
      'b',
    ],
    ['the last owner while the next answer is due', [asked(0), answered('a', 50), asked(10_000)], 10_500, 'a'],
    ['the last owner after one lost answer', [asked(0), answered('a', 50), asked(10_000)], 12_000, 'a'],
    ['none after two unanswered probes', [asked(0), answered('a', 50), asked(10_000), asked(20_000)], 21_000, 'silent'],
    [
      'the last owner before the second answer is late',
      [asked(0), answered('a', 50), asked(10_000), asked(20_000)],
      20_900,
      'a',
    ],
    ['none if no station ever answered', [asked(0), asked(10_000)], 11_000, 'silent'],
    ['the station that answers again', [asked(0), asked(10_000), asked(20_000), answered('a', 20_100)], 20_200, 'a'],
    ['the station that announces', [announced('a', 0)], 100, 'a'],
    [
      'the station that announces after an answer: the address moved',
      [asked(0), answered('a', 50), announced('b', 300)],
      400,
      'b',
    ],
    [
      'the station that announced, until one answers',
      [asked(0), answered('a', 50), announced('b', 300), asked(10_000)],
      10_500,
      'b',
    ],
    [
      'the station that answers after an announcement',
      [announced('b', 0), asked(10_000), answered('a', 10_050), asked(20_000)],
      20_100,
      'a',
    ],
    ['none long after an announcement', [announced('b', 0), asked(10_000), asked(20_000)], 21_000, 'silent'],
    ['the station that announces after silence', [asked(0), asked(10_000), announced('b', 11_500)], 12_000, 'b'],
    [
      'the station that announced after silence, while its answer is due',
      [asked(0), asked(10_000), announced('b', 11_500), asked(20_000)],
      20_100,
      'b',
    ],
    [
      'none after two more unanswered probes',
      [asked(0), asked(10_000), announced('b', 11_500), asked(20_000), asked(30_000)],
      31_000,
      'silent',
    ],
    // another host probes: an answer from before the move does not count
    [
      'the later of two stations that answer different probes of another host',
      [asked(0), answered('a', 50), answered('b', 4_000)],
      4_100,
      'b',
    ],
    [
      'both stations that answer one probe of another host',
      [asked(0), answered('a', 50), answered('b', 4_000), answered('a', 4_010)],
      4_100,
      'b a',
    ],
  ])('%s', (_, observations, now, expected) => expect(owners(observations, now)).toBe(expected));

  it.each<[string, Observation[], string]>([
    ['the station of a reachable entry', [entry('a', 'reachable', 0)], 'a'],
    ['the station of a stale entry', [entry('a', 'stale', 0)], 'a'],
    ['unknown while the kernel resolves', [entry(null, 'incomplete', 0)], '–'],
    ['none after the kernel failed to resolve', [entry('a', 'reachable', 0), entry(null, 'failed', 10)], 'silent'],
    ['unknown after the entry was garbage collected', [entry('a', 'stale', 0), entry(null, 'none', 10)], '–'],
    ['the station that announced since', [entry('a', 'reachable', 0), announced('b', 10)], 'b'],
    ['the station that the kernel found since', [announced('b', 0), entry('a', 'reachable', 10)], 'a'],
    [
      'the station that announced, if the entry only aged since',
      [entry('a', 'reachable', 0), announced('b', 10), entry('a', 'stale', 20)],
      'b',
    ],
    [
      'the station that answers, with probes',
      [entry('a', 'reachable', 10), asked(20), answered('b', 30), entry('a', 'reachable', 40)],
      'b',
    ],
  ])("from the kernel's table: %s", (_, observations, expected) => expect(owners(observations, 100)).toBe(expected));

  it('are forgotten with the interface and with the address', () => {
    const sightings = new Sightings();
    for (const name of ['eth0', 'eth1']) sightings.observe({ ...answered('a', 0), interface: name });
    expect([...sightings.of(where.address, 0).keys()]).toEqual(['eth0', 'eth1']);
    sightings.keepInterfaces(new Set(['eth1']));
    expect([...sightings.of(where.address, 0).keys()]).toEqual(['eth1']);
    sightings.keepAddresses(() => false);
    expect([...sightings.addresses()]).toEqual([]);
  });
  it('are eight at most', () => {
    const crowd = Array.from({ length: 20 }, (_, i) => answered(`m${i}`, 50));
    expect(owners([asked(0), ...crowd], 100).split(' ')).toHaveLength(8);
  });
});

describe('bounds', () => {
  it('of one probe are at most maxOwners', () => {
    const answers = Array.from({ length: maxOwners + 3 }, (_, i) => answered(`${i}`, 50));
    expect(owners([asked(0), ...answers], 100).split(' ')).toHaveLength(maxOwners);
  });

  it('are unknown beyond maxSightings until other addresses are forgotten', () => {
    const sightings = new Sightings();
    const see = (address: string): number => {
      sightings.observe({ ...answered('a', 50), address } as Observation);
      return sightings.of(address, 100).size;
    };
    for (let i = 0; i < maxSightings; i++) see(`2001:db8::${i.toString(16)}`);
    expect(see('192.0.2.1')).toBe(0);
    sightings.keepAddresses((address) => address !== '2001:db8::0');
    expect(see('192.0.2.1')).toBe(1);
  });
});

/** Arbitrary octets from a segment or the kernel never throw. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/ip.ts';
import { decodeArp, encodeArpProbe } from '../../src/l2/arp.ts';
import type { Observation } from '../../src/l2/messages.ts';
import { decodeNeighborAdvertisement, encodeNeighborSolicitation } from '../../src/l2/ndp.ts';
import { decodeNeighborMessages } from '../../src/l2/netlink.ts';
import { Sightings } from '../../src/l2/sightings.ts';
import { hex } from '../support/hex.ts';

const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 });
const answer = hex(`60000000 0020 3aff 20010db8000000000000000000000011 20010db8000000000000000000000001
  88008a4b60000000 20010db8000000000000000000000011 0201 02000000000a`);
const entry = hex(`4c0000001c000200010000001a5f0000 020000000400000002000001 08000100c000020b 0a00020002000000000a0000
  080004000000000014000300270000002700000027000000 01000000`);
/** The packet with some octets changed, truncated. */
const mutated = (packet: Uint8Array) =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(packet.length - 1), fc.nat(255)), { maxLength: 4 }), fc.nat(packet.length))
    .map(([changes, length]) => {
      const bytes = packet.slice(0, length);
      for (const [at, value] of changes) if (at < length) bytes[at] = value;
      return bytes;
    });

describe('any octets', () => {
  it.each<[string, fc.Arbitrary<Uint8Array>, (bytes: Uint8Array) => unknown]>([
    ['as ARP', fc.uint8Array({ maxLength: 64 }), decodeArp],
    [
      'as Neighbor Advertisement',
      fc.uint8Array({ maxLength: 128 }),
      (bytes) => decodeNeighborAdvertisement(bytes, bytes),
    ],
    [
      'as a corrupted Neighbor Advertisement',
      mutated(answer),
      (bytes) => decodeNeighborAdvertisement(bytes, new Uint8Array(6)),
    ],
    ['as rtnetlink', fc.uint8Array({ maxLength: 256 }), decodeNeighborMessages],
    ['as a corrupted rtnetlink message', mutated(entry), decodeNeighborMessages],
  ])('%s', (_, octets, decode) => {
    fc.assert(fc.property(octets, (bytes) => void decode(bytes)));
  });
});

it('a probe is never a claim', () => {
  fc.assert(
    fc.property(mac, v6, v6, (own, source, target) => {
      expect(decodeArp(encodeArpProbe(own, target.subarray(0, 4)))).toBeUndefined();
      expect(decodeNeighborAdvertisement(encodeNeighborSolicitation(own, source, target), own)).toBeUndefined();
    }),
  );
});

it('a solicitation has a correct checksum', () => {
  fc.assert(
    fc.property(mac, v6, v6, (own, source, target) => {
      const packet = encodeNeighborSolicitation(own, source, target);
      let sum = 32 + 58;
      for (let i = 8; i < packet.length; i += 2) sum += (packet[i]! << 8) | packet[i + 1]!;
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
      expect([sum, formatAddress(packet, 6, 48)]).toEqual([0xffff, formatAddress(target)]);
    }),
  );
});

it('only stations with a claim are owners, and only probed addresses are silent', () => {
  const where = { interface: 'eth0', address: '192.0.2.200' };
  const observation = fc.tuple(
    fc.constantFrom('asked', 'answer', 'announce'),
    fc.constantFrom('a', 'b', 'c'),
    fc.nat(15_000),
  );
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 30 }), fc.nat(30_000), (steps, later) => {
      const sightings = new Sightings();
      let at = 0;
      const claimed = new Set<string>();
      let asked = 0;
      for (const [kind, station, pause] of steps) {
        at += pause;
        if (kind === 'asked') asked++;
        else claimed.add(station);
        const seen: Observation =
          kind === 'asked'
            ? { kind, ...where, at }
            : { kind: 'claimed', ...where, mac: station, via: 'arp', isAnnouncement: kind === 'announce', at };
        sightings.observe(seen);
      }
      const seen = sightings.of(where.address, at + later).get(where.interface);
      for (const owner of seen?.owners ?? []) expect(claimed).toContain(owner.mac);
      if (seen?.isSilent) expect([asked >= 2, seen.owners]).toEqual([true, []]);
      // the station that answered last, moments ago, is an owner
      const last = steps.at(-1);
      if (last && last[0] !== 'asked') expect(seen?.owners.map((owner) => owner.mac)).toContain(last[1]);
    }),
  );
});

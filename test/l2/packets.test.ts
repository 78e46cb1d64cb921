/** Packets captured by tcpdump on a veth pair: of the Linux kernel and of iputils' arping. */
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/ip.ts';
import { decodeArp, encodeArpProbe } from '../../src/l2/arp.ts';
import { formatMac, isStation, parseMac } from '../../src/l2/mac.ts';
import {
  advertisementsOnly,
  decodeNeighborAdvertisement,
  encodeNeighborSolicitation,
  multicastMac,
  solicitedNode,
} from '../../src/l2/ndp.ts';
import { hex } from '../support/hex.ts';

const us = parseMac('02:00:00:00:00:01')!;
const other = parseMac('02:00:00:00:00:0b')!;
const owner = '02:00:00:00:00:0a';

const arp = {
  /** `arping -A` */
  announcingReply: '0001080006040002 02000000000a c00002c8 02000000000a c00002c8',
  /** `arping -U` */
  announcingRequest: '0001080006040001 02000000000a c00002c8 ffffffffffff c00002c8',
  /** `arping -D`: an RFC 5227 probe and the kernel's answer. */
  probe: '0001080006040001 020000000001 00000000 ffffffffffff c00002c8',
  reply: '0001080006040002 02000000000a c00002c8 020000000001 00000000',
};

describe('an ARP packet', () => {
  it.each<[string, string, object | undefined]>([
    ['a gratuitous reply announces', arp.announcingReply, { isAnnouncement: true }],
    ['a gratuitous request announces', arp.announcingRequest, { isAnnouncement: true }],
    ['a reply answers', arp.reply, { isAnnouncement: false }],
    ['a probe makes no claim', arp.probe, undefined],
    ['a request with a sender makes no claim', arp.announcingRequest.replace(/c00002c8$/, 'c00002c9'), undefined],
    ['truncated, is invalid', arp.reply.slice(0, -2), undefined],
    ['of other hardware, is invalid', arp.reply.replace(/^0001/, '0006'), undefined],
    ['of another protocol, is invalid', arp.reply.replace(/^00010800/, '000186dd'), undefined],
    ['with other lengths, is invalid', arp.reply.replace(/^000108000604/, '000108000804'), undefined],
    ['of 0.0.0.0, makes no claim', arp.reply.replace('c00002c8', '00000000'), undefined],
    ['of a group address, makes no claim', arp.reply.replace('02000000000a', '01005e000001'), undefined],
    ['of no hardware address, makes no claim', arp.reply.replace('02000000000a', '000000000000'), undefined],
  ])('%s', (_, octets, claim) => {
    expect(decodeArp(hex(octets))).toEqual(claim && { address: '192.0.2.200', mac: owner, ...claim });
  });
  it('is read with the padding of a minimum frame', () => {
    expect(decodeArp(hex(arp.reply + '00'.repeat(18)))).toMatchObject({ address: '192.0.2.200' });
  });
  it('probes like arping -D, except for the unused target hardware address', () => {
    expect(encodeArpProbe(us, parseAddress('192.0.2.200')!)).toEqual(
      hex(arp.probe.replace('ffffffffffff', '00'.repeat(6))),
    );
  });
});

const ndp = {
  /** The kernel's solicitation and answer. */
  solicitation: `60000000 0020 3aff 20010db8000000000000000000000001 ff0200000000000000000001ff000011
    87001c0900000000 20010db8000000000000000000000011 0101 020000000001`,
  answer: `60000000 0020 3aff 20010db8000000000000000000000011 20010db8000000000000000000000001
    88008a4b60000000 20010db8000000000000000000000011 0201 02000000000a`,
  /** Sent to all with ndisc_notify. */
  announcement: `60000000 0020 3aff fe80000000000000000000fffe00000a ff020000000000000000000000000001
    8800598020000000 fe80000000000000000000fffe00000a 0201 02000000000a`,
};

describe('a Neighbor Advertisement', () => {
  const patch = (octets: string, at: number, value: number): Uint8Array => {
    const bytes = hex(octets);
    bytes[at] = value;
    return bytes;
  };

  it('answers', () => {
    expect(decodeNeighborAdvertisement(hex(ndp.answer), other)).toEqual({
      address: '2001:db8::11',
      mac: owner,
      isAnnouncement: false,
    });
  });
  it('announces if it is unsolicited with Override', () => {
    expect(decodeNeighborAdvertisement(hex(ndp.announcement), other)).toEqual({
      address: 'fe80::ff:fe00:a',
      mac: owner,
      isAnnouncement: true,
    });
  });
  it("without a hardware address claims for its frame's sender", () => {
    const short = hex(ndp.answer).slice(0, 64);
    short[5] = 24;
    // the checksum without the option and with the shorter length
    const sum = 0x8a4b + 0x0201 + 0x0200 + 0x000a + 8;
    short[42] = sum >> 8;
    short[43] = sum & 0xff;
    expect(decodeNeighborAdvertisement(short, other)).toMatchObject({ mac: '02:00:00:00:00:0b' });
  });
  it.each<[string, Uint8Array]>([
    ['is a solicitation', hex(ndp.solicitation)],
    ['came through a router', patch(ndp.answer, 7, 254)],
    ['has a wrong checksum', patch(ndp.answer, 43, 0)],
    ['has a code', patch(ndp.answer, 41, 1)],
    ['is IPv4', patch(ndp.answer, 0, 0x45)],
    ['is not ICMPv6', patch(ndp.answer, 6, 17)],
    ['has a length beyond its end', patch(ndp.answer, 5, 0x28)],
    ['is shorter than an advertisement', patch(ndp.answer, 5, 8)],
    ['is truncated', hex(ndp.answer).slice(0, 60)],
    ['has an option of length 0', patch(ndp.answer, 65, 0)],
    ['has an option beyond its end', patch(ndp.answer, 65, 9)],
    ['is empty', new Uint8Array()],
  ])('makes no claim if it %s', (_, packet) => {
    expect(decodeNeighborAdvertisement(packet, other)).toBeUndefined();
  });
  it("is solicited with the kernel's packet", () => {
    const target = parseAddress('2001:db8::11')!;
    expect(encodeNeighborSolicitation(us, parseAddress('2001:db8::1')!, target)).toEqual(hex(ndp.solicitation));
    expect(formatMac(multicastMac(solicitedNode(target)))).toBe('33:33:ff:00:00:11');
  });
  it("is all that the socket's filter passes", () => {
    const passes = (packet: Uint8Array): boolean => {
      let accumulator = 0;
      for (let at = 0; ; at++) {
        const { code, jt, jf, k } = advertisementsOnly[at]!;
        if (code === 0x30) accumulator = packet[k]!;
        else if (code === 0x15) at += accumulator === k ? jt : jf;
        else return k > 0;
      }
    };
    expect([ndp.answer, ndp.announcement, ndp.solicitation].map((octets) => passes(hex(octets)))).toEqual([
      true,
      true,
      false,
    ]);
    expect(passes(patch(ndp.answer, 6, 17))).toBe(false);
  });
});

describe('a hardware address', () => {
  it.each(['02:00:00:00:00:0a', '02:00:00:00:00:0A'])('%s', (text) => expect(formatMac(parseMac(text)!)).toBe(owner));
  it.each(['', '02:00:00:00:00', '02:00:00:00:00:0g', '02-00-00-00-00-0a'])('is not %s', (text) =>
    expect(parseMac(text)).toBeUndefined(),
  );
  it.each<[string, boolean]>([
    ['02:00:00:00:00:0a', true],
    ['00:00:00:00:00:00', false],
    ['ff:ff:ff:ff:ff:ff', false],
    ['33:33:00:00:00:01', false],
  ])('%s is the address of a station: %s', (text, is) => expect(isStation(parseMac(text)!)).toBe(is));
});

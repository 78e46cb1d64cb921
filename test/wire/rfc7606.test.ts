/** RFC 7606 by attribute: what each error does to the UPDATE, and what of it remains. */
import { describe, expect, test } from 'vitest';
import { isCleanUpdate } from '../../src/wire/check.ts';
import type { UpdateContext } from '../../src/wire/context.ts';
import { SessionError } from '../../src/wire/errors.ts';
import { maxDuplicates } from '../../src/wire/find-attributes.ts';
import { notificationName } from '../../src/wire/iana.ts';
import { decodeUpdate } from '../../src/wire/update.ts';
import * as build from '../support/builders.ts';
import { everything } from '../support/golden.ts';
import { hex } from '../support/hex.ts';

const ebgp = everything(false);
const ibgp = everything(true);
const two: UpdateContext = { ...ebgp, as4: false };

const origin = build.origin('igp');
const asPath = build.asPath([64512]);
const nextHop = build.nextHop('192.0.2.11');
const prefix = '203.0.113.1/32';
const other = '2001:db8::1/128';
const mpReach = build.mpReach(6, { nextHop: '2001:db8::11' }, build.nlri([other]));

/** An attribute from its octets, instead of the good one of the same code. */
function replaced(text: string): Uint8Array[] {
  const bad = hex(text);
  return [...[origin, asPath, nextHop].filter((good) => good[1] !== bad[1]), bad];
}

function outcome(update: Uint8Array, context: UpdateContext): string {
  expect(isCleanUpdate(update, 0, update.length, context)).toBe(false);
  try {
    const { announced, withdrawn, problems } = decodeUpdate(update, 0, update.length, context);
    const routes = `${announced.flatMap((it) => it.routes).length} announced, ${withdrawn.length} withdrawn`;
    return [...problems.map(({ attribute, action, clause }) => `${attribute} ${action} (${clause})`), routes].join(
      '; ',
    );
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return `${notificationName(error.code, error.subcode)} (${error.problem?.clause})`;
  }
}

const withdraw = (code: number, clause: string): string =>
  `${code} treat-as-withdraw (${clause}); 0 announced, 1 withdrawn`;
const discard = (code: number, clause: string): string =>
  `${code} attribute-discard (${clause}); 1 announced, 0 withdrawn`;

describe('an IPv4 route with one bad attribute', () => {
  test.each<[string, string, UpdateContext, string]>([
    ['ORIGIN of length 0', '40 01 00', ebgp, withdraw(1, 'RFC 7606 §7.1')],
    ['ORIGIN of length 2', '40 01 02 0000', ebgp, withdraw(1, 'RFC 7606 §7.1')],
    ['ORIGIN of value 3', '40 01 01 03', ebgp, withdraw(1, 'RFC 7606 §7.1')],
    ['ORIGIN of value 255', '40 01 01 ff', ebgp, withdraw(1, 'RFC 7606 §7.1')],
    ['ORIGIN flagged optional', 'c0 01 01 00', ebgp, withdraw(1, 'RFC 7606 §3(c)')],
    ['ORIGIN flagged non-transitive', '00 01 01 00', ebgp, withdraw(1, 'RFC 7606 §3(c)')],
    ['AS_PATH with segment type 0', '40 02 06 00 01 0000fc00', ebgp, withdraw(2, 'RFC 7606 §7.2')],
    ['AS_PATH with segment type 5', '40 02 06 05 01 0000fc00', ebgp, withdraw(2, 'RFC 7606 §7.2')],
    ['AS_PATH with a segment of length 0', '40 02 08 02 00 02 01 0000fc00', ebgp, withdraw(2, 'RFC 7606 §7.2')],
    ['AS_PATH whose segment overruns', '40 02 06 02 02 0000fc00', ebgp, withdraw(2, 'RFC 7606 §7.2')],
    ['AS_PATH with an octet left over', '40 02 07 02 01 0000fc00 02', ebgp, withdraw(2, 'RFC 7606 §7.2')],
    ['AS_PATH with AS 0 (RFC 7607)', '40 02 0a 02 02 0000fc00 00000000', ebgp, withdraw(2, 'RFC 7606 §7.2')],
    ['AS_PATH with a confederation segment, eBGP', '40 02 06 03 01 0000fc00', ebgp, withdraw(2, 'RFC 7606 §7.2')],
    ['AS_PATH flagged optional', 'c0 02 06 02 01 0000fc00', ebgp, withdraw(2, 'RFC 7606 §3(c)')],
    ['NEXT_HOP of length 0', '40 03 00', ebgp, withdraw(3, 'RFC 7606 §7.3')],
    ['NEXT_HOP of length 3', '40 03 03 c00002', ebgp, withdraw(3, 'RFC 7606 §7.3')],
    ['NEXT_HOP of length 5', '40 03 05 c000020b00', ebgp, withdraw(3, 'RFC 7606 §7.3')],
    ['MULTI_EXIT_DISC of length 3', '80 04 03 000000', ebgp, withdraw(4, 'RFC 7606 §7.4')],
    ['MULTI_EXIT_DISC of length 5', '80 04 05 0000000000', ebgp, withdraw(4, 'RFC 7606 §7.4')],
    ['LOCAL_PREF over eBGP', '40 05 04 00000064', ebgp, discard(5, 'RFC 7606 §7.5')],
    ['LOCAL_PREF of length 3 over eBGP', '40 05 03 000064', ebgp, discard(5, 'RFC 7606 §7.5')],
    ['LOCAL_PREF of length 3 over iBGP', '40 05 03 000064', ibgp, withdraw(5, 'RFC 7606 §7.5')],
    ['ATOMIC_AGGREGATE of length 1', '40 06 01 00', ebgp, discard(6, 'RFC 7606 §7.6')],
    ['ATOMIC_AGGREGATE flagged optional', 'c0 06 00', ebgp, withdraw(6, 'RFC 7606 §3(c)')],
    ['AGGREGATOR of length 6 with four-octet AS', 'c0 07 06 fc00 0a000001', ebgp, discard(7, 'RFC 7606 §7.7')],
    ['AGGREGATOR of length 9', 'c0 07 09 0000fc00 0a00000100', ebgp, discard(7, 'RFC 7606 §7.7')],
    ['AGGREGATOR with AS 0 (RFC 7607)', 'c0 07 08 00000000 0a000001', ebgp, discard(7, 'RFC 7606 §7.7')],
    ['AGGREGATOR of length 8 with two-octet AS', 'c0 07 08 0000fc00 0a000001', two, discard(7, 'RFC 7606 §7.7')],
    ['COMMUNITIES of length 0', 'c0 08 00', ebgp, withdraw(8, 'RFC 7606 §7.8')],
    ['COMMUNITIES of length 5', 'c0 08 05 fc00000100', ebgp, withdraw(8, 'RFC 7606 §7.8')],
    ['COMMUNITIES flagged non-transitive', '80 08 04 fc000001', ebgp, withdraw(8, 'RFC 7606 §3(c)')],
    ['ORIGINATOR_ID over eBGP', '80 09 04 0a000001', ebgp, discard(9, 'RFC 7606 §7.9')],
    ['ORIGINATOR_ID of length 5 over iBGP', '80 09 05 0a00000100', ibgp, withdraw(9, 'RFC 7606 §7.9')],
    ['CLUSTER_LIST over eBGP', '80 0a 04 0a000001', ebgp, discard(10, 'RFC 7606 §7.10')],
    ['CLUSTER_LIST of length 0 over iBGP', '80 0a 00', ibgp, withdraw(10, 'RFC 7606 §7.10')],
    ['CLUSTER_LIST of length 3 over iBGP', '80 0a 03 0a0000', ibgp, withdraw(10, 'RFC 7606 §7.10')],
    ['EXTENDED_COMMUNITIES of length 0', 'c0 10 00', ebgp, withdraw(16, 'RFC 7606 §7.14')],
    ['EXTENDED_COMMUNITIES of length 9', 'c0 10 09 0002fc0000000001 00', ebgp, withdraw(16, 'RFC 7606 §7.14')],
    ['AS4_PATH from a four-octet neighbor', 'c0 11 06 02 01 0000fc00', ebgp, discard(17, 'RFC 6793 §4.1')],
    ['AS4_PATH with segment length 0', 'c0 11 02 02 00', two, discard(17, 'RFC 6793 §6')],
    ['AS4_AGGREGATOR from a four-octet neighbor', 'c0 12 08 0000fc00 0a000001', ebgp, discard(18, 'RFC 6793 §4.1')],
    ['AS4_AGGREGATOR of length 7', 'c0 12 07 0000fc000a0000', two, discard(18, 'RFC 6793 §6')],
    ['IPv6 EXTENDED_COMMUNITIES of length 0', 'c0 19 00', ebgp, withdraw(25, 'RFC 7606 §7.15')],
    ['IPv6 EXTENDED_COMMUNITIES of length 21', `c0 19 15 ${'00'.repeat(21)}`, ebgp, withdraw(25, 'RFC 7606 §7.15')],
    ['AIGP with a TLV of length 2', '80 1a 03 01 0002', ebgp, discard(26, 'RFC 7311 §3.2')],
    ['AIGP whose TLV overruns', '80 1a 0b 01 000c 0000000000000001', ebgp, discard(26, 'RFC 7311 §3.2')],
    ['AIGP flagged transitive', 'c0 1a 0b 01 000b 0000000000000001', ebgp, discard(26, 'RFC 7606 §3(c)')],
    ['LARGE_COMMUNITY of length 0', 'c0 20 00', ebgp, withdraw(32, 'RFC 8092 §6')],
    ['LARGE_COMMUNITY of length 13', `c0 20 0d ${'00'.repeat(13)}`, ebgp, withdraw(32, 'RFC 8092 §6')],
    ['LARGE_COMMUNITY flagged non-transitive', `80 20 0c ${'01'.repeat(12)}`, ebgp, withdraw(32, 'RFC 7606 §3(c)')],
    ['ONLY_TO_CUSTOMER of length 3', 'c0 23 03 00fc00', ebgp, withdraw(35, 'RFC 9234 §5')],
    ['ONLY_TO_CUSTOMER of length 5', 'c0 23 05 0000fc0000', ebgp, withdraw(35, 'RFC 9234 §5')],
    ['a header cut after its flags', '40', ebgp, withdraw(0, 'RFC 7606 §4')],
    ['a header cut before its length', 'c0 08', ebgp, withdraw(8, 'RFC 7606 §4')],
    ['an extended length cut in half', 'd0 08 00', ebgp, withdraw(8, 'RFC 7606 §4')],
    ['a length that overruns', 'c0 08 05 fc000001', ebgp, withdraw(8, 'RFC 7606 §4')],
    [
      'an unknown well-known attribute',
      '40 63 00',
      ebgp,
      'update-message-error/unrecognized-well-known-attribute (RFC 4271 §6.3)',
    ],
    [
      'MP_REACH_NLRI that ends in its AFI',
      '80 0e 01 00',
      ebgp,
      'update-message-error/optional-attribute-error (RFC 7606 §7.11)',
    ],
    [
      'MP_REACH_NLRI with a next hop of 9',
      `80 0e 0e 0002 01 09 ${'00'.repeat(10)}`,
      ebgp,
      'update-message-error/optional-attribute-error (RFC 7606 §7.11)',
    ],
    [
      'MP_REACH_NLRI with a next hop of 24',
      `80 0e 1d 0002 01 18 ${'00'.repeat(25)}`,
      ebgp,
      'update-message-error/optional-attribute-error (RFC 7606 §7.11)',
    ],
    [
      'MP_REACH_NLRI whose next hop overruns',
      '80 0e 06 0002 01 10 2001',
      ebgp,
      'update-message-error/optional-attribute-error (RFC 7606 §7.11)',
    ],
    [
      'MP_REACH_NLRI with a /129',
      `80 0e 26 0002 01 10 ${'00'.repeat(17)} 81 ${'00'.repeat(16)}`,
      ebgp,
      'update-message-error/optional-attribute-error (RFC 7606 §7.11)',
    ],
    [
      'MP_UNREACH_NLRI that ends in its AFI',
      '80 0f 01 00',
      ebgp,
      'update-message-error/optional-attribute-error (RFC 7606 §7.12)',
    ],
    [
      'MP_UNREACH_NLRI with a cut prefix',
      '80 0f 05 0002 01 20 20',
      ebgp,
      'update-message-error/optional-attribute-error (RFC 7606 §7.12)',
    ],
  ])('%s', (_, bad, context, expected) => {
    const attributes = context.as4
      ? replaced(bad)
      : replaced(bad).map((good) => (good === asPath ? build.asPath([64512], false) : good));
    expect(outcome(build.update({ attributes, nlri: build.nlri([prefix]) }), context)).toBe(expected);
  });
});

describe('an UPDATE as a whole', () => {
  const nlri = build.nlri([prefix]);
  const cases: [string, Uint8Array, string, UpdateContext?][] = [
    ['ORIGIN missing', build.update({ attributes: [asPath, nextHop], nlri }), withdraw(1, 'RFC 7606 §3(d)')],
    ['AS_PATH missing', build.update({ attributes: [origin, nextHop], nlri }), withdraw(2, 'RFC 7606 §3(d)')],
    ['NEXT_HOP missing', build.update({ attributes: [origin, asPath], nlri }), withdraw(3, 'RFC 7606 §3(d)')],
    [
      'no attributes, but routes',
      build.update({ nlri }),
      '1 treat-as-withdraw (RFC 7606 §3(d)); 2 treat-as-withdraw (RFC 7606 §3(d)); 3 treat-as-withdraw (RFC 7606 §3(d)); 0 announced, 1 withdrawn',
    ],
    [
      'ORIGIN missing beside MP_REACH_NLRI',
      build.update({ attributes: [mpReach, asPath] }),
      withdraw(1, 'RFC 7606 §3(d)'),
    ],
    [
      'an attribute twice: the first counts',
      build.update({ attributes: [origin, asPath, nextHop, build.origin('egp')], nlri }),
      discard(1, 'RFC 7606 §3(g)'),
    ],
    [
      'MP_REACH_NLRI twice',
      build.update({ attributes: [mpReach, mpReach, origin, asPath] }),
      'update-message-error/malformed-attribute-list (RFC 7606 §3(g))',
    ],
    [
      'MP_REACH_NLRI with wrong flags withdraws its routes',
      build.update({
        attributes: [
          hex('c0 0e 26 0002 01 10 20010db8000000000000000000000011 00 80 20010db8000000000000000000000001'),
          origin,
          asPath,
        ],
      }),
      withdraw(14, 'RFC 7606 §3(c)'),
    ],
    [
      'a bad attribute withdraws the routes of both kinds',
      build.update({ attributes: [mpReach, hex('40 01 01 03'), asPath, nextHop], nlri }),
      '1 treat-as-withdraw (RFC 7606 §7.1); 0 announced, 2 withdrawn',
    ],
    [
      'a bad attribute without any route',
      build.update({ attributes: [hex('40 01 01 03'), asPath, nextHop] }),
      'update-message-error/malformed-attribute-list (RFC 7606 §5.2)',
    ],
    [
      'MP_UNREACH_NLRI alone with wrong flags still withdraws',
      build.update({ attributes: [hex('c0 0f 14 0002 01 80 20010db8000000000000000000000001')] }),
      withdraw(15, 'RFC 7606 §3(c)'),
    ],
    [
      'a discarded attribute without any route',
      build.update({ attributes: [hex('40 06 01 00')] }),
      '6 attribute-discard (RFC 7606 §7.6); 0 announced, 0 withdrawn',
    ],
    [
      'withdrawn length beyond the message',
      build.message(2, hex('0005 0000')),
      'update-message-error/malformed-attribute-list (RFC 7606 §3(b))',
    ],
    [
      'attributes length beyond the message',
      build.message(2, hex('0000 0005 4001')),
      'update-message-error/malformed-attribute-list (RFC 7606 §3(b))',
    ],
    [
      'no room for the attributes length',
      build.message(2, hex('0001 0000')),
      'update-message-error/malformed-attribute-list (RFC 7606 §3(b))',
    ],
    [
      'an announced /33',
      build.update({ attributes: [origin, asPath, nextHop], nlri: hex('21 cb00710100') }),
      'update-message-error/invalid-network-field (RFC 7606 §5.3)',
    ],
    [
      'an announced prefix cut short',
      build.update({ attributes: [origin, asPath, nextHop], nlri: hex('20 cb0071') }),
      'update-message-error/invalid-network-field (RFC 7606 §5.3)',
    ],
    [
      'a withdrawn /255',
      build.update({ withdrawn: hex('ff cb007101') }),
      'update-message-error/invalid-network-field (RFC 7606 §5.3)',
    ],
    [
      'a path identifier cut short',
      build.update({ withdrawn: hex('0000 01') }),
      'update-message-error/invalid-network-field (RFC 7606 §5.3)',
      { ...ebgp, addPath4: true },
    ],
    [
      'IPv6 routes that were not negotiated',
      build.update({ attributes: [mpReach, origin, asPath] }),
      '14 attribute-discard (RFC 4760 §8); 0 announced, 0 withdrawn',
      { ...ebgp, ipv6: false },
    ],
    [
      'routes of a family nobody asked for',
      build.update({ attributes: [hex('80 0e 09 0001 80 04 c000020b 00'), origin, asPath] }),
      '14 attribute-discard (RFC 4760 §8); 0 announced, 0 withdrawn',
    ],
    [
      'IPv4 routes that were not negotiated',
      build.update({ attributes: [origin, asPath, nextHop], nlri }),
      withdraw(0, 'RFC 4760 §8'),
      { ...ebgp, ipv4: false },
    ],
    [
      'an IPv6 next hop of an IPv4 route that was not negotiated',
      build.update({ attributes: [build.mpReach(4, { nextHop: '2001:db8::11' }, nlri), origin, asPath] }),
      'update-message-error/optional-attribute-error (RFC 7606 §7.11)',
      { ...ebgp, extendedNextHop: false },
    ],
    // NEXT_HOP says 4 octets, 16 follow
    [
      'MetalLB native with an IPv6 next hop',
      build.update({
        attributes: [
          origin,
          asPath,
          hex('40 03 04 20010db8 00000000 00000000 00000011'),
          build.communities(['64512:1']),
        ],
        nlri,
      }),
      withdraw(3, 'RFC 7606 §7.3'),
    ],
  ];
  test.each(cases)('%s', (_, update, expected, context = ebgp) => {
    expect(outcome(update, context)).toBe(expected);
  });

  test('a problem names the octet where it is', () => {
    const update = build.update({ attributes: [origin, asPath, nextHop, hex('c0 08 05 fc00000100')], nlri });
    const [problem] = decodeUpdate(update, 0, update.length, ebgp).problems;
    expect([...update.subarray(problem!.offset, problem!.offset + 3)]).toEqual([0xc0, 8, 5]);
    expect(problem!.text).toBe('COMMUNITIES: length 5 is not a non-zero multiple of 4');
  });

  test('a reset carries the attribute that caused it', () => {
    const update = build.update({ attributes: [origin, asPath, hex('40 63 01 07')], nlri });
    const error = caught(() => decodeUpdate(update, 0, update.length, ebgp));
    expect([...error.data]).toEqual([0x40, 0x63, 1, 7]);
    expect(error.problem).toMatchObject({ attribute: 0x63, action: 'session-reset' });
  });
});

function caught(run: () => unknown): SessionError {
  try {
    run();
  } catch (error) {
    if (error instanceof SessionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('thousands of repeated attributes are a bounded number of problems', () => {
  const repeated = Array.from({ length: 1_000 }, () => build.attribute(99, 0xc0, [1]));
  const update = build.update({ attributes: [origin, asPath, nextHop, ...repeated], nlri: build.nlri([prefix]) });
  const { problems, announced } = decodeUpdate(update, 0, update.length, ebgp);
  expect([problems.length, announced.length]).toEqual([maxDuplicates, 1]);
});

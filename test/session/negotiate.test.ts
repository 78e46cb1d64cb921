import { describe, expect, test } from 'vitest';
import { negotiate, updateContext } from '../../src/session/negotiate.ts';
import { ourOpen } from '../../src/session/open.ts';
import type { Negotiated } from '../../src/session/types.ts';
import {
  addPath,
  announce,
  as4,
  enhancedRouteRefresh,
  extendedNextHop,
  gracefulRestart,
  multiprotocol,
  routeRefresh,
} from '../../src/wire/capabilities.ts';
import { SessionError } from '../../src/wire/errors.ts';
import { notificationName } from '../../src/wire/iana.ts';
import type { Open } from '../../src/wire/open.ts';
import { bare, family, ipv4, ipv6, peerOpen, peerOpenWith, settings } from '../support/session.ts';

type RemoteAsn = Parameters<typeof negotiate>[2];

/** The agreement, or the name of the error. */
function outcome(theirs: Open, remoteAsn: RemoteAsn = 64512, ours = ourOpen(settings)): Negotiated | string {
  const result = negotiate(ours, theirs, remoteAsn);
  return result instanceof SessionError ? notificationName(result.code, result.subcode) : result;
}

const agreed = expect.objectContaining({ as4: true });
const badAs = 'open-message-error/bad-peer-as';

describe('the AS number', () => {
  test.each<[string, Open, RemoteAsn, unknown]>([
    ['that was expected', peerOpen(), 64512, agreed],
    ['that was not expected', peerOpen({ asn: 64513 }), 64512, badAs],
    ['of four octets that was expected', peerOpen({ asn: 4200000000 }), 4200000000, agreed],
    ['of anybody', peerOpen({ asn: 64513 }), 'any', agreed],
    ['of ourselves, where any is welcome', peerOpen({ asn: 64500 }), 'any', agreed],
    ['of somebody else, external', peerOpen(), 'external', agreed],
    ['of ourselves, external', peerOpen({ asn: 64500 }), 'external', badAs],
    ['of ourselves, internal', peerOpen({ asn: 64500 }), 'internal', agreed],
    ['of somebody else, internal', peerOpen(), 'internal', badAs],
    ['0 in the header (RFC 7607)', peerOpen({ asn: 0, myAs: 0 }), 'any', badAs],
    ['0 in the capability (RFC 7607)', peerOpen({ asn: 0, myAs: 23456 }), 'any', badAs],
    ['that differs between header and capability', peerOpen({ asn: 64512, myAs: 64513 }), 'any', badAs],
    ['of two octets behind AS_TRANS', peerOpen({ asn: 64512, myAs: 23456 }), 64512, agreed],
  ])('%s', (_, theirs, remoteAsn, expected) => {
    expect(outcome(theirs, remoteAsn)).toEqual(expected);
  });
});

describe('the BGP Identifier', () => {
  test.each<[string, Open, unknown]>([
    ['of ours in another AS is fine (RFC 6286)', peerOpen({ routerId: settings.routerId }), agreed],
    [
      'of ours in our AS is not',
      peerOpen({ routerId: settings.routerId, asn: 64500 }),
      'open-message-error/bad-bgp-identifier',
    ],
    ['0.0.0.0 is let in', peerOpen({ routerId: '0.0.0.0' }), agreed],
  ])('%s', (_, theirs, expected) => {
    expect(outcome(theirs, 'any')).toEqual(expected);
  });
});

describe('the hold time', () => {
  test.each<[number, number, number | string]>([
    [90, 9, 9],
    [9, 90, 9],
    [90, 3, 3],
    [90, 0, 0],
    [0, 90, 0],
    [90, 1, 'open-message-error/unacceptable-hold-time'],
    [90, 2, 'open-message-error/unacceptable-hold-time'],
  ])('we offer %i s, they %i s: %s', (ours, theirs, expected) => {
    const result = outcome(peerOpen({ holdTime: theirs }), 64512, ourOpen({ ...settings, holdTime: ours }));
    expect(typeof result === 'string' ? result : result.holdTime).toBe(expected);
  });
});

describe('what is agreed on', () => {
  test.each<[string, Open, Partial<Negotiated>]>([
    ['both families', peerOpen(), { families: [4, 6], as4: true, routeRefresh: true, enhancedRouteRefresh: false }],
    ['one family', peerOpen({ capabilities: [ipv6] }), { families: [6], as4: false, routeRefresh: false }],
    ['IPv4 when nothing is announced', peerOpen({ capabilities: [] }), { families: [4] }],
    [
      'no family that we speak',
      peerOpen({ capabilities: [announce(multiprotocol, family(1, 128))] }),
      { families: [] },
    ],
    ['extended messages, as we announced them', peerOpen(), { extendedMessage: true }],
    ['enhanced route refresh', peerOpenWith(bare(enhancedRouteRefresh)), { enhancedRouteRefresh: true }],
    [
      'no enhanced route refresh without the plain one',
      peerOpen({ capabilities: [ipv4, bare(enhancedRouteRefresh)] }),
      { enhancedRouteRefresh: false },
    ],
    [
      'IPv6 next hops of IPv4',
      peerOpenWith(announce(extendedNextHop, [{ ...family(1), nextHopAfi: 2 }])),
      { extendedNextHop: true },
    ],
    [
      'no IPv6 next hops of VPN routes',
      peerOpenWith(announce(extendedNextHop, [{ ...family(1, 128), nextHopAfi: 2 }])),
      { extendedNextHop: false },
    ],
    [
      'path identifiers of who sends them',
      peerOpenWith(
        announce(addPath, [
          { ...family(1), mode: 'send' },
          { ...family(2), mode: 'both' },
        ]),
      ),
      { addPath: [4, 6] },
    ],
    [
      'no path identifiers of who only receives them',
      peerOpenWith(announce(addPath, [{ ...family(1), mode: 'receive' }])),
      { addPath: [] },
    ],
    [
      'no path identifiers of a family that is not common',
      peerOpen({ capabilities: [ipv4, announce(addPath, [{ ...family(2), mode: 'send' }])] }),
      { addPath: [] },
    ],
    [
      'graceful restart of families that we speak',
      peerOpenWith(
        announce(gracefulRestart, {
          restartTime: 120,
          restarting: true,
          notification: true,
          families: [
            { ...family(1), forwarding: true },
            { ...family(1, 128), forwarding: false },
          ],
        }),
      ),
      {
        gracefulRestart: {
          restartTime: 120,
          restarting: true,
          notification: true,
          families: [{ family: 4, forwarding: true }],
        },
      },
    ],
  ])('%s', (_, theirs, expected) => {
    expect(outcome(theirs)).toMatchObject(expected);
  });

  test('is no graceful restart when it was not announced', () => {
    expect(outcome(peerOpen())).not.toHaveProperty('gracefulRestart');
  });

  test('is how UPDATEs are read', () => {
    const theirs = peerOpen({
      capabilities: [
        ipv6,
        bare(routeRefresh),
        announce(as4, { asn: 64512 }),
        announce(addPath, [{ ...family(2), mode: 'send' }]),
      ],
    });
    expect(updateContext(outcome(theirs) as Negotiated, true)).toEqual({
      as4: true,
      ibgp: true,
      ipv4: false,
      ipv6: true,
      addPath4: false,
      addPath6: true,
      extendedNextHop: false,
    });
  });
});

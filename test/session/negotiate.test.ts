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

/** The negotiated settings, or the name of the error. */
function outcome(theirs: Open, remoteAsn: RemoteAsn = 64512, ours = ourOpen(settings)): Negotiated | string {
  const result = negotiate(ours, theirs, remoteAsn);
  return result instanceof SessionError ? notificationName(result.code, result.subcode) : result;
}

const agreed = expect.objectContaining({ as4: true });
const badAs = 'open-message-error/bad-peer-as';

describe('the AS number', () => {
  test.each<[string, Open, RemoteAsn, unknown]>([
    ['expected', peerOpen(), 64512, agreed],
    ['not expected', peerOpen({ asn: 64513 }), 64512, badAs],
    ['of four octets, expected', peerOpen({ asn: 4200000000 }), 4200000000, agreed],
    ['any, with any allowed', peerOpen({ asn: 64513 }), 'any', agreed],
    ['ours, with any allowed', peerOpen({ asn: 64500 }), 'any', agreed],
    ['of another AS, with external allowed', peerOpen(), 'external', agreed],
    ['ours, with external allowed', peerOpen({ asn: 64500 }), 'external', badAs],
    ['ours, with internal allowed', peerOpen({ asn: 64500 }), 'internal', agreed],
    ['of another AS, with internal allowed', peerOpen(), 'internal', badAs],
    ['0 in the header (RFC 7607)', peerOpen({ asn: 0, myAs: 0 }), 'any', badAs],
    ['0 in the capability (RFC 7607)', peerOpen({ asn: 0, myAs: 23456 }), 'any', badAs],
    ['different in header and capability', peerOpen({ asn: 64512, myAs: 64513 }), 'any', badAs],
    ['of two octets with AS_TRANS in the header', peerOpen({ asn: 64512, myAs: 23456 }), 64512, agreed],
  ])('%s', (_, theirs, remoteAsn, expected) => {
    expect(outcome(theirs, remoteAsn)).toEqual(expected);
  });
});

describe('the BGP Identifier', () => {
  test.each<[string, Open, unknown]>([
    ['equal to ours in another AS is accepted (RFC 6286)', peerOpen({ routerId: settings.routerId }), agreed],
    [
      'equal to ours in our AS is rejected',
      peerOpen({ routerId: settings.routerId, asn: 64500 }),
      'open-message-error/bad-bgp-identifier',
    ],
    ['0.0.0.0 is accepted', peerOpen({ routerId: '0.0.0.0' }), agreed],
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

describe('the negotiated settings', () => {
  test.each<[string, Open, Partial<Negotiated>]>([
    ['both families', peerOpen(), { families: [4, 6], as4: true, routeRefresh: true, enhancedRouteRefresh: false }],
    ['one family', peerOpen({ capabilities: [ipv6] }), { families: [6], as4: false, routeRefresh: false }],
    ['IPv4 without multiprotocol capabilities', peerOpen({ capabilities: [] }), { families: [4] }],
    ['no common family', peerOpen({ capabilities: [announce(multiprotocol, family(1, 128))] }), { families: [] }],
    ['extended messages, since we announce them', peerOpen(), { extendedMessage: true }],
    ['enhanced route refresh', peerOpenWith(bare(enhancedRouteRefresh)), { enhancedRouteRefresh: true }],
    [
      'no enhanced route refresh without route refresh',
      peerOpen({ capabilities: [ipv4, bare(enhancedRouteRefresh)] }),
      { enhancedRouteRefresh: false },
    ],
    [
      'IPv6 next hops for IPv4',
      peerOpenWith(announce(extendedNextHop, [{ ...family(1), nextHopAfi: 2 }])),
      { extendedNextHop: true },
    ],
    [
      'no IPv6 next hops for VPN routes',
      peerOpenWith(announce(extendedNextHop, [{ ...family(1, 128), nextHopAfi: 2 }])),
      { extendedNextHop: false },
    ],
    [
      'path identifiers from a neighbor that sends them',
      peerOpenWith(
        announce(addPath, [
          { ...family(1), mode: 'send' },
          { ...family(2), mode: 'both' },
        ]),
      ),
      { addPath: [4, 6] },
    ],
    [
      'no path identifiers from a neighbor that only receives them',
      peerOpenWith(announce(addPath, [{ ...family(1), mode: 'receive' }])),
      { addPath: [] },
    ],
    [
      'no path identifiers for a family that is not common',
      peerOpen({ capabilities: [ipv4, announce(addPath, [{ ...family(2), mode: 'send' }])] }),
      { addPath: [] },
    ],
    [
      'graceful restart for common families',
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

  test('have no graceful restart if the neighbor does not announce it', () => {
    expect(outcome(peerOpen())).not.toHaveProperty('gracefulRestart');
  });

  test('become the context for reading UPDATEs', () => {
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

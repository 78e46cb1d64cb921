/** The result of each event in each state, and what is sent. */
import { describe, expect, test } from 'vitest';
import { type Action, type Event, initialState, type State, step } from '../../src/session/fsm.ts';
import type { RetainRoutes } from '../../src/session/types.ts';
import { announce, enhancedRouteRefresh, gracefulRestart } from '../../src/wire/capabilities.ts';
import { SessionError } from '../../src/wire/errors.ts';
import { notificationName } from '../../src/wire/iana.ts';
import type { Open } from '../../src/wire/open.ts';
import { bare, family, peerOpen, peerOpenWith, settings } from '../support/session.ts';

const start: Event = { kind: 'start' };
const accepted: Event = { kind: 'accepted' };
const keepalive: Event = { kind: 'received', message: { kind: 'keepalive' } };
const update: Event = { kind: 'received', message: { kind: 'update' } };
const openOf = (open: Open): Event => ({ kind: 'received', message: open });
const open = openOf(peerOpen());
const notified = (code: number, subcode: number): Event => ({
  kind: 'received',
  message: { kind: 'notification', code, subcode, data: new Uint8Array(0) },
});
const refresh = (afi: number, subtype: 'request' | 'begin' | 'unknown' = 'request'): Event => ({
  kind: 'received',
  message: { kind: 'route-refresh', afi, safi: 1, subtype },
});
const expired = (timer: 'hold' | 'keepalive' | 'send-hold'): Event => ({ kind: 'expired', timer });
const closed: Event = { kind: 'closed', text: 'the neighbor closed the connection' };
const stop = (subcode: number): Event => ({ kind: 'stop', subcode, text: 'maintenance' });

const ways: Record<State['name'], Event[]> = {
  idle: [],
  active: [start],
  'open-sent': [start, accepted],
  'open-confirm': [start, accepted, open],
  established: [start, accepted, open, keepalive],
};

function reached(events: Event[]): State {
  return events.reduce<State>((state, event) => step(state, event)[0], initialState(settings));
}

/** State and actions as short text, without delivered events. */
function answer(state: State, event: Event): string {
  const [next, actions] = step(state, event);
  return [next.name, ...actions.flatMap(describeAction)].join(', ');
}

function describeAction(action: Action): string[] {
  switch (action.kind) {
    case 'send': {
      const { message } = action;
      if (message.kind === 'notification') return [`send ${notificationName(message.code, message.subcode)}`];
      if (message.kind === 'route-refresh') return [`send ${message.subtype}`];
      return [message.kind === 'end-of-rib' ? `send end of IPv${message.family}` : `send ${message.kind}`];
    }
    case 'start-timer':
      return [`${action.timer} ${action.seconds}`];
    case 'close':
      return ['close'];
    default:
      return [];
  }
}

describe('establishing a session', () => {
  test.each<[State['name'], string, Event, string]>([
    ['idle', 'start', start, 'active'],
    ['active', 'a connection', accepted, 'open-sent, send open, hold 240'],
    ['open-sent', 'an OPEN', open, 'open-confirm, send keepalive, keepalive 30, hold 90'],
    [
      'open-sent',
      'an OPEN with hold time 9',
      openOf(peerOpen({ holdTime: 9 })),
      'open-confirm, send keepalive, keepalive 3, hold 9',
    ],
    [
      'open-sent',
      'an OPEN with hold time 0',
      openOf(peerOpen({ holdTime: 0 })),
      'open-confirm, send keepalive, keepalive 0, hold 0',
    ],
    ['open-confirm', 'a KEEPALIVE', keepalive, 'established, hold 90, send-hold 480'],
    ['open-confirm', 'its keepalive timer', expired('keepalive'), 'open-confirm, send keepalive, keepalive 30'],
    ['established', 'a KEEPALIVE', keepalive, 'established, hold 90'],
    ['established', 'an UPDATE', update, 'established, hold 90'],
    ['established', 'its keepalive timer', expired('keepalive'), 'established, send keepalive, keepalive 30'],
    ['established', 'octets sent', { kind: 'sent' }, 'established, send-hold 480'],
    ['established', 'a refresh request', refresh(1), 'established'],
  ])('%s: %s', (name, _, event, expected) => {
    expect(answer(reached(ways[name]), event)).toBe(expected);
  });

  test('a long hold time gives a long send hold time (RFC 9687)', () => {
    const long = initialState({ ...settings, holdTime: 600 });
    const state = [start, accepted, openOf(peerOpen({ holdTime: 600 }))].reduce<State>(
      (it, event) => step(it, event)[0],
      long,
    );
    expect(answer(state, keepalive)).toBe('established, hold 600, send-hold 1200');
  });
});

describe('unexpected events', () => {
  const fsm = (state: string) => `idle, send fsm-error/unexpected-message-in-${state}, close`;
  test.each<[State['name'], string, Event, string]>([
    ['idle', 'a message', update, 'idle'],
    ['idle', 'a timer', expired('hold'), 'idle'],
    ['idle', 'a stop', stop(2), 'idle'],
    ['active', 'a message', open, 'active'],
    ['active', 'a stop', stop(2), 'idle'],
    ['open-sent', 'a KEEPALIVE', keepalive, fsm('open-sent')],
    ['open-sent', 'an UPDATE', update, fsm('open-sent')],
    ['open-sent', 'a ROUTE-REFRESH', refresh(1), fsm('open-sent')],
    ['open-confirm', 'an OPEN', open, fsm('open-confirm')],
    ['open-confirm', 'an UPDATE', update, fsm('open-confirm')],
    ['open-confirm', 'a ROUTE-REFRESH', refresh(1), fsm('open-confirm')],
    ['established', 'an OPEN', open, fsm('established')],
    ['open-sent', 'a second connection', accepted, 'open-sent'],
    ['established', 'a start', start, 'established'],
    ['open-sent', 'a keepalive timer', expired('keepalive'), 'open-sent'],
  ])('%s: %s', (name, _, event, expected) => {
    expect(answer(reached(ways[name]), event)).toBe(expected);
  });
});

describe('ending a session', () => {
  test.each<[State['name'], string, Event, string]>([
    ['open-sent', 'a NOTIFICATION', notified(2, 2), 'idle, close'],
    [
      'open-sent',
      'an OPEN of the wrong AS',
      openOf(peerOpen({ asn: 64513 })),
      'idle, send open-message-error/bad-peer-as, close',
    ],
    ['open-sent', 'its hold timer', expired('hold'), 'idle, send hold-timer-expired, close'],
    [
      'open-sent',
      'garbage',
      { kind: 'failed', error: new SessionError(1, 1, 'garbage') },
      'idle, send message-header-error/connection-not-synchronized, close',
    ],
    ['open-sent', 'a TCP close', closed, 'idle, close'],
    ['open-confirm', 'a NOTIFICATION', notified(6, 2), 'idle, close'],
    ['open-confirm', 'its hold timer', expired('hold'), 'idle, send hold-timer-expired, close'],
    ['established', 'a NOTIFICATION', notified(6, 4), 'idle, close'],
    ['established', 'its hold timer', expired('hold'), 'idle, send hold-timer-expired, close'],
    ['established', 'its send hold timer, without a NOTIFICATION', expired('send-hold'), 'idle, close'],
    [
      'established',
      'an UPDATE that must end the session',
      { kind: 'failed', error: new SessionError(3, 10, 'a /33') },
      'idle, send update-message-error/invalid-network-field, close',
    ],
    ['established', 'a stop', stop(2), 'idle, send cease/administrative-shutdown, close'],
  ])('%s: %s', (name, _, event, expected) => {
    expect(answer(reached(ways[name]), event)).toBe(expected);
  });
});

function delivered(state: State, event: Event) {
  return step(state, event)[1].flatMap((action) => (action.kind === 'deliver' ? [action.event] : []));
}

describe('delivers', () => {
  test('the negotiated settings', () => {
    expect(delivered(reached(ways['open-confirm']), keepalive)).toMatchObject([
      { kind: 'state', from: 'open-confirm', to: 'established', asn: 64512 },
      {
        kind: 'established',
        localAsn: 64500,
        sent: { asn: 64500 },
        received: { asn: 64512 },
        negotiated: { holdTime: 90 },
      },
    ]);
  });

  test.each<[string, Event, object]>([
    [
      'our NOTIFICATION',
      stop(2),
      {
        direction: 'sent',
        code: 'cease/administrative-shutdown',
        text: 'maintenance',
        notification: { code: 6, subcode: 2, data: '0b6d61696e74656e616e6365', shutdownText: 'maintenance' },
      },
    ],
    [
      'theirs',
      notified(6, 10),
      { direction: 'received', code: 'cease/bfd-down', text: 'the neighbor sent cease/bfd-down' },
    ],
    ['TCP', closed, { direction: 'local', code: 'connection-closed', text: 'the neighbor closed the connection' }],
    ['send hold', expired('send-hold'), { direction: 'local', code: 'send-hold-timer-expired' }],
  ])('the reason of the end: %s', (_, event, reason) => {
    expect(delivered(reached(ways.established), event)).toMatchObject([
      { kind: 'down', from: 'established', asn: 64512, reason },
      { kind: 'state', from: 'established', to: 'idle' },
    ]);
  });

  test('the rejected AS number', () => {
    expect(delivered(reached(ways['open-sent']), openOf(peerOpen({ asn: 64513 })))[0]).toMatchObject({
      kind: 'down',
      asn: 64513,
      reason: { text: 'AS 64513, expected 64512' },
    });
  });
});

describe('routes are kept after the end (RFC 4724, RFC 8538)', () => {
  const restart = (notification: boolean, forFamily: number[] = [1]) =>
    announce(gracefulRestart, {
      restartTime: 120,
      restarting: false,
      notification,
      families: forFamily.map((afi) => ({ ...family(afi), forwarding: true })),
    });
  const plain = [restart(false)];
  const withN = [restart(true)];
  const failed: Event = { kind: 'failed', error: new SessionError(3, 1, 'malformed') };
  test.each<[RetainRoutes, string, Open['capabilities'], Event]>([
    [false, 'TCP closes, no graceful restart', [], closed],
    [true, 'TCP closes', plain, closed],
    [true, 'the send hold timer expires', plain, expired('send-hold')],
    [false, 'TCP closes, no family is preserved', [restart(true, [])], closed],
    [false, 'the neighbor sends Administrative Reset, no N bit', plain, notified(6, 4)],
    [false, 'the hold timer expires, no N bit', plain, expired('hold')],
    [true, 'the neighbor sends Administrative Reset', withN, notified(6, 4)],
    [true, 'the neighbor sends Administrative Shutdown', withN, notified(6, 2)],
    [false, 'the neighbor sends Hard Reset', withN, notified(6, 9)],
    [true, 'the hold timer expires', withN, expired('hold')],
    [true, 'an UPDATE must end the session', withN, failed],
    [true, 'we reset', withN, stop(4)],
    ['all', 'we stop', withN, stop(2)],
    ['all', 'we stop, no graceful restart', [], stop(2)],
    [false, 'the neighbor is deconfigured', withN, stop(3)],
  ])('%s: %s', (expected, _, capabilities, event) => {
    const state = reached([start, accepted, openOf(peerOpenWith(...capabilities)), keepalive]);
    expect(delivered(state, event)[0]).toMatchObject({ kind: 'down', retainRoutes: expected });
  });

  test('a neighbor with graceful restart gets End-of-RIB for every family', () => {
    const state = reached([start, accepted, openOf(peerOpenWith(...plain))]);
    expect(answer(state, keepalive)).toBe('established, hold 90, send-hold 480, send end of IPv4, send end of IPv6');
  });
});

describe('a refresh request (RFC 7313)', () => {
  const enhanced = reached([start, accepted, openOf(peerOpenWith(bare(enhancedRouteRefresh))), keepalive]);
  test.each<[string, Event, string]>([
    ['for IPv4 gets begin and end', refresh(1), 'established, send begin, send end'],
    ['for IPv6 gets begin and end', refresh(2), 'established, send begin, send end'],
    ['for another family gets no answer', refresh(25), 'established'],
    ['with subtype begin gets no answer', refresh(1, 'begin'), 'established'],
    ['with an unknown subtype gets no answer', refresh(1, 'unknown'), 'established'],
  ])('%s', (_, event, expected) => {
    expect(answer(enhanced, event)).toBe(expected);
  });
});

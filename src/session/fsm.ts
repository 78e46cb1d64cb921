/**
 * The state machine of one inbound connection (RFC 4271 §8, passive: no Connect, no ConnectRetryTimer).
 *
 * Pure: state and event in, state and actions out. No socket, no clock, no exceptions. The connection performs the
 * actions in order and reports their results as events.
 */
import { SessionError } from '../wire/errors.ts';
import { ErrorCode, familyOf, notificationName, Subcode } from '../wire/iana.ts';
import type { Message, Outgoing } from '../wire/message.ts';
import { cease, type Notification } from '../wire/notification.ts';
import type { Open } from '../wire/open.ts';
import type { RouteRefresh } from '../wire/route-refresh.ts';
import { receivedReason, retainedRoutes, sentReason } from './ending.ts';
import { negotiate } from './negotiate.ts';
import { ourOpen, type SessionSettings, summary } from './open.ts';
import type { DownReason, Negotiated, OpenSummary, RetainRoutes, SessionState } from './types.ts';

export type TimerName = 'hold' | 'keepalive' | 'send-hold';

interface Common {
  settings: SessionSettings;
}
export interface Idle extends Common {
  name: 'idle';
}
export interface Active extends Common {
  name: 'active';
}
export interface OpenSent extends Common {
  name: 'open-sent';
  sent: Open;
}
export interface OpenConfirm extends Common {
  name: 'open-confirm';
  sent: Open;
  received: Open;
  negotiated: Negotiated;
}
export interface Established extends Common {
  name: 'established';
  sent: Open;
  received: Open;
  negotiated: Negotiated;
}
export type State = Idle | Active | OpenSent | OpenConfirm | Established;

export type Event =
  /** Accept a connection from the neighbor. */
  | { kind: 'start' }
  /** Its TCP connection is open. */
  | { kind: 'accepted' }
  | { kind: 'received'; message: Message }
  /** Invalid octets, or an UPDATE that must end the session. */
  | { kind: 'failed'; error: SessionError }
  | { kind: 'expired'; timer: TimerName }
  /** TCP accepted octets that we sent. */
  | { kind: 'sent' }
  /** The TCP connection closed, not by us; `text` says how. */
  | { kind: 'closed'; text: string }
  /** End the session with Cease / `subcode`, and with `text` where RFC 9003 allows it. */
  | { kind: 'stop'; subcode: number; text: string };

/** An event for the users of the connection. */
export type Delivered =
  | { kind: 'state'; from: SessionState; to: SessionState; asn?: number }
  | { kind: 'established'; localAsn: number; sent: OpenSummary; received: OpenSummary; negotiated: Negotiated }
  | { kind: 'down'; from: SessionState; asn?: number; reason: DownReason; retainRoutes: RetainRoutes };

export type Action =
  | { kind: 'send'; message: Outgoing }
  /** Start or restart; 0 seconds: never expires, like a stopped timer. */
  | { kind: 'start-timer'; timer: TimerName; seconds: number }
  | { kind: 'stop-timer'; timer: TimerName }
  /** Close TCP after pending writes. */
  | { kind: 'close' }
  | { kind: 'deliver'; event: Delivered };

export type Transition = readonly [State, readonly Action[]];

/** RFC 4271 §8.2.2: "a large value" until the neighbor's OPEN offers one. Seconds. */
const initialHoldTime = 240;
/** RFC 9687 §6: the greater of eight minutes and twice the hold time. Seconds. */
const minSendHoldTime = 480;

export function initialState(settings: SessionSettings): Idle {
  return { name: 'idle', settings };
}

/** One step. Total: handles every event in every state, often with no action. */
export function step(state: State, event: Event): Transition {
  switch (state.name) {
    case 'idle':
      return idle(state, event);
    case 'active':
      return active(state, event);
    case 'open-sent':
      return openSent(state, event);
    case 'open-confirm':
      return openConfirm(state, event);
    case 'established':
      return established(state, event);
  }
}

function idle(state: Idle, event: Event): Transition {
  if (event.kind === 'start') return enter(state, { name: 'active', settings: state.settings }, []);
  return [state, []];
}

function active(state: Active, event: Event): Transition {
  const { settings } = state;
  if (event.kind === 'accepted') {
    const sent = ourOpen(settings);
    return enter(state, { name: 'open-sent', settings, sent }, [send(sent), startTimer('hold', initialHoldTime)]);
  }
  if (event.kind === 'stop') return enter(state, { name: 'idle', settings }, []);
  return [state, []];
}

function openSent(state: OpenSent, event: Event): Transition {
  if (event.kind === 'received' && event.message.kind === 'open') {
    const { settings, sent } = state;
    const received = event.message;
    const negotiated = negotiate(sent, received, settings.remoteAsn);
    if (negotiated instanceof SessionError) return reject(state, negotiated, received.asn);
    return enter(state, { name: 'open-confirm', settings, sent, received, negotiated }, [
      send({ kind: 'keepalive' }),
      startTimer('keepalive', negotiated.holdTime / 3),
      startTimer('hold', negotiated.holdTime),
    ]);
  }
  return leave(state, event);
}

function openConfirm(state: OpenConfirm, event: Event): Transition {
  const { settings, sent, received, negotiated } = state;
  if (event.kind === 'received' && event.message.kind === 'keepalive')
    return enter(state, { name: 'established', settings, sent, received, negotiated }, [
      startTimer('hold', negotiated.holdTime),
      startTimer('send-hold', sendHoldTime(negotiated)),
      deliver({
        kind: 'established',
        localAsn: sent.asn,
        sent: summary(sent),
        received: summary(received),
        negotiated,
      }),
      ...endOfRibs(negotiated),
    ]);
  if (event.kind === 'expired' && event.timer === 'keepalive') return [state, keepalive(negotiated)];
  return leave(state, event);
}

function established(state: Established, event: Event): Transition {
  const { negotiated } = state;
  switch (event.kind) {
    case 'received':
      switch (event.message.kind) {
        case 'update':
        case 'keepalive':
          return [state, [startTimer('hold', negotiated.holdTime)]];
        case 'route-refresh':
          return [state, answerRefresh(negotiated, event.message)];
        default:
          return leave(state, event);
      }
    case 'sent':
      return [state, [startTimer('send-hold', sendHoldTime(negotiated))]];
    case 'expired':
      return event.timer === 'keepalive' ? [state, keepalive(negotiated)] : leave(state, event);
    default:
      return leave(state, event);
  }
}

type Connected = OpenSent | OpenConfirm | Established;

/** Handles the events that all states with a connection share, and unexpected ones. */
function leave(state: Connected, event: Event): Transition {
  switch (event.kind) {
    case 'start':
    case 'accepted':
    case 'sent':
      return [state, []];
    case 'received':
      if (event.message.kind === 'notification') return end(state, receivedReason(event.message));
      return reject(state, unexpected(state, event.message));
    case 'failed':
      return reject(state, event.error);
    case 'expired':
      return expired(state, event.timer);
    case 'closed':
      return end(state, { direction: 'local', code: 'connection-closed', text: event.text });
    case 'stop': {
      const notification = cease(event.subcode, event.text);
      const text = event.text || `Peerglass sent ${notificationName(ErrorCode.cease, event.subcode)}`;
      return end(state, sentReason(notification, text), notification);
    }
  }
}

function expired(state: Connected, timer: TimerName): Transition {
  switch (timer) {
    case 'hold': {
      const text = state.name === 'open-sent' ? 'no OPEN received in time' : 'nothing received within the hold time';
      return reject(state, new SessionError(ErrorCode.holdTimerExpired, 0, text));
    }
    case 'send-hold':
      // RFC 9687 §4.3: a NOTIFICATION is optional; a neighbor that does not read would not see it
      return end(state, {
        direction: 'local',
        code: notificationName(ErrorCode.sendHoldTimerExpired, 0),
        text: 'the neighbor accepted no data within the send hold time',
      });
    case 'keepalive':
      return [state, []];
  }
}

/** Ends the session with the error's NOTIFICATION. */
function reject(state: Connected, { code, subcode, data, text }: SessionError, asn?: number): Transition {
  const notification: Notification = { kind: 'notification', code, subcode, data };
  return end(state, sentReason(notification, text), notification, asn);
}

/** RFC 6608 §4. */
function unexpected(state: Connected, message: Message): SessionError {
  const subcodes = {
    'open-sent': Subcode.unexpectedInOpenSent,
    'open-confirm': Subcode.unexpectedInOpenConfirm,
    established: Subcode.unexpectedInEstablished,
  };
  return new SessionError(ErrorCode.fsm, subcodes[state.name], `unexpected ${message.kind} in ${state.name}`);
}

function enter(from: State, to: State, actions: readonly Action[]): Transition {
  return [to, [deliver(stateEvent(from, to.name)), ...actions]];
}

function end(state: Connected, reason: DownReason, notification?: Notification, asn = asnOf(state)): Transition {
  const { name: from, settings } = state;
  const retainRoutes = state.name === 'established' && retainedRoutes(state.negotiated, reason);
  return [
    { name: 'idle', settings },
    [
      ...(notification ? [send(notification)] : []),
      stopTimer('hold'),
      stopTimer('keepalive'),
      stopTimer('send-hold'),
      { kind: 'close' },
      deliver({ kind: 'down', from, ...(asn !== undefined && { asn }), reason, retainRoutes }),
      deliver(stateEvent(state, 'idle', asn)),
    ],
  ];
}

/** RFC 7313 §4: our Adj-RIB-Out is empty, so a refresh begins and ends at once. RFC 2918 alone needs no answer. */
function answerRefresh({ families, enhancedRouteRefresh }: Negotiated, request: RouteRefresh): Action[] {
  const { afi, safi, subtype } = request;
  const family = familyOf(afi, safi);
  if (subtype !== 'request' || !enhancedRouteRefresh || family === undefined || !families.includes(family)) return [];
  return [
    send({ kind: 'route-refresh', afi, safi, subtype: 'begin' }),
    send({ kind: 'route-refresh', afi, safi, subtype: 'end' }),
  ];
}

/** RFC 4724 §4.1: a restarted neighbor waits for End-of-RIB before it selects routes. */
function endOfRibs({ gracefulRestart, families }: Negotiated): Action[] {
  return gracefulRestart ? families.map((family) => send({ kind: 'end-of-rib', family })) : [];
}

function keepalive({ holdTime }: Negotiated): Action[] {
  return [send({ kind: 'keepalive' }), startTimer('keepalive', holdTime / 3)];
}

function sendHoldTime({ holdTime }: Negotiated): number {
  return holdTime === 0 ? 0 : Math.max(minSendHoldTime, 2 * holdTime);
}

function stateEvent(from: State, to: SessionState, asn = asnOf(from)): Delivered {
  return { kind: 'state', from: from.name, to, ...(asn !== undefined && { asn }) };
}

/** The neighbor's AS number; undefined before its OPEN. */
function asnOf(state: State): number | undefined {
  return state.name === 'open-confirm' || state.name === 'established' ? state.received.asn : undefined;
}

const send = (message: Outgoing): Action => ({ kind: 'send', message });
const startTimer = (timer: TimerName, seconds: number): Action => ({ kind: 'start-timer', timer, seconds });
const stopTimer = (timer: TimerName): Action => ({ kind: 'stop-timer', timer });
const deliver = (event: Delivered): Action => ({ kind: 'deliver', event });

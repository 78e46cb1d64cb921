/** The five BGP messages as values, and back to octets for those that a listening speaker sends. */
import type { Family } from '../ip.ts';
import { headerLength } from './framer.ts';
import { afiOf, MessageType, Safi } from './iana.ts';
import { decodeNotification, encodeNotification, type Notification } from './notification.ts';
import { decodeOpen, encodeOpen, type Open } from './open.ts';
import { Reader } from './reader.ts';
import { decodeRouteRefresh, encodeRouteRefresh, type RouteRefresh } from './route-refresh.ts';
import { Writer } from './writer.ts';

/** A received message. An UPDATE is only named: its octets go past the state machine (update.ts). */
export type Message = Open | Notification | RouteRefresh | { kind: 'update' } | { kind: 'keepalive' };

/** RFC 4724 §2: "no (more) routes of this family". The only UPDATE that is ever sent. */
export interface EndOfRib {
  kind: 'end-of-rib';
  family: Family;
}

/** A message to send. There is none that announces a route. */
export type Outgoing = Open | Notification | RouteRefresh | EndOfRib | { kind: 'keepalive' };

const update: Message = { kind: 'update' };
const keepalive: Message = { kind: 'keepalive' };

/** Reads a message that the framer let through; `bytes[start..end)` includes the header. Throws SessionError. */
export function decodeMessage(bytes: Uint8Array, start: number, end: number): Message {
  const body = new Reader(bytes, start + headerLength, end);
  switch (bytes[start + 18]) {
    case MessageType.open:
      return decodeOpen(body);
    case MessageType.update:
      return update;
    case MessageType.notification:
      return decodeNotification(body);
    case MessageType.routeRefresh:
      return decodeRouteRefresh(body, bytes.slice(start, end));
    default:
      return keepalive;
  }
}

/** A whole message, header included. */
export function encodeMessage(message: Outgoing): Uint8Array {
  const writer = new Writer();
  for (let i = 0; i < 16; i++) writer.u8(0xff);
  writer.u16(0);
  switch (message.kind) {
    case 'open':
      encodeOpen(writer.u8(MessageType.open), message);
      break;
    case 'notification':
      encodeNotification(writer.u8(MessageType.notification), message);
      break;
    case 'keepalive':
      writer.u8(MessageType.keepalive);
      break;
    case 'route-refresh':
      encodeRouteRefresh(writer.u8(MessageType.routeRefresh), message);
      break;
    case 'end-of-rib':
      encodeEndOfRib(writer.u8(MessageType.update), message.family);
      break;
    default:
      message satisfies never;
  }
  return writer.patch16(16, writer.length).done();
}

/** IPv4: an UPDATE with nothing in it; IPv6: one with an empty MP_UNREACH_NLRI. */
function encodeEndOfRib(writer: Writer, family: Family): void {
  if (family === 4) writer.u16(0).u16(0);
  else writer.u16(0).u16(6).u8(0x80).u8(15).u8(3).u16(afiOf(family)).u8(Safi.unicast);
}

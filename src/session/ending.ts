/** The reason why a session ended, and whether the neighbor's routes are retained. */
import { toHex } from '../wire/hex.ts';
import { ErrorCode, notificationName, Subcode } from '../wire/iana.ts';
import { type Notification, shutdownText } from '../wire/notification.ts';
import type { DownReason, Negotiated, RetainRoutes } from './types.ts';

/** The neighbor's routes that are retained until it reconnects. */
export function retainedRoutes(negotiated: Negotiated, reason: DownReason): RetainRoutes {
  const { direction, notification } = reason;
  // only a stop of the collector sends this subcode
  const weStop =
    direction === 'sent' &&
    notification?.code === ErrorCode.cease &&
    notification.subcode === Subcode.administrativeShutdown;
  return weStop ? 'all' : startsGracefulRestart(negotiated, reason);
}

/**
 * A connection that closes without a NOTIFICATION starts a graceful restart (RFC 4724 §4.2). So does a NOTIFICATION if
 * both sides set the N bit, which we always do, except a Hard Reset (RFC 8538 §4) or one that ends the session for good.
 */
function startsGracefulRestart(
  { gracefulRestart, families }: Negotiated,
  { direction, notification }: DownReason,
): boolean {
  if (!gracefulRestart?.families.some(({ family }) => families.includes(family))) return false;
  if (notification === undefined) return true;
  if (!gracefulRestart.notification) return false;
  if (notification.code !== ErrorCode.cease) return true;
  const { hardReset, maximumPrefixes, peerDeconfigured } = Subcode;
  if (notification.subcode === hardReset) return false;
  const forGood = [maximumPrefixes, peerDeconfigured];
  return direction === 'received' || !forGood.some((it) => it === notification.subcode);
}

/** The reason for a NOTIFICATION that we sent because of `text`. */
export function sentReason(notification: Notification, text: string): DownReason {
  return reason('sent', notification, text);
}

/** The reason for a NOTIFICATION that the neighbor sent. Its RFC 9003 message is the text, if it has one. */
export function receivedReason(notification: Notification): DownReason {
  const name = notificationName(notification.code, notification.subcode);
  return reason('received', notification, shutdownText(notification) ?? `the neighbor sent ${name}`);
}

function reason(direction: DownReason['direction'], notification: Notification, sentence: string): DownReason {
  const { code, subcode, data } = notification;
  const shutdown = shutdownText(notification);
  return {
    direction,
    code: notificationName(code, subcode),
    text: sentence,
    notification: { code, subcode, data: toHex(data), ...(shutdown !== undefined && { shutdownText: shutdown }) },
  };
}

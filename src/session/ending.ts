/** How a session ended: the reason as everybody sees it, and whether the neighbor's routes outlive it. */
import { toHex } from '../wire/hex.ts';
import { ErrorCode, notificationName, Subcode } from '../wire/iana.ts';
import { type Notification, shutdownText } from '../wire/notification.ts';
import type { DownReason, Negotiated, RetainRoutes } from './types.ts';

/** Which of the neighbor's routes are kept until it is back? */
export function retainedRoutes(negotiated: Negotiated, reason: DownReason): RetainRoutes {
  const { direction, notification } = reason;
  // the only use of this subcode: the collector stops
  const weStop =
    direction === 'sent' &&
    notification?.code === ErrorCode.cease &&
    notification.subcode === Subcode.administrativeShutdown;
  return weStop ? 'all' : startsGracefulRestart(negotiated, reason);
}

/**
 * A connection that just ends starts a graceful restart (RFC 4724
 * §4.2); so does a NOTIFICATION where both set the N bit, which we always do, unless it is a Hard Reset (RFC 8538 §4)
 * or we send the neighbor away for good.
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

/** We sent a NOTIFICATION because of `text`. */
export function sentReason(notification: Notification, text: string): DownReason {
  return reason('sent', notification, text);
}

/** The neighbor sent a NOTIFICATION; its own words are the sentence, where RFC 9003 carried some. */
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

/** What a session is and agreed on, as plain data: it crosses threads and goes into the journal. */
import type { Family } from '../ip.ts';
import type { Capability } from '../wire/capabilities.ts';

/** RFC 4271 §8.2.2 states that a passive neighbor can be in (no Connect). */
export type SessionState = 'idle' | 'active' | 'open-sent' | 'open-confirm' | 'established';

/** Why a session ended or was refused. `sent`: our NOTIFICATION, `received`: theirs, `local`: no NOTIFICATION (FIN, RST, send-hold …). */
export interface DownReason {
  direction: 'sent' | 'received' | 'local';
  /** Stable word for scripts: `hold-timer-expired`, `cease/administrative-shutdown`, `connection-closed`, `unconfigured-neighbor` … */
  code: string;
  /** One sentence for people. */
  text: string;
  /** NOTIFICATION code / subcode / data (hex), where there was one. */
  notification?: { code: number; subcode: number; data: string; shutdownText?: string };
}

/** What both sides agreed on; see session/negotiate.ts. Plain data. */
export interface Negotiated {
  /** Seconds; 0 = no KEEPALIVEs, no hold timer. */
  holdTime: number;
  families: Family[];
  as4: boolean;
  /** RFC 7911: families whose NLRI carry a path identifier towards us. */
  addPath: Family[];
  /** RFC 8950: IPv4 NLRI with an IPv6 next hop allowed. */
  extendedNextHop: boolean;
  /** RFC 8654: messages of up to 65,535 octets are taken from the neighbor. */
  extendedMessage: boolean;
  routeRefresh: boolean;
  enhancedRouteRefresh: boolean;
  /** RFC 4724, the remote's side; undefined = not announced by it. `restartTime` seconds. */
  gracefulRestart?: {
    restartTime: number;
    restarting: boolean;
    notification: boolean;
    families: { family: Family; forwarding: boolean }[];
  };
}

/** The remote's OPEN, decoded, and ours; enough for `/neighbors/{id}/capabilities`. */
export interface OpenSummary {
  asn: number;
  holdTime: number;
  routerId: string;
  capabilities: Capability[];
}

/**
 * Which routes outlive a session. true: those that RFC 4724 and RFC 8538 keep for a graceful restart. 'all': we ended it
 * because we stop, so its routes are as true as before, and wait for the neighbor in our next run.
 */
export type RetainRoutes = boolean | 'all';

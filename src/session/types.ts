/** Session states and negotiated settings as plain data, which crosses threads and goes into the journal. */
import type { Family } from '../ip.ts';
import type { Capability } from '../wire/capabilities.ts';

/** States of RFC 4271 §8.2.2, without Connect, which a passive speaker never enters. */
export type SessionState = 'idle' | 'active' | 'open-sent' | 'open-confirm' | 'established';

/** Why a session ended or was rejected. `sent`: our NOTIFICATION; `received`: theirs; `local`: none (FIN, RST …). */
export interface DownReason {
  direction: 'sent' | 'received' | 'local';
  /** Stable code for scripts: `hold-timer-expired`, `cease/administrative-shutdown`, `connection-closed` … */
  code: string;
  /** One sentence for readers. */
  text: string;
  /** The NOTIFICATION, if any; data in hex. */
  notification?: { code: number; subcode: number; data: string; shutdownText?: string };
}

/** Settings that both sides agreed on (session/negotiate.ts). */
export interface Negotiated {
  /** Seconds; 0: no KEEPALIVEs, no hold timer. */
  holdTime: number;
  families: Family[];
  as4: boolean;
  /** RFC 7911: families whose received NLRI have a path identifier. */
  addPath: Family[];
  /** RFC 8950: IPv4 NLRI can have an IPv6 next hop. */
  extendedNextHop: boolean;
  /** RFC 8654: we accept messages of up to 65,535 octets. */
  extendedMessage: boolean;
  routeRefresh: boolean;
  enhancedRouteRefresh: boolean;
  /** RFC 4724, the neighbor's side; undefined: not announced. `restartTime` in seconds. */
  gracefulRestart?: {
    restartTime: number;
    restarting: boolean;
    notification: boolean;
    families: { family: Family; forwarding: boolean }[];
  };
}

/** A decoded OPEN, theirs or ours; enough for `/neighbors/{id}/capabilities`. */
export interface OpenSummary {
  asn: number;
  holdTime: number;
  routerId: string;
  capabilities: Capability[];
}

/**
 * Routes retained after a session. true: those that a graceful restart keeps (RFC 4724, RFC 8538). 'all': we stop, so
 * the routes are still valid, and our next run keeps them until the neighbor reconnects.
 */
export type RetainRoutes = boolean | 'all';

/**
 * The verdict on one (node, BGPPeer, prefix): a question about a view. No clock, no tables, nothing remembered; what
 * counts as a recent change comes in with the situation.
 */
import type { ExpectedRoute } from '../metallb/types.ts';
import type { AttributesJson } from '../rib/types.ts';
import { differences, type FieldMask, type OwnAddresses } from './compare.ts';
import type { ReasonCode } from './reasons.ts';

/** How the expected session and the neighbor of a match belong together. */
export type MatchRole =
  /** The objects ask for this session; the neighbor, if there is one, is the one that stands for it. */
  | 'expected'
  /** Another neighbor stands for the same session already: only what this one sends is judged. */
  | 'duplicate'
  /** Node and BGPPeer are known, but no object asks this node for a session with this peer. */
  | 'not-expected'
  /** The node is known, which of its sessions this is cannot be told. */
  | 'ambiguous'
  /** Nobody knows which node this neighbor is. */
  | 'unmapped';

/** State of the session of a match. */
export type SessionStatus =
  /** No neighbor came, or none got as far as Established. */
  | 'never-seen'
  /** No neighbor, but the node has one that cannot be told apart: it may be this session. */
  | 'maybe'
  /** Known from before the collector started, not back yet. */
  | 'restoring'
  | 'down'
  /** Established, the initial table is not in yet. */
  | 'syncing'
  | 'up';

export interface SessionCondition {
  role: MatchRole;
  status: SessionStatus;
  own: OwnAddresses;
  /** epoch ms of the last start of grace for all routes of the session: asked for, matched, established or synced. */
  changedAt: number;
  /** epoch ms of the last re-send of the whole table (FRR re-sends everything after a route-map change). */
  resentAt: number;
  /** Restored from disk rather than kept under graceful restart. */
  restored: boolean;
  /** The speaker on this node refuses its configuration and no earlier one is known. */
  configurationUnknown: boolean;
}

/** What is said of a route that no object asks for. */
export type UnrequestedRoute =
  /** Objects say everything that should be there, and this is not among it. */
  | 'unexpected'
  /** A rule says that it must not be there. */
  | 'forbidden'
  /** A rule asks for it. */
  | 'called-for'
  /** There are rules only, and none of them speaks of it. */
  | 'open';

export interface Situation {
  expected: ExpectedRoute | undefined;
  /** Attributes on the wire; undefined = no such route. */
  received: AttributesJson | undefined;
  stale: boolean;
  /** epoch ms at which the received attributes last changed; asked only where it matters. */
  receivedChangedAt: () => number;
  session: SessionCondition;
  /** epoch ms of the last change of this one expectation; -Infinity = long ago. */
  expectedChangedAt: number;
  /** Does an FRRConfiguration of somebody else than MetalLB ask for the route? Asked only where MetalLB does not. */
  foreign: () => boolean;
  /** What it is if no object asks for it. Asked only then. */
  unasked: () => UnrequestedRoute;
  graceMs: number;
  now: number;
}

export interface Evaluation {
  reason: ReasonCode;
  /** Attributes that differ. */
  fields: FieldMask;
  /** What it will be when grace ends; `reason` itself when it is not pending. */
  underlying: ReasonCode;
  /** epoch ms, only while `grace` holds. */
  deadline: number | null;
}

/**
 * The verdict on a situation; undefined when there is nothing to judge: neither expected nor received, or received
 * where nobody says what should be.
 */
export function evaluate(situation: Situation): Evaluation | undefined {
  const { expected, received, session } = situation;
  if (received === undefined) {
    // A second neighbor for the same session does not have to send anything.
    if (expected === undefined || session.role !== 'expected') return undefined;
    return withGrace(situation, absent(session), 0);
  }
  const unasked = expected === undefined ? situation.unasked() : undefined;
  if (unasked === 'open') return undefined;
  if (situation.stale) return plain(session.restored ? 'restored' : 'graceful-restart', fieldsOf(situation));
  if (unasked === 'forbidden') return withGrace(situation, 'must-not-announced', 0);
  if (session.role === 'ambiguous') return plain('session-ambiguous', 0);
  if (session.configurationUnknown) return plain('configuration-unknown', 0);
  if (unasked === 'called-for') return plain('must-announced', 0);
  if (expected === undefined && session.role !== 'unmapped' && situation.foreign()) return plain('foreign-prefix', 0);
  if (expected === undefined) return withGrace(situation, uncalledFor(session), 0);
  const fields = fieldsOf(situation);
  return fields === 0 ? plain('as-expected', 0) : withGrace(situation, mismatch(fields), fields);
}

function fieldsOf({ expected, received, session }: Situation): FieldMask {
  return expected && received ? differences(expected, received, session.own) : 0;
}

function absent(session: SessionCondition): ReasonCode {
  switch (session.status) {
    case 'never-seen':
      return 'session-never-seen';
    case 'maybe':
      return 'session-ambiguous';
    case 'restoring':
      return 'collector-restarted';
    case 'down':
      return 'session-down';
    case 'syncing':
    case 'up':
      return 'route-missing';
    default:
      return session.status satisfies never;
  }
}

function uncalledFor(session: SessionCondition): ReasonCode {
  if (session.role === 'unmapped') return 'neighbor-not-mapped';
  return session.role === 'not-expected' ? 'session-not-expected' : 'no-expectation';
}

/** One field has a reason of its own; the two kinds of communities count as one. */
function mismatch(fields: FieldMask): ReasonCode {
  const reason = mismatchReasons.find(([mask]) => (fields & ~mask) === 0);
  return reason ? reason[1] : 'attributes-mismatch';
}

const mismatchReasons: [FieldMask, ReasonCode][] = [
  [1, 'next-hop-mismatch'],
  [2, 'as-path-mismatch'],
  [4, 'local-pref-mismatch'],
  [8, 'med-mismatch'],
  [16, 'origin-mismatch'],
  [32 | 64, 'community-mismatch'],
];

/** Nothing is held against a session before its table is in, nor within grace of what may still be on its way. */
function withGrace(situation: Situation, reason: ReasonCode, fields: FieldMask): Evaluation {
  if (reason === 'session-ambiguous' || reason === 'collector-restarted') return plain(reason, fields);
  if (situation.session.status === 'syncing')
    return { reason: 'not-synced', fields, underlying: reason, deadline: null };
  const deadline = graceEnd(situation, fields);
  if (situation.now >= deadline) return plain(reason, fields);
  return { reason: 'grace', fields, underlying: reason, deadline };
}

/**
 * Grace runs from the last relevant change. A re-send excuses only differences that came with it: attributes that a
 * re-send leaves wrong stay wrong, however often everything is sent again.
 */
function graceEnd({ session, expectedChangedAt, graceMs, receivedChangedAt }: Situation, fields: FieldMask): number {
  const from = Math.max(session.changedAt, expectedChangedAt);
  const { resentAt } = session;
  const cameWithResend = fields !== 0 && resentAt > from && receivedChangedAt() > resentAt - graceMs;
  return (cameWithResend ? resentAt : from) + graceMs;
}

function plain(reason: ReasonCode, fields: FieldMask): Evaluation {
  return { reason, fields, underlying: reason, deadline: null };
}

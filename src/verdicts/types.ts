/** Verdicts: what should be there against what is there, for one (node, peer, prefix). */

import type { ExpectedRoute } from '../metallb/types.ts';
import type { RouteJson } from '../rib/types.ts';

export const verdicts = [
  'ok',
  'pending',
  'missing',
  'unexpected',
  'mismatch',
  'stale',
  'suppressed',
  'unknown',
] as const;
export type VerdictWord = (typeof verdicts)[number];

export type Severity = 'none' | 'info' | 'warning' | 'critical';

/** A node or neighbor that does not keep a `must` rule, and how that shows. */
export interface Lacking {
  who: string;
  what: string;
}

/** How many of the nodes or neighbors of a `must` rule keep it, and which do not. */
export interface RuleTally {
  announcing: number;
  /** How many the rule names; 0 = none: it counts those that have a session. */
  named: number;
  unit: 'node' | 'neighbor';
  lacking: Lacking[];
}

export interface Evidence {
  kind: 'object' | 'message' | 'session' | 'time';
  /** `BGPAdvertisement/metallb-system/adv-1`, a seq, a neighbor id, an RFC 3339 time. */
  ref: string;
  text?: string;
}

/** A rule of the overlay, as its verdicts show it. */
export interface RuleRef {
  id: string;
  rule: 'must' | 'must-not' | 'ignore';
  reason: string;
  owner: string;
  /** RFC 3339; null = never. */
  expires: string | null;
}

/** The JSON of `/checks`, the feed and the `findings` table. Times RFC 3339. */
export interface Verdict {
  prefix: string;
  /** Neighbor id; null when no session of this kind was ever seen. */
  neighbor: number | null;
  node: string | null;
  bgpPeer: string | null;
  verdict: VerdictWord;
  /** Attributes that differ, for `mismatch`: nextHop, asPath, localPref, med, origin, communities, largeCommunities. */
  fields: string[];
  expected: ExpectedRoute | null;
  received: RouteJson | null;
  /** Stable word: `route-missing`, `session-down`, `not-synced`, `grace`, `community-mismatch`, `no-expectation` … */
  reasonCode: string;
  reasonText: string;
  evidence: Evidence[];
  /** The hand-written rule that decided it, or made it `suppressed`; null = none. */
  overlay: RuleRef | null;
  /**
   * Id of the `must` rule whose own row this is: whether it is kept, by whichever sessions. null on the rows of
   * sessions. Together with prefix, node, bgpPeer and neighbor it says which row this is.
   */
  rule: string | null;
  since: string;
  /** When a `pending` becomes what it would be now without grace. */
  deadline: string | null;
}

/**
 * A change of verdict, as the feed sends it. null = no verdict (neither expected nor received). Told when the word, the
 * reason or the differing fields change; not when a row appears ok or goes while it was ok.
 */
export interface VerdictChange {
  from: VerdictWord | null;
  to: VerdictWord | null;
  verdict: Verdict;
}

/** Filter of `/checks`; all given keys must hold. */
export interface VerdictFilter {
  verdict?: VerdictWord[];
  prefix?: string;
  neighbor?: number;
  node?: string;
  bgpPeer?: string;
  /** `namespace/name` */
  service?: string;
  pool?: string;
  advertisement?: string;
}

export interface VerdictSummary {
  /** Rows by verdict, all eight words present. */
  verdicts: Record<VerdictWord, number>;
  /**
   * Sessions that the cluster's objects ask for: those that should come here, how many of them are established, and
   * those with other routers, of which nothing can be said.
   */
  sessions: { expected: number; established: number; elsewhere: number };
  /** LoadBalancer services: every expected route ok, or not. */
  services: { ok: number; pending: number; failing: number };
  /** epoch ms of the last evaluation. */
  evaluatedAt: number;
  /** Why there is nothing to compare, when there is nothing: no manifests configured, none of them valid … */
  emptyText: string | null;
}

/** A service by its routes: all ok, some that cannot be told yet, some that are wrong. */
export type ServiceStatus = 'ok' | 'pending' | 'failing';

export interface VerdictFigures {
  /** Rows by verdict and severity; every pair that there can be. */
  rows: { verdict: VerdictWord; severity: Severity; count: number }[];
  /** Neighbor id → routes that are expected of it. */
  expected: ReadonlyMap<number, number>;
  /** `namespace/name` → how its routes are. */
  services: ReadonlyMap<string, ServiceStatus>;
}

/** Read-only view of all verdicts, for api/. */
export interface VerdictView {
  summary(): VerdictSummary;
  /** Rows that are not ok, in groups. Worked out when asked for. */
  groups(): VerdictGroups;
  /** Worked out when asked for. */
  figures(): VerdictFigures;
  /** Verdict word of one received route, for route rows; null when nothing is expected anywhere (no sources). */
  word(neighbor: number, nlri: number): VerdictWord | null;
  /** All verdicts for one canonical prefix: every expected session and every neighbor that has it. */
  ofPrefix(prefix: string): Verdict[];
  /** Rows ordered by (prefix, node, bgpPeer, neighbor, rule), starting behind `after`, at most `limit`. */
  list(
    filter: VerdictFilter,
    after: VerdictKey | undefined,
    limit: number,
  ): { rows: Verdict[]; next: VerdictKey | undefined };
}

/** Rows that are not ok for the same reason on the same session. */
export interface VerdictGroup extends Omit<VerdictKey, 'prefix' | 'rule'> {
  verdict: VerdictWord;
  reasonCode: string;
  rule: string | null;
  count: number;
  /** Some of its prefixes. */
  examples: string[];
}

export interface VerdictGroups {
  /** Largest first. */
  groups: VerdictGroup[];
  /** Groups left out. */
  moreGroups: number;
}

/** A row that is not ok; `verdict` makes the whole of it. */
export interface WrongRow extends VerdictKey {
  word: VerdictWord;
  verdict: () => Verdict;
}

export interface VerdictKey {
  prefix: string;
  node: string | null;
  bgpPeer: string | null;
  neighbor: number | null;
  rule?: string | null | undefined;
}

/** Diagnoses: known troubles of MetalLB clusters, each found by a pure check over what the collector knows. */

import type { Cluster } from '../metallb/problems/cluster.ts';
import type { DiagnosisSeverity, ObjectProblem } from '../metallb/problems/rule.ts';
import type { ExpectOptions, ObjectRef } from '../metallb/types.ts';
import type { Neighbor, RibView, RouteIndex } from '../rib/types.ts';
import type { Evidence, VerdictView } from '../verdicts/types.ts';
import type { HistoryView } from './history.ts';
import type { Md5Counters } from './kernel.ts';
import type { RouteSet } from './routes.ts';

/** One trouble as a check finds it. What it is about is in the fields; left out = not about one of these. */
export interface Trouble extends ObjectProblem {
  /** Neighbor id. */
  neighbor?: number;
  evidence?: Evidence[];
}

/** A trouble, found and kept for as long as it is found again. */
export interface Diagnosis {
  code: string;
  severity: DiagnosisSeverity;
  title: string;
  text: string;
  hint: string;
  node: string | null;
  bgpPeer: string | null;
  neighbor: number | null;
  prefix: string | null;
  service: string | null;
  objects: ObjectRef[];
  evidence: Evidence[];
  /** epoch ms at which it was first found. */
  since: number;
}

/**
 * One check: a file in `checks/` with the name of its code. `find` yields what it finds, and undefined wherever it may be interrupted: it goes
 * through thousands of nodes and services between the turns of the collector.
 */
export interface Check {
  /** Stable. */
  code: string;
  /** Codes that lint had for the same problem. */
  aliases?: readonly string[];
  severity: DiagnosisSeverity;
  title: string;
  /** What it looks for, so that "nothing found" says something. */
  looksFor: string;
  find(facts: Facts): Finds;
  /** Depends on the objects of the cluster only: asked again when they change, and not before. */
  ofObjects?: true;
}
export type Finds = Iterable<Trouble | undefined>;

/** Everything a check may look at; read-only, and as of `now`. */
export interface Facts {
  /** epoch ms */
  now: number;
  /** epoch ms of the start of the collector. */
  startedAt: number;
  /** How long after a change nothing is held against anybody, ms. */
  graceMs: number;
  options: ExpectOptions;
  /** The objects, and what is expected of them; null = no source. */
  cluster: Cluster | null;
  rib: RibView & RouteIndex;
  verdicts: VerdictView;
  history: HistoryView;
  /** Routes of a neighbor by attribute set; made in pieces and kept until the neighbor's routes change. */
  routeSets(neighbor: Neighbor): Generator<undefined, readonly RouteSet[]>;
  /** What the kernel counted within the last minute; null = it does not tell. */
  md5: Md5Counters | null;
  own: OwnSide;
  /** Addresses that no neighbor is configured for, the latest first. */
  strangers: readonly { address: string; connections: number; lastAt: number }[];
}

/** Our own side of the sessions. */
export interface OwnSide {
  asn: number;
  routerId: string;
  neighbors: readonly OwnNeighbor[];
  /** Addresses of this host with their subnets, canonical. */
  interfaces: readonly { address: string; subnet: string }[];
}

/** An entry of `bgp.neighbors`, without its secret. */
export interface OwnNeighbor {
  /** Canonical prefix. */
  range: string;
  asn: number | 'any' | 'external' | 'internal';
  hasPassword: boolean;
  ttlSecurity: boolean;
}

/** What of a catalog row everybody may see, and how much there is. */
export interface CatalogRow {
  code: string;
  /** Codes that lint had for the same problem. */
  aliases: readonly string[];
  severity: DiagnosisSeverity;
  title: string;
  looksFor: string;
  /** Found now, those that are not listed included. */
  found: number;
  /** The same by the severity that each has. */
  foundBySeverity: Record<DiagnosisSeverity, number>;
  /** Found, but beyond what is listed of one code. */
  notListed: number;
}

/** Read-only view for api/. */
export interface DiagnosisView {
  /** Worst first, then newest. */
  list(): readonly Diagnosis[];
  catalog(): readonly CatalogRow[];
  /** How many there are by severity, those that are not listed included. */
  counts(): Record<DiagnosisSeverity, number>;
  /** epoch ms at which all checks were through; null = not yet. */
  readonly evaluatedAt: number | null;
}

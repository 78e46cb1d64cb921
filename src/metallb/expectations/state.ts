/** What the answers of an ExpectationTable come from. */
import type { ForeignConfigurations } from '../frr-k8s/foreign.ts';
import type { ExcludedInterfaces } from '../layer2/interfaces.ts';
import type { ClusterRelations } from '../relations/relations.ts';
import type { ExpectedSession, Lint, NodeView, ObjectRef, Refusal } from '../types.ts';
import type { Gates, InForce } from './gates.ts';
import type { ServiceView } from './prefixes.ts';
import type { ServiceIndex } from './service-index.ts';

/** What a speaker goes by: its configuration, the services under it, and the nodes as they are. */
export interface Standing {
  readonly inForce: InForce;
  readonly index: ServiceIndex;
  readonly gates: Gates;
}

/** What the calculator hands over; all of it immutable. */
export interface TableState {
  readonly cluster: ClusterRelations;
  readonly views: ReadonlyMap<string, NodeView>;
  /** Node → its sessions. */
  readonly sessions: ReadonlyMap<string, readonly ExpectedSession[]>;
  /** Node → what its speaker goes by; nodes whose speaker has no configuration are missing. */
  readonly standing: ReadonlyMap<string, Standing>;
  /** Node → what reached its BGP daemon: the same, unless that refuses what the speaker hands it. */
  readonly published: ReadonlyMap<string, Standing>;
  readonly foreign: ForeignConfigurations;
  /** Where there is raw FRR configuration that may announce anything. */
  readonly raw: ObjectRef | undefined;
  /** What layer 2 does not use. */
  readonly excluded: ExcludedInterfaces;
  /** Of the newest plan, whether or not any speaker could take it. */
  readonly services: ReadonlyMap<string, ServiceView>;
  readonly refusals: readonly Refusal[];
  /** What was found when the objects were read. */
  readonly lint: readonly Lint[];
}

/** What is expected in one cluster state, asked for row by row. */
import type { ClusterRelations } from '../relations/relations.ts';
import type {
  ExpectedRoute,
  ExpectedSession,
  ExpectOptions,
  L2Announcer,
  Layer2,
  Lint,
  NodeView,
  NotAnnounced,
  ObjectRef,
  Refusal,
} from '../types.ts';

/**
 * The expectations of one cluster state. Immutable. Rows are made when asked for: a state with 1,000 nodes and 5,000
 * services has millions of them, and few are ever looked at.
 */
export interface ExpectationTable {
  readonly options: ExpectOptions;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly sessions: readonly ExpectedSession[];
  readonly refusals: readonly Refusal[];
  readonly notAnnounced: readonly NotAnnounced[];
  readonly lint: readonly Lint[];
  readonly l2: readonly L2Announcer[];
  readonly layer2: Layer2;
  /** The objects, and who selects whom. */
  readonly cluster: ClusterRelations;
  session(node: string, bgpPeer: string): ExpectedSession | undefined;
  /** The route that `node` should announce to `bgpPeer` for exactly this prefix (canonical text). */
  route(node: string, bgpPeer: string, prefix: string): ExpectedRoute | undefined;
  /** All routes of one session, ordered by prefix text. */
  routes(node: string, bgpPeer: string): Iterable<ExpectedRoute>;
  /** Every Service (`namespace/name`) that may be announced. */
  services(): Iterable<string>;
  /**
   * Why which nodes do not announce one service (`namespace/name`), or why one node does not; `notAnnounced` is this
   * over all services.
   */
  notAnnouncedOf(service: string, node?: string): NotAnnounced[];
  /** Every prefix that some node announces to some peer. */
  prefixes(): Iterable<string>;
  /** Why `node` does not announce `prefix` to `bgpPeer`, as far as MetalLB has a reason; for the evidence of `unexpected`. */
  whyNot(
    node: string,
    bgpPeer: string,
    prefix: string,
  ): { reason: string; text: string; objects: ObjectRef[] } | undefined;
  /**
   * The FRRConfiguration of somebody else than MetalLB that makes `node` announce `prefix` to `bgpPeer`; null = to a
   * neighbor that is no BGPPeer's. Only frr-k8s has any.
   */
  foreign(node: string, bgpPeer: string | null, prefix: string): ObjectRef | undefined;
}

/** What the API needs from the rest: read-only views, and a few commands. */

import type { LatencyView } from '../collector/latency.ts';
import type { CollectorStatus } from '../collector/status.ts';
import type { HttpOptions } from '../config.ts';
import type { DiagnosisView } from '../diagnoses/types.ts';
import type { Feed } from '../feed.ts';
import type { L2View } from '../l2/watch.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { Resources } from '../metallb/objects/resources.ts';
import type { ExpectOptions } from '../metallb/types.ts';
import type { OverlayAccess } from '../overlay/overlay.ts';
import type { RibView } from '../rib/types.ts';
import type { StoreQueries } from '../store/types.ts';
import type { VerdictView } from '../verdicts/types.ts';

export interface ApiDeps {
  http: HttpOptions;
  rib: RibView;
  verdicts: VerdictView;
  diagnoses: DiagnosisView;
  expectations: () => ExpectationTable | null;
  /** Do sessions of this BGPPeer come to this collector? */
  standsFor: (bgpPeer: string) => boolean;
  /** The objects that the expectations come from. */
  resources: () => Resources | null;
  /** How expectations are worked out. */
  expect: ExpectOptions;
  /** Null: layer 2 is not watched. */
  l2: L2View | null;
  /** Hand-written rules. */
  overlay: OverlayAccess;
  queries: StoreQueries;
  latency: LatencyView;
  /** Tells, for each turn with changes, how long the first of them took from the socket to the table, in seconds. */
  processing: { subscribe(observer: (seconds: number) => void): void };
  feed: Feed;
  status: () => CollectorStatus;
  /** ROUTE-REFRESH; false when the neighbor is not established. */
  refresh: (neighbor: number) => boolean;
  /** Cease / Administrative Reset. */
  reset: (neighbor: number, text: string) => boolean;
  now: () => number;
}

/** Shapes of the API that its schemas do not have yet. */
import type { Evidence, ObjectRef } from '../../src/api/schemas.ts';

interface EntryBase {
  at: string;
  text: string;
  node: string | null;
  bgpPeer: string | null;
  neighbor: number | null;
  seq: number | null;
  evidence: Evidence[];
}

export type TimelineEntry = EntryBase &
  (
    | {
        kind: 'object';
        detail: {
          action: 'created' | 'changed' | 'deleted';
          object: ObjectRef;
          source: string;
          fields: string[];
          by: string | null;
        };
      }
    | {
        kind: 'expectation';
        detail: { action: 'expected' | 'changed' | 'no-longer-expected'; because: ObjectRef[]; fields: string[] };
      }
    | { kind: 'session'; detail: { from: string | null; to: string | null; reason: string | null } }
    | { kind: 'route'; detail: { action: 'announced' | 'replaced' | 'withdrawn' | 'stale'; fields: string[] } }
    | {
        kind: 'verdict';
        detail: {
          from: string | null;
          to: string | null;
          reasonCode: string;
          reasonText: string;
          fields: string[];
        };
      }
  );
export type TimelineKind = TimelineEntry['kind'];

/** How the collector itself is. */
import { z } from 'zod';
import { count, integer, time } from './common.ts';
import { DiagnosisCounts } from './diagnosis.ts';
import { L2Status } from './l2.ts';
import { SessionState } from './neighbor.ts';
import { VerdictCounts } from './verdict.ts';

export const SourceStatus = z.object({
  name: z.string(),
  kind: z.enum(['manifests', 'kubernetes', 'overlay']),
  synced: z.boolean(),
  readAt: time.nullable(),
  ageSeconds: z.number().nullable(),
  objects: count,
  problems: z
    .array(z.object({ file: z.string(), line: integer.optional(), path: z.string().optional(), text: z.string() }))
    .describe('The first 100'),
  problemCount: count,
  kinds: z
    .array(
      z.object({
        kind: z.string(),
        apiVersion: z.string(),
        state: z
          .enum(['synced', 'syncing', 'forbidden', 'absent', 'failing'])
          .describe('forbidden: no RBAC rule; absent: the cluster does not have the kind'),
        objects: count,
        since: time,
        text: z.string().nullable(),
      }),
    )
    .nullable()
    .describe('State of each kind; null for sources without kinds'),
});
export type SourceStatus = z.infer<typeof SourceStatus>;

export const Status = z
  .object({
    version: z.string(),
    collector: z.string(),
    asn: integer,
    routerId: z.string(),
    startedAt: time,
    uptimeSeconds: z.number(),
    advertises: z.literal(false).describe('Peerglass never announces a route'),
    seq: integer,
    watermark: integer.describe('Highest durable seq'),
    tablesSeq: integer.describe('Highest seq in the readable tables'),
    degraded: z
      .object({
        code: z.string(),
        text: z.string(),
        since: time,
        gap: z.object({ from: integer, to: integer }).nullable(),
      })
      .nullable(),
    gaps: z.array(z.object({ from: integer, to: integer, at: time, reason: z.string() })),
    clock: z
      .object({
        offsetMs: z.number().describe('Wall clock minus steady time'),
        jumps: count.describe('Changes of the wall clock by more than a second'),
        lastJump: z
          .object({ at: time, byMs: z.number().describe('Negative: set back in time') })
          .nullable()
          .describe('null: the wall clock has not been set since the start'),
      })
      .describe("The machine's clock. Durations do not depend on it; shown times follow it"),
    strangers: z
      .object({
        connections: count.describe('Since the start'),
        addresses: z
          .array(z.object({ address: z.string(), connections: count, firstAt: time, lastAt: time }))
          .describe('The latest addresses, newest first'),
      })
      .describe('Connections from addresses that no neighbor is configured for'),
    tables: z
      .array(
        z.object({
          name: z.string(),
          used: count,
          max: count,
          overflows: count.describe('How often the table was full since the start'),
        }),
      )
      .describe('Tables with a maximum size'),
    listening: z.array(z.string()),
    threads: z.object({
      speaker: z.object({
        sessions: count,
        connections: count,
        refused: count.describe('Connections reset since the start because of too many connections'),
        paused: z.boolean(),
        unacknowledgedBatches: count,
        loopDelayMs: z.number(),
      }),
      collector: z.object({ loopDelayMs: z.number() }),
      store: z.object({
        queuedBatches: count,
        queuedBytes: count,
        lastCommitMs: z.number(),
        databaseBytes: count,
      }),
    }),
    database: z
      .object({
        bytesInUse: count,
        bytesOnDisk: count.describe('The file and its write-ahead log'),
        maxBytes: count.nullable().describe('retention.maxBytes; null: no bound'),
        isOverBound: z.boolean().describe('Current routes and objects alone, which a restart needs, exceed the bound'),
        history: z.array(
          z.object({
            kind: z.enum(['routes', 'sessions', 'findings', 'objects']),
            bytes: count.describe('Approximate size'),
            oldestAt: time.nullable(),
            trimmed: z
              .object({ at: time, through: time, bytes: count })
              .nullable()
              .describe(
                'Deletions by retention.maxBytes: last time, up to which time, and octets since the first start',
              ),
          }),
        ),
      })
      .describe('Size of the database and of each kind of history in it'),
    sources: z.array(SourceStatus),
    rib: z.object({ routes: count, prefixes: count, attributeSets: count }),
    verdicts: VerdictCounts,
    findings: z
      .object({ open: count, listed: count })
      .describe('Verdicts that are not ok, and how many of them /findings lists'),
    diagnoses: DiagnosisCounts.describe('Diagnoses by severity'),
    l2: L2Status.nullable().describe('Interfaces watched on layer 2; null: not configured'),
    sessions: z.record(SessionState, count).describe('Neighbors by state'),
    streams: z.object({ clients: count }),
    http: z
      .object({
        connections: count,
        maxConnections: count,
        refused: count.describe('Connections reset since the start because too many others were busy'),
        evicted: count.describe('Idle connections closed since the start, to make room for new ones'),
      })
      .describe('Connections of HTTP clients'),
    descriptors: z
      .object({
        limit: count.nullable().describe('Maximum number of open files; null: unlimited or unknown'),
        text: z.string().nullable().describe('Problem with the limit'),
      })
      .describe('Open files'),
  })
  .meta({ id: 'Status' });
export type Status = z.infer<typeof Status>;

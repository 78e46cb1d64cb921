/** Messages of the live feed, both ways. */
import { z } from 'zod';
import { count, integer, time } from './common.ts';
import { RouteFilter } from './filter.ts';
import { Neighbor } from './neighbor.ts';
import { Change, VerdictWord } from './route.ts';
import { Verdict } from './verdict.ts';

export const SubscribeMessage = z.strictObject({
  type: z.literal('subscribe'),
  id: z.string().min(1).max(64),
  filter: RouteFilter.optional(),
  snapshot: z.boolean().optional(),
  resumeFrom: integer.nonnegative().optional().describe('Replay the changes after this seq'),
  epoch: z
    .string()
    .max(64)
    .optional()
    .describe(
      'The epoch of the seq in resumeFrom. If the database was replaced or restored since, a gap and a snapshot follow. Without an epoch, the seq refers to the current database',
    ),
  routes: z.boolean().optional().describe('false: no routes, only sessions and requested verdicts'),
  verdicts: z.boolean().optional(),
  includeRaw: z.boolean().optional(),
  coalesce: z.enum(['none', 'prefix']).optional(),
});
export type SubscribeMessage = z.infer<typeof SubscribeMessage>;

/** What a client may send. */
export const ClientMessage = z.discriminatedUnion('type', [
  SubscribeMessage,
  z.strictObject({ type: z.literal('unsubscribe'), id: z.string().min(1).max(64) }),
  z.strictObject({ type: z.literal('ping') }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

export const RouteMessage = z.object({ type: z.literal('route'), ...Change.shape, raw: z.string().optional() });
export type RouteMessage = z.infer<typeof RouteMessage>;

const epoch = z.string().optional().describe('Identifies the run of the collector; send it with resumeFrom');

/**
 * What the server sends. A WebSocket message, or the data of an SSE event, is one of these or an array of them.
 * `route`, `session` and `verdict` are sent once per client however many of its subscriptions match.
 */
export const ServerMessage = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('subscribed'), id: z.string(), seq: integer, epoch }),
    z.object({ type: z.literal('unsubscribed'), id: z.string() }),
    z.object({
      type: z.literal('snapshot_begin'),
      id: z.string(),
      count: count.describe('Routes in the table: an upper bound of the snapshot'),
    }),
    RouteMessage,
    z.object({
      type: z.literal('snapshot_end'),
      id: z.string(),
      seq: integer.describe('Where to resume: changes during the snapshot are sent again'),
      epoch,
    }),
    z.object({ type: z.literal('session'), ...Neighbor.shape }),
    z.object({
      type: z.literal('verdict'),
      from: VerdictWord.nullable(),
      to: VerdictWord.nullable(),
      ...Verdict.shape,
    }),
    z.object({
      type: z.literal('gap'),
      id: z.string().optional().describe('Id of the subscription; absent: all'),
      from: integer,
      to: integer,
      reason: z
        .enum(['resume-too-old', 'resume-unknown', 'resume-failed', 'not-stored', 'slow-client', 'verdicts-dropped'])
        .describe(
          'resume-*: a snapshot follows (-unknown: the seq or epoch does not belong to this database, or was lost when the collector was killed); not-stored: the database could not be written then; slow-client: what waited was dropped; verdicts-dropped: too many verdicts changed, read /checks again',
        ),
    }),
    z.object({ type: z.literal('heartbeat'), seq: integer, at: time, epoch }),
    z.object({ type: z.literal('error'), code: z.string(), message: z.string(), fatal: z.boolean() }),
    z.object({ type: z.literal('pong') }),
  ])
  .meta({ id: 'ServerMessage' });
export type ServerMessage = z.infer<typeof ServerMessage>;

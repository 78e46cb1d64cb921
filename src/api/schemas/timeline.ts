/** What happened to one prefix. */
import { z } from 'zod';
import { count, integer, time } from './common.ts';
import { ChangeAction } from './route.ts';
import { Evidence, ObjectRef } from './verdict.ts';

/** What every entry has. */
const entry = {
  at: time,
  text: z.string().describe('One sentence'),
  node: z.string().nullable(),
  bgpPeer: z.string().nullable(),
  neighbor: integer.nullable().describe('Id'),
  seq: integer.nullable().describe('The record in /changes that it is about'),
  evidence: z.array(Evidence),
};

export const FieldChange = z.object({
  path: z.string(),
  from: z.string().nullable().describe('Short text of the value; null: it was not there'),
  to: z.string().nullable(),
});
export type FieldChange = z.infer<typeof FieldChange>;

export const ObjectDetail = z.object({
  action: z.enum(['created', 'changed', 'deleted']),
  object: ObjectRef.describe('`line` is that of the first field that changed, where it is known'),
  source: z.enum(['manifests', 'kubernetes', 'overlay']),
  fields: z.array(z.string()).describe('Paths of the fields that changed'),
  changes: z.array(FieldChange),
  moreFields: count.describe('Fields that changed beyond those'),
  by: z.string().nullable().describe('Field manager of the last write, where an API server says it'),
  resourceVersion: z.string().nullable(),
  times: count.describe('More than 1: so many changes in a row, told as one'),
  until: time.describe('The last of them'),
  away: z.boolean().describe('It happened while this collector did not run; `at` is when it was found'),
});

export const ExpectationDetail = z.object({
  action: z
    .enum(['expected', 'changed', 'no-longer-expected', 'not-recorded'])
    .describe('not-recorded: so many prefixes changed that whether this one did was not kept'),
  because: z.array(ObjectRef).describe('The objects whose change did it, as far as they bear on this prefix'),
  moreBecause: count,
  fields: z.array(z.string()).describe('Attributes that are expected otherwise'),
  occasion: z
    .enum(['first', 'away', 'change'])
    .describe('first: nothing was known before; away: it happened while this collector did not run'),
  sessions: z
    .object({
      count,
      examples: z.array(z.object({ node: z.string(), bgpPeer: z.string() })),
      nodes: count,
    })
    .describe('The sessions that are concerned'),
});

export const TimelineEntry = z
  .discriminatedUnion('kind', [
    z.object({ ...entry, kind: z.literal('object'), detail: ObjectDetail }),
    z.object({ ...entry, kind: z.literal('expectation'), detail: ExpectationDetail }),
    z.object({
      ...entry,
      kind: z.literal('session'),
      detail: z.object({ from: z.string().nullable(), to: z.string().nullable(), reason: z.string().nullable() }),
    }),
    z.object({
      ...entry,
      kind: z.literal('route'),
      detail: z.object({ action: ChangeAction, fields: z.array(z.string()).describe('Attributes that changed') }),
    }),
    z.object({
      ...entry,
      kind: z.literal('verdict'),
      detail: z.object({
        from: z.string().nullable().describe('null: there was none'),
        to: z.string().nullable().describe('null: there is none, or it was judged anew after a restart'),
        reasonCode: z.string(),
        reasonText: z.string(),
        fields: z.array(z.string()),
      }),
    }),
  ])
  .meta({ id: 'TimelineEntry' });
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** The same as columns. */
export const TimelineColumns = z.object({ ...entry, kind: z.string(), detail: z.unknown() });

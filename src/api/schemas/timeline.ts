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
  seq: integer.nullable().describe('seq of the record in /changes'),
  evidence: z.array(Evidence),
};

export const FieldChange = z.object({
  path: z.string(),
  from: z.string().nullable().describe('Short text of the value; null: absent'),
  to: z.string().nullable(),
});
export type FieldChange = z.infer<typeof FieldChange>;

export const ObjectDetail = z.object({
  action: z.enum(['created', 'changed', 'deleted']),
  object: ObjectRef.describe('`line` is that of the first changed field, if known'),
  source: z.enum(['manifests', 'kubernetes', 'overlay']),
  fields: z.array(z.string()).describe('Paths of the fields that changed'),
  changes: z.array(FieldChange),
  moreFields: count.describe('Number of further changed fields'),
  by: z.string().nullable().describe('Field manager of the last write, if an API server reported it'),
  resourceVersion: z.string().nullable(),
  times: count.describe('Number of consecutive changes in this entry'),
  until: time.describe('The last of them'),
  away: z.boolean().describe('It happened while this collector was not running; `at` is when it was found'),
});

export const ExpectationDetail = z.object({
  action: z
    .enum(['expected', 'changed', 'no-longer-expected', 'not-recorded'])
    .describe('not-recorded: too many prefixes changed to record each'),
  because: z.array(ObjectRef).describe('The changed objects that affect this prefix'),
  moreBecause: count,
  fields: z.array(z.string()).describe('Attributes that differ from the expected ones'),
  occasion: z
    .enum(['first', 'away', 'change'])
    .describe('first: no earlier state is known; away: it happened while this collector was not running'),
  sessions: z
    .object({
      count,
      examples: z.array(z.object({ node: z.string(), bgpPeer: z.string() })),
      nodes: count,
    })
    .describe('The affected sessions'),
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
        from: z.string().nullable().describe('null: none'),
        to: z.string().nullable().describe('null: none, or judged again after a restart'),
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

/** What would be expected if these objects were there: the answer of `/simulate`. */
import { z } from 'zod';
import { count } from './common.ts';
import { Meta } from './envelope.ts';
import { ExpectedRoute, ExpectedSession, Lint, NotAnnounced, Refusal } from './verdict.ts';

const Difference = z.enum(['appears', 'disappears', 'changes']);
const counts = z.object({ appears: count, disappears: count, changes: count });

/** A route whose attributes stay the same is no difference, whatever makes it. */
export const RouteDifference = z.object({
  difference: Difference,
  node: z.string(),
  bgpPeer: z.string(),
  prefix: z.string(),
  fields: z.array(z.string()).describe('Attributes that differ, for `changes`'),
  before: ExpectedRoute.nullable(),
  after: ExpectedRoute.nullable(),
});
export type RouteDifference = z.infer<typeof RouteDifference>;

export const SessionDifference = z.object({
  difference: Difference,
  node: z.string(),
  bgpPeer: z.string(),
  before: ExpectedSession.nullable(),
  after: ExpectedSession.nullable(),
});
export type SessionDifference = z.infer<typeof SessionDifference>;

const L2Side = z.object({ node: z.string(), interfaces: z.array(z.string()).describe('Empty = all') });
export const L2Difference = z.object({
  difference: Difference,
  service: z.string(),
  before: L2Side.nullable(),
  after: L2Side.nullable(),
});
export type L2Difference = z.infer<typeof L2Difference>;

export const Breach = z.object({
  rule: z.object({ id: z.string(), rule: z.enum(['must', 'must-not']), reason: z.string(), owner: z.string() }),
  place: z.object({ file: z.string(), line: count.optional() }).nullable(),
  prefix: z.string(),
  nodes: z
    .array(z.string())
    .describe('must-not: the first sessions that would announce it; must: the first ones that would not'),
  text: z.string(),
  isNew: z.boolean().describe('The current objects satisfy the rule'),
});
export type Breach = z.infer<typeof Breach>;

export const Simulation = z
  .object({
    objects: z
      .object({
        added: count,
        replaced: count.describe('Changed content'),
        removed: count,
        ignored: count.describe('Posted objects of kinds that do not matter'),
      })
      .describe('Objects that pass their schema; rejections by webhooks and speakers are in `refusals`'),
    refusals: z.array(Refusal).describe('Not present now'),
    settled: z.array(Refusal).describe('Present now and gone after the change'),
    lint: z.array(Lint).describe('Not present now'),
    lintSettled: z.array(Lint).describe('Present now and gone after the change'),
    notAnnounced: z.array(NotAnnounced).describe('Of the posted Services and the requested one'),
    sessions: z.array(SessionDifference),
    l2: z.array(L2Difference).describe('Services whose layer 2 owner would change or disappear'),
    breaches: z.array(Breach).describe('Overlay rules that the expected routes violate; those satisfied now first'),
    counts: counts.describe('Routes on all pages'),
    expectations: z.array(RouteDifference).describe('Ordered by node, BGPPeer and prefix'),
    complete: z.boolean().describe('All routes were compared; if false, the counts cover only the first ones'),
    truncated: z.boolean().describe('A list besides the expectations was cut'),
  })
  .meta({ id: 'Simulation' });
export type Simulation = z.infer<typeof Simulation>;

export const SimulationAnswer = z.object({
  data: Simulation,
  meta: Meta,
  page: z.object({ nextCursor: z.string().nullable() }),
});
export type SimulationAnswer = z.infer<typeof SimulationAnswer>;

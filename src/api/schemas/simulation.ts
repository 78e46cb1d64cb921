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
    .describe('must-not: who would announce it; must: those it names who would not; the first of them'),
  text: z.string(),
  isNew: z.boolean().describe('With the objects that are there the rule is kept'),
});
export type Breach = z.infer<typeof Breach>;

export const Simulation = z
  .object({
    objects: z
      .object({
        added: count,
        replaced: count.describe('With other content'),
        removed: count,
        ignored: count.describe('Posted ones of kinds that play no part'),
      })
      .describe('Objects that pass their schema; what webhooks and speakers say of them is in `refusals`'),
    refusals: z.array(Refusal).describe('That are not there now'),
    settled: z.array(Refusal).describe('That are there now and would be no more'),
    lint: z.array(Lint).describe('That is not there now'),
    lintSettled: z.array(Lint).describe('That is there now and would be no more'),
    notAnnounced: z.array(NotAnnounced).describe('Of the posted Services, and of the one that is asked for'),
    sessions: z.array(SessionDifference),
    l2: z.array(L2Difference).describe('Services that another node, or nobody, would answer for on layer 2'),
    breaches: z
      .array(Breach)
      .describe(
        'Hand-written rules that would be broken if speakers did what is expected; those that are kept now first',
      ),
    counts: counts.describe('Routes, of all pages'),
    expectations: z.array(RouteDifference).describe('Ordered by node, BGPPeer and prefix'),
    complete: z.boolean().describe('All routes were compared; otherwise the counts are those of the first of them'),
    truncated: z.boolean().describe('A list beside the expectations was longer than is shown'),
  })
  .meta({ id: 'Simulation' });
export type Simulation = z.infer<typeof Simulation>;

export const SimulationAnswer = z.object({
  data: Simulation,
  meta: Meta,
  page: z.object({ nextCursor: z.string().nullable() }),
});
export type SimulationAnswer = z.infer<typeof SimulationAnswer>;

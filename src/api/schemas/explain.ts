/** Why one prefix is, or is not, announced by which node to which peer. */
import { z } from 'zod';
import { ObjectRef } from './verdict.ts';
import { PrefixCell } from './views.ts';

export const WhyNot = z.object({
  reason: z.string().describe("MetalLB's own word: notOwner, noSession, aggregationLength …"),
  text: z.string(),
  objects: z.array(ObjectRef),
});
export type WhyNot = z.infer<typeof WhyNot>;

export const ExplainedSession = z.object({
  ...PrefixCell.shape,
  whyNot: WhyNot.nullable().describe('null: expected, or unrelated to MetalLB objects'),
  text: z
    .string()
    .describe('What is expected and why, or why nothing is expected; the received route is in `verdict.reasonText`'),
});
export type ExplainedSession = z.infer<typeof ExplainedSession>;

export const Explanation = z
  .object({
    prefix: z.string(),
    text: z.string(),
    sessions: z.array(ExplainedSession),
    truncated: z.boolean(),
  })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof Explanation>;

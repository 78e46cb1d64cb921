/** The hand-written overlay as it is read and put. */
import { z } from 'zod';
import { maxRules, RuleInput } from '../../overlay/rule.ts';
import { count, integer, time } from './common.ts';

const words = z.union([z.string(), z.array(z.string())]);

export const OverlayRule = z
  .object({
    id: z.string(),
    rule: z.enum(['must', 'must-not', 'ignore']),
    prefix: z.string(),
    match: z.enum(['exact', 'longer', 'covering']),
    node: words.optional(),
    bgpPeer: words.optional(),
    neighbor: words.optional().describe('Addresses'),
    atLeast: count.optional(),
    communities: z.array(z.string()).optional(),
    largeCommunities: z.array(z.string()).optional(),
    localPref: integer.optional(),
    nextHop: words.optional(),
    asPath: z.array(integer).optional(),
    verdict: words.optional(),
    fields: z.array(z.string()).optional(),
    reason: z.string(),
    owner: z.string(),
    expires: time.nullable().describe('When it expires; null: never'),
    expired: z.boolean(),
    layer: z.enum(['file', 'api']).describe('Set by the overlay file, or over REST'),
    replaced: z.boolean().describe('A rule with the same id was set over REST and replaces this one'),
  })
  .meta({ id: 'OverlayRule' });
export type OverlayRule = z.infer<typeof OverlayRule>;

export const Overlay = z
  .object({
    rules: z.array(OverlayRule),
    file: z.string().nullable().describe('`expect.overlay` of the configuration'),
    updatedAt: time.nullable().describe('Of the last PUT'),
    problems: z
      .array(z.object({ file: z.string(), line: integer.optional(), path: z.string().optional(), text: z.string() }))
      .describe('Invalid entries and expired rules'),
  })
  .meta({ id: 'Overlay' });
export type Overlay = z.infer<typeof Overlay>;

/** What GET gives beside what was written; left alone, so that its answer can be edited and put back. */
const answered = {
  expired: z.boolean().optional(),
  layer: z.enum(['file', 'api']).optional(),
  replaced: z.boolean().optional(),
};

export const PutOverlay = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        ...RuleInput.shape,
        expires: z
          .string()
          .nullable()
          .optional()
          .describe('A date (its end, UTC) or an RFC 3339 time; `ignore` needs it'),
        ...answered,
      }),
    )
    .max(maxRules)
    .describe('All rules of this layer; rules of layer `file` come from the file'),
});

/** For the documentation; a schema that transforms what it is given cannot carry it. */
export const overlayExample = {
  rules: [
    {
      id: 'anycast-dns',
      rule: 'must',
      prefix: '203.0.113.53/32',
      node: ['node-a', 'node-b', 'node-c'],
      atLeast: 2,
      communities: ['64512:100'],
      reason: 'Resolvers of the site',
      owner: 'dns-team',
    },
    {
      id: 'migration-71',
      rule: 'ignore',
      prefix: '198.51.100.0/24',
      match: 'longer',
      bgpPeer: 'tor-2',
      verdict: 'missing',
      reason: 'tor-2 is being replaced',
      owner: 'net-team',
      expires: '2026-12-31',
    },
  ],
};

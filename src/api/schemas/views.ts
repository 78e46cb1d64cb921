/** Answers that put several things together: one prefix over all neighbors, the look-up box. */
import { z } from 'zod';
import { count, family, integer } from './common.ts';
import { NeighborRef, Route } from './route.ts';
import { ExpectedRoute, Says, Verdict } from './verdict.ts';

/** One cell of the matrix prefix × neighbor. */
export const PrefixCell = z.object({
  neighbor: NeighborRef.nullable(),
  node: z.string().nullable(),
  bgpPeer: z.string().nullable(),
  received: z.array(Route).describe('More than one with ADD-PATH'),
  expected: ExpectedRoute.nullable(),
  verdict: Verdict.nullable(),
  says: Says.nullable().describe('null: no status object of that node is available'),
  ecmp: z.boolean().describe('Part of the multipath set that a router would use'),
});
export type PrefixCell = z.infer<typeof PrefixCell>;

export const PrefixView = z
  .object({
    prefix: z.string(),
    family,
    cells: z.array(PrefixCell),
    ecmp: z
      .array(z.object({ neighbor: integer, pathId: integer, nextHop: z.string().nullable() }))
      .describe('Best path and its equals by LOCAL_PREF, AS_PATH length, ORIGIN, MED, eBGP over iBGP'),
    covering: z.array(z.string()).describe('Received less-specific prefixes, shortest first'),
    truncated: z.boolean(),
  })
  .meta({ id: 'PrefixView' });
export type PrefixView = z.infer<typeof PrefixView>;

/** One answer of the look-up box; `query` is the REST query that shows it. */
export const LookupResult = z.object({
  kind: z.enum([
    'prefix',
    'neighbor',
    'node',
    'service',
    'asn',
    'community',
    'largeCommunity',
    'pool',
    'advertisement',
    'bgpPeer',
  ]),
  label: z.string(),
  text: z.string(),
  href: z.string().describe('URL of the details'),
  routes: count.nullable().describe('Routes affected; null: not counted'),
});
export type LookupResult = z.infer<typeof LookupResult>;

export const Lookup = z
  .object({
    query: z.string(),
    kinds: z.array(z.string()).describe('How the query was read'),
    results: z.array(LookupResult),
    truncated: z.boolean().describe('More results exist'),
  })
  .meta({ id: 'Lookup' });
export type Lookup = z.infer<typeof Lookup>;

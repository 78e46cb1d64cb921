/** Which routes: the query of `/routes` and the filter of a subscription. */
import { z } from 'zod';
import { family } from './common.ts';
import { VerdictWord } from './route.ts';

export const matchModes = ['exact', 'longest', 'longer', 'shorter', 'covering'] as const;
export type MatchMode = (typeof matchModes)[number];

const text = z.string().min(1).max(256);
/** A list in JSON, a comma list in a query string; any of the values. */
const anyOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (value) =>
      typeof value === 'string' ? value.split(',') : Array.isArray(value) || value === undefined ? value : [value],
    z.array(item).min(1).max(256),
  );
const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());
const asNumber = z.coerce.number().int().min(0).max(0xffff_ffff);

export const RouteFilter = z
  .strictObject({
    prefix: text.optional().describe('Prefix or address'),
    match: z
      .enum(matchModes)
      .optional()
      .describe(
        'exact (default) | longest: the longest prefix that contains it | longer: it and its more-specifics | ' +
          'shorter: its less-specifics | covering: it and its less-specifics',
      ),
    normalize: flag.optional().describe('Ignore host bits of the prefix'),
    family: z.preprocess((value) => (typeof value === 'string' ? Number(value) : value), family).optional(),
    neighbor: anyOf(z.union([z.number().int().transform(String), text]))
      .optional()
      .describe('Id, address or node name'),
    node: anyOf(text).optional(),
    community: anyOf(text).optional().describe('`64512:100`'),
    largeCommunity: anyOf(text).optional().describe('`64512:1:100`'),
    nextHop: text.optional(),
    asPath: text.optional().describe('AS numbers in sequence, `64512 64513`; `^` and `$` anchor it; empty path: `^$`'),
    originAsn: asNumber.optional().describe('Last AS of the path; for an empty path the AS of the neighbor'),
    verdict: anyOf(VerdictWord).optional(),
    service: text.optional().describe('namespace/name'),
    pool: text.optional(),
    advertisement: text.optional(),
    stale: flag.optional(),
    since: text.optional().describe('Routes that changed after this time (RFC 3339) or seq'),
  })
  .meta({ id: 'RouteFilter' });
export type RouteFilter = z.infer<typeof RouteFilter>;

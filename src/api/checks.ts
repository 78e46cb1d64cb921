/** `/checks`, `/checks/summary` and `/findings`: the verdicts now, how many of each, and their life. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { formatTime } from '../rib/time.ts';
import type { VerdictFilter, VerdictKey } from '../verdicts/types.ts';
import { envelopeOf, type Slice, sendList } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { readPrefix } from './filter-tests.ts';
import { limits } from './limits.ts';
import { decodeCursor, listQuery } from './query.ts';
import { resolveNeighbor } from './resolve.ts';
import { withSays } from './says.ts';
import { CheckRow, envelope, Finding, FindingGroups, page, Summary, type Verdict, VerdictWord } from './schemas.ts';
import { openFindings } from './status.ts';
import { turn } from './turn.ts';

const name = z.string().min(1).max(253);
const ChecksQuery = z.strictObject({
  ...listQuery,
  verdict: z
    .preprocess((text) => (typeof text === 'string' ? text.split(',') : text), z.array(VerdictWord).min(1))
    .optional()
    .describe('Comma list'),
  prefix: z.string().max(64).optional().describe('Exactly this prefix'),
  normalize: z.stringbool().optional(),
  neighbor: name.optional().describe('Id, address or node name'),
  node: name.optional(),
  bgpPeer: name.optional(),
  service: z.string().max(512).optional().describe('namespace/name'),
  pool: name.optional(),
  advertisement: name.optional(),
});
const FindingsQuery = z.strictObject({
  ...listQuery,
  open: z.stringbool().optional().describe('Only current findings, or only ended ones'),
  prefix: z.string().max(64).optional(),
  normalize: z.stringbool().optional(),
});
const Key: z.ZodType<VerdictKey> = z.object({
  prefix: z.string(),
  node: z.string().nullable(),
  bgpPeer: z.string().nullable(),
  neighbor: z.int().nullable(),
  rule: z.string().nullable().optional(),
});

export const checks =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['checks'];
    app.get(
      '/checks',
      {
        schema: {
          tags,
          summary: 'The verdict on every (prefix, node, peer)',
          querystring: ChecksQuery,
          response: { 200: page(CheckRow) },
        },
      },
      async (request, reply) => {
        const filter = filterOf(deps, request.query);
        return sendList(deps, request, reply, {
          row: CheckRow,
          after: decodeCursor(Key, request.query.cursor),
          read: (after, limit) => readChecks(deps, filter, after as VerdictKey | undefined, limit),
        });
      },
    );

    app.get(
      '/checks/summary',
      { schema: { tags, summary: 'How many of each verdict', response: { 200: envelope(Summary) } } },
      async () => {
        const summary = deps.verdicts.summary();
        return envelopeOf(deps, { ...summary, evaluatedAt: formatTime(summary.evaluatedAt) });
      },
    );

    app.get(
      '/findings',
      {
        schema: {
          tags,
          summary: 'Verdicts that were not ok, with their life, newest first, and those that are not ok now in groups',
          querystring: FindingsQuery,
          response: { 200: page(Finding).extend({ summary: FindingGroups }) },
        },
      },
      async (request, reply) => {
        const { open, prefix, normalize, cursor } = request.query;
        const asked = {
          ...(open !== undefined && { open }),
          ...(prefix !== undefined && { prefix: readPrefix(prefix, normalize).text }),
        };
        return sendList(deps, request, reply, {
          row: Finding,
          after: decodeCursor(z.int(), cursor),
          beside: () => ({
            summary: {
              open: openFindings(deps.verdicts.summary().verdicts),
              ...deps.status().findings,
              ...deps.verdicts.groups(),
            } satisfies FindingGroups,
          }),
          read: async (before, limit) => {
            const position = before === undefined ? {} : { before: before as number };
            const rows = await deps.queries.findings({ ...asked, ...position, limit });
            return {
              rows: rows.map((row) => ({
                ...row,
                // those of earlier versions know of no rules
                verdict: { ...row.verdict, overlay: row.verdict.overlay ?? null, rule: row.verdict.rule ?? null },
                since: formatTime(row.since),
                until: row.until === null ? null : formatTime(row.until),
              })),
              next: rows.length < limit ? null : rows.at(-1)!.id,
            };
          },
        });
      },
    );
  };

function filterOf({ rib }: ApiDeps, query: z.infer<typeof ChecksQuery>): VerdictFilter {
  const { verdict, prefix, normalize, neighbor, node, bgpPeer, service, pool, advertisement } = query;
  return {
    ...(verdict && { verdict }),
    ...(prefix !== undefined && { prefix: readPrefix(prefix, normalize).text }),
    ...(neighbor !== undefined && { neighbor: resolveNeighbor(rib, neighbor).id }),
    ...(node !== undefined && { node }),
    ...(bgpPeer !== undefined && { bgpPeer }),
    ...(service !== undefined && { service }),
    ...(pool !== undefined && { pool }),
    ...(advertisement !== undefined && { advertisement }),
  };
}

/** Verdicts beside what the cluster says of them. */
export async function readChecks(
  deps: ApiDeps,
  filter: VerdictFilter,
  after: VerdictKey | undefined,
  limit: number,
): Promise<Slice<CheckRow>> {
  const { rows, next } = await readVerdicts(deps, filter, after, limit);
  return { rows: rows.map((row) => withSays(deps, row)), next };
}

/** Rows with their evidence are dear to make: a few hundred between two turns. */
export async function readVerdicts(
  { verdicts }: ApiDeps,
  filter: VerdictFilter,
  after: VerdictKey | undefined,
  limit: number,
): Promise<Slice<Verdict>> {
  const rows: Verdict[] = [];
  for (let from = after; ; await turn()) {
    const slice = verdicts.list(filter, from, Math.min(limits.verdictSlice, limit - rows.length));
    rows.push(...slice.rows);
    if (slice.next === undefined || rows.length >= limit) return { rows, next: slice.next ?? null };
    from = slice.next;
  }
}

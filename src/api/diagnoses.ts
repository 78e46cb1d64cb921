/** `/diagnoses` and `/diagnoses/catalog`: known troubles that were found, and what is looked for. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { Diagnosis as Found } from '../diagnoses/types.ts';
import { formatTime } from '../rib/time.ts';
import { envelopeOf, sendList } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { readPrefix } from './filter-tests.ts';
import { limits } from './limits.ts';
import { decodeCursor, listQuery } from './query.ts';
import { resolveNeighbor } from './resolve.ts';
import { Diagnosis, DiagnosisCatalog, DiagnosisSeverity, envelope, type Facet, page } from './schemas.ts';

const name = z.string().min(1).max(253);
const commaList = <T extends z.ZodType>(item: T) =>
  z.preprocess((text) => (typeof text === 'string' ? text.split(',') : text), z.array(item).min(1).max(64));
const facetNames = ['code', 'severity', 'node'] as const;

const DiagnosesQuery = z.strictObject({
  ...listQuery,
  code: commaList(name).optional().describe('Comma list'),
  severity: commaList(DiagnosisSeverity).optional().describe('Comma list'),
  node: name.optional(),
  neighbor: name.optional().describe('Id, address or node name'),
  service: z.string().min(1).max(512).optional().describe('namespace/name'),
  prefix: z.string().max(64).optional().describe('Exactly this prefix'),
  facets: commaList(z.enum(facetNames)).optional().describe('Comma list: count values of these fields'),
});

export const diagnoses =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['diagnoses'];
    app.get(
      '/diagnoses',
      {
        schema: {
          tags,
          summary: 'Known troubles that were found, worst first, then newest',
          querystring: DiagnosesQuery,
          response: { 200: page(Diagnosis) },
        },
      },
      async (request, reply) => {
        const { facets, cursor } = request.query;
        const found = deps.diagnoses.list().filter(filterOf(deps, request.query));
        return sendList(deps, request, reply, {
          row: Diagnosis,
          // the list is short and whole in memory: a cursor is a position in it
          after: decodeCursor(z.int().min(0), cursor),
          state: deps.diagnoses.evaluatedAt,
          read(after, limit) {
            const start = (after as number | undefined) ?? 0;
            const end = start + limit;
            return { rows: found.slice(start, end).map(present), next: end < found.length ? end : null };
          },
          ...(facets && {
            facets: async () => Object.fromEntries(facets.map((facet) => [facet, countOf(found, facet)])),
          }),
        });
      },
    );

    app.get(
      '/diagnoses/catalog',
      {
        schema: {
          tags,
          summary: 'What is looked for, and how much of it was found',
          response: { 200: envelope(DiagnosisCatalog) },
        },
      },
      async () => {
        const { evaluatedAt } = deps.diagnoses;
        return envelopeOf(deps, {
          evaluatedAt: evaluatedAt === null ? null : formatTime(evaluatedAt),
          checks: deps.diagnoses.catalog().map((row) => ({ ...row, aliases: [...row.aliases] })),
        });
      },
    );
  };

function filterOf(deps: ApiDeps, query: z.infer<typeof DiagnosesQuery>): (diagnosis: Found) => boolean {
  const { code, severity, node, service } = query;
  const neighbor = query.neighbor === undefined ? undefined : resolveNeighbor(deps.rib, query.neighbor).id;
  const prefix = query.prefix === undefined ? undefined : readPrefix(query.prefix, false).text;
  const asked = deps.diagnoses.catalog().filter((row) => row.aliases.some((alias) => code?.includes(alias)));
  const codes = new Set([...(code ?? []), ...asked.map((row) => row.code)]);
  return (one) =>
    (!code || codes.has(one.code)) &&
    (!severity || severity.includes(one.severity)) &&
    (node === undefined || one.node === node) &&
    (service === undefined || one.service === service) &&
    (neighbor === undefined || one.neighbor === neighbor) &&
    (prefix === undefined || one.prefix === prefix);
}

const present = (one: Found): Diagnosis => ({ ...one, since: formatTime(one.since) });

/** The most frequent values first; what is about no node has no value. */
function countOf(found: readonly Found[], facet: (typeof facetNames)[number]): Facet {
  const groups = Map.groupBy(found, (one) => one[facet]);
  const values = [...groups]
    .flatMap(([value, { length: count }]) => (value === null ? [] : [{ value, count }]))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { values: values.slice(0, limits.facetValues), truncated: values.length > limits.facetValues };
}

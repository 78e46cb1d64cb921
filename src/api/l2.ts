/** `GET /l2`: who answers for the addresses of pools with an L2Advertisement, and whether that is who was elected. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { canonicalAddress } from '../ip.ts';
import type { L2Row as Inner } from '../l2/rows.ts';
import type { ObjectRef } from '../metallb/types.ts';
import { formatTime } from '../rib/time.ts';
import { sendList } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';
import { decodeCursor, listQuery } from './query.ts';
import { type Evidence, type Facet, L2Row, L2VerdictWord, page } from './schemas.ts';

const commaList = <T extends z.ZodType>(item: T) =>
  z.preprocess((text) => (typeof text === 'string' ? text.split(',') : text), z.array(item).min(1).max(64));
const facetNames = ['verdict', 'node'] as const;

const L2Query = z.strictObject({
  ...listQuery,
  service: z.string().min(1).max(512).optional().describe('namespace/name'),
  address: z.string().max(64).optional(),
  node: commaList(z.string().min(1).max(253)).optional().describe('Nodes that are elected or answer; comma list'),
  verdict: commaList(L2VerdictWord).optional().describe('Comma list'),
  facets: commaList(z.enum(facetNames)).optional().describe('Comma list: count values of these fields'),
});

const notWatched = 'Layer 2 is not watched: set l2 in the configuration.';

export const l2 =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/l2',
      {
        schema: {
          tags: ['layer 2'],
          summary: 'Who answers for each service address on layer 2, and who should',
          querystring: L2Query,
          response: { 200: page(L2Row) },
        },
      },
      async (request, reply) => {
        const { facets, cursor } = request.query;
        const all = deps.l2?.rows() ?? [];
        const says = saysByService(deps);
        const found = all.map((row) => present(row, says)).filter(filterOf(request.query));
        return sendList(deps, request, reply, {
          row: L2Row,
          // a cursor is a position: rows come and go with services only
          after: decodeCursor(z.int().min(0), cursor),
          state: deps.l2?.revision ?? null,
          read(after, limit) {
            const start = (after as number | undefined) ?? 0;
            const end = start + limit;
            return { rows: found.slice(start, end), next: end < found.length ? end : null };
          },
          ...(all.length === 0 && { emptyText: deps.l2?.emptyText() ?? notWatched }),
          ...(facets && {
            facets: async () => Object.fromEntries(facets.map((facet) => [facet, countOf(found, facet)])),
          }),
        });
      },
    );
  };

function filterOf({ service, address, node, verdict }: z.infer<typeof L2Query>): (row: L2Row) => boolean {
  const canonical = address === undefined ? undefined : canonicalAddress(address);
  if (address !== undefined && canonical === undefined)
    throw new ApiError(400, 'invalid-request', 'address: expected an IPv4 or IPv6 address');
  return (row) =>
    (service === undefined || row.service === service) &&
    (canonical === undefined || row.address === canonical) &&
    (!verdict || verdict.includes(row.verdict)) &&
    (!node || nodesOf(row).some((name) => node.includes(name)));
}

/** Who is elected, and who was seen. */
const nodesOf = ({ elected, seen }: L2Row): string[] => [
  ...new Set([elected?.node, ...seen.map((one) => one.node)].filter((name) => typeof name === 'string')),
];

type Says = ReadonlyMap<string, { node: string; interfaces: string[] }[]>;

/** What the speakers themselves report. */
function saysByService({ resources }: ApiDeps): Says {
  const objects = [...(resources()?.ServiceL2Status.values() ?? [])];
  return Map.groupBy(
    objects.map(({ spec }) => spec),
    ({ service }) => service,
  );
}

function present(row: Inner, says: Says): L2Row {
  const { service, address, pool, expectation, verdict, reasonCode, reasonText } = row;
  const [elected] = expectation?.elected ?? [];
  const reported = says.get(service);
  const said = reported?.find(({ node }) => node === elected?.node) ?? reported?.[0];
  return {
    service,
    address,
    family: address.includes(':') ? 6 : 4,
    pool,
    elected: elected ? { node: elected.node, interfaces: elected.interfaces } : null,
    reasonNotAnnounced: expectation?.reason?.text ?? null,
    says: said ? { node: said.node, interfaces: said.interfaces } : null,
    seen: row.owners.map((owner) => ({ ...owner, at: formatTime(owner.at) })),
    verdict,
    reasonCode,
    reasonText,
    evidence: evidenceOf(row),
    since: formatTime(row.since),
  };
}

function evidenceOf({ objects, owners, deadline }: Inner): Evidence[] {
  return [
    ...objects
      .slice(0, limits.l2Objects)
      .map((object) => ({ kind: 'object' as const, ref: objectText(object), ...where(object) })),
    ...owners.map(({ mac, interface: name, via, at }) => ({
      kind: 'message' as const,
      ref: formatTime(at),
      text: `${mac} on ${name}, ${sources[via]}`,
    })),
    ...(deadline === null ? [] : [{ kind: 'time' as const, ref: formatTime(deadline), text: 'pending until then' }]),
  ];
}

const sources = { arp: 'heard by ARP', ndp: 'heard by Neighbor Discovery', 'neighbor-table': "in the kernel's table" };

/** `L2Advertisement/metallb-system/all` */
const objectText = ({ kind, namespace, name }: ObjectRef): string => [kind, namespace, name].filter(Boolean).join('/');

function where({ file, line }: ObjectRef): { text?: string } {
  if (file === undefined) return {};
  return { text: line === undefined ? file : `${file}:${line}` };
}

/** The most frequent values first. A row counts for each node that it is about. */
function countOf(rows: readonly L2Row[], facet: (typeof facetNames)[number]): Facet {
  const counts = new Map<string, number>();
  for (const row of rows)
    for (const value of facet === 'verdict' ? [row.verdict] : nodesOf(row))
      counts.set(value, (counts.get(value) ?? 0) + 1);
  const values = Array.from(counts, ([value, count]) => ({ value, count })).sort(
    (a, b) => b.count - a.count || (a.value < b.value ? -1 : 1),
  );
  return { values: values.slice(0, limits.facetValues), truncated: values.length > limits.facetValues };
}

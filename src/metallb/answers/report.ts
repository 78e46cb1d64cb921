/** The answer of `peerglass expect`: as one JSON object, and for people. */

import { visible } from '../../visible.ts';
import type { LintCode, RefusalCode } from '../codes.ts';
import type { ExpectationTable } from '../expectations/table.ts';
import { keyOf, place } from '../objects/resources.ts';
import { lintOf } from '../problems/index.ts';
import type { ExpectedRoute, NotAnnounced, ObjectRef } from '../types.ts';
import { summaryByService } from './by-service.ts';
import { columns, hasMoreThan, jsonLists, mapped, maxListedRows, type ReportFilter, rowsOf, Sections } from './rows.ts';

/** One expected route; large communities as `large:a:b:c`, sorted as text among the others. */
export interface ExpectationRow {
  node: string;
  bgpPeer: string;
  prefix: string;
  localPref: number | null;
  localPrefAnyOf?: number[];
  communities: string[];
  communitiesAnyOf?: string[][];
  nextHop: 'self';
  asPath: number[];
  med: number | null;
  chain: { service: string; ip: string; pool: string; advertisement: string }[];
}

/** `object` is `Kind/name`; where it was written, and its namespace, are beside it. */
export interface About {
  object: string;
  namespace?: string;
  file?: string;
  line?: number;
}

/** What is printed as JSON. Services are `namespace/name`, and plain `name` in the namespace `default`, as kubectl takes them. */
export interface ExpectReport {
  expectations: ExpectationRow[];
  refusals: (About & { code: RefusalCode; stage: string; error: string; effect: string; nodes: string[] })[];
  notAnnounced: { service: string; node: string; reason: string; text: string }[];
  l2: { service: string; node: string; interfaces: string[] }[];
  lint: (About & { code: LintCode; path: string; message: string; hint?: string })[];
}

/** The same as rows that are made when somebody goes through them. */
type Rows = { [K in keyof ExpectReport]: Iterable<ExpectReport[K][number]> };

function reportRows(table: ExpectationTable, only: ReportFilter): Rows {
  const isAsked = ({ service, node }: { service: string; node: string }): boolean =>
    (only.service === undefined || service === only.service) && (only.node === undefined || node === only.node);
  return {
    expectations: rowsOf(() => expectationRows(table, only)),
    refusals: mapped(table.refusals, ({ object, ...refusal }) => ({ ...about(object), ...refusal })),
    notAnnounced: mapped(notAnnouncedOf(table, only), ({ service, ...row }) => ({
      service: shortName(service),
      ...row,
    })),
    l2: mapped(table.l2.filter(isAsked), ({ service, ...row }) => ({ service: shortName(service), ...row })),
    lint: mapped([...table.lint, ...lintOf(table, true)], ({ object, ...lint }) => ({ ...about(object), ...lint })),
  };
}

function* expectationRows(table: ExpectationTable, only: ReportFilter): Generator<ExpectationRow> {
  for (const { node, bgpPeer } of table.sessions) {
    if ((only.node ?? node) !== node || (only.bgpPeer ?? bgpPeer) !== bgpPeer) continue;
    for (const route of routesOf(table, node, bgpPeer, only.prefix))
      if (only.service === undefined || route.chain.some(({ service }) => service === only.service)) yield rowOf(route);
  }
}

const notAnnouncedOf = (table: ExpectationTable, { service, node }: ReportFilter): Iterable<NotAnnounced> =>
  rowsOf(function* () {
    for (const one of service === undefined ? table.services() : [service]) yield* table.notAnnouncedOf(one, node);
  });

function routesOf(table: ExpectationTable, node: string, bgpPeer: string, prefix: string | undefined) {
  if (prefix === undefined) return table.routes(node, bgpPeer);
  const route = table.route(node, bgpPeer, prefix);
  return route ? [route] : [];
}

/** Everything there is to say, or what of it is asked for, as JSON in pieces; `more` are lists beside it. */
export const reportJson = (
  table: ExpectationTable,
  only: ReportFilter = {},
  more: Readonly<Record<string, readonly unknown[]>> = {},
): Iterable<string> => jsonLists({ ...reportRows(table, only), ...more });

/**
 * The same for people, in pieces: what is wrong first, then what is announced, then what is not.
 * @param most rows of a list; of more than that a summary by Service is given
 */
export function* reportText(
  table: ExpectationTable,
  only: ReportFilter = {},
  most: number = maxListedRows,
): Generator<string> {
  const sections = new Sections();
  const { expectations, notAnnounced, l2 } = reportRows(table, only);
  yield* sections.section(
    'Refused',
    mapped(
      table.refusals,
      ({ object, stage, error, effect, nodes }) =>
        `${visible(`${where(object)}${stage}: ${error}`)}\n      ${visible(effect + (nodes.length > 0 ? ` (nodes ${nodes.join(', ')})` : ''))}`,
    ),
  );
  yield* sections.section(
    'Lint',
    mapped([...table.lint, ...lintOf(table, true)], ({ object, path, message, hint }) =>
      visible(`${where(object)}${path}: ${message}${hint ? ` (${hint})` : ''}`),
    ),
  );
  if (hasMoreThan(most, expectations))
    yield* sections.section(
      `Announced over BGP: more than ${most} routes, by Service (--all lists every route)`,
      columns(serviceLines(table, only)),
    );
  else
    yield* sections.section(
      'Announced over BGP',
      columns(
        mapped(expectations, (row) => [
          row.prefix,
          row.node,
          `→ ${row.bgpPeer}`,
          attributes(row),
          `from ${origin(row)}`,
        ]),
      ),
    );
  yield* sections.section(
    'Announced on layer 2',
    columns(
      mapped(l2, ({ service, node, interfaces }) => [
        service,
        node,
        interfaces.length === 0 ? 'all interfaces' : interfaces.join(', '),
      ]),
    ),
  );
  if (hasMoreThan(most, notAnnounced))
    yield* sections.section(
      `Not announced over BGP: more than ${most} pairs of Service and node, by Service (--all lists every pair)`,
      columns(notAnnouncedLines(notAnnounced)),
    );
  else
    yield* sections.section(
      'Not announced over BGP',
      columns(mapped(notAnnounced, ({ service, node, reason, text }) => [service, node, reason, text])),
    );
  const blind = whatIsMissing(table);
  if (blind !== undefined) yield* sections.paragraph(`${blind}\n`);
  if (sections.isEmpty) yield 'Nothing is announced, nothing is refused.\n';
}

const serviceLines = (table: ExpectationTable, only: ReportFilter): Iterable<string[]> =>
  mapped(summaryByService(table, only), ({ service, prefixes, nodes, bgpPeers, routes }) => [
    shortName(service),
    some(prefixes),
    plural(nodes, 'node'),
    `→ ${some(bgpPeers)}`,
    plural(routes, 'route'),
  ]);

/** Rows of one Service come one after the other. */
function* notAnnouncedLines(rows: Rows['notAnnounced']): Generator<string[]> {
  let service: string | undefined;
  let reasons = new Map<string, { nodes: number; text: string }>();
  const lines = () =>
    Array.from(reasons, ([reason, { nodes, text }]) => [service!, plural(nodes, 'node'), reason, text]);
  for (const row of rows) {
    if (row.service !== service) {
      if (service !== undefined) yield* lines();
      service = row.service;
      reasons = new Map();
    }
    const known = reasons.get(row.reason);
    if (known) known.nodes++;
    else reasons.set(row.reason, { nodes: 1, text: row.text });
  }
  if (service !== undefined) yield* lines();
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** Why there can be no expectations, however right the objects are. */
function whatIsMissing(table: ExpectationTable): string | undefined {
  if (table.nodes.size === 0) return 'There is no Node among the manifests, so it cannot be said who announces what.';
  if (table.sessions.length > 0 || table.refusals.length > 0) return undefined;
  return 'None of the nodes has a session with any BGPPeer, so nothing is announced over BGP.';
}

export function rowOf({
  node,
  bgpPeer,
  prefix,
  localPref,
  localPrefAnyOf,
  communities,
  communitiesAnyOf,
  largeCommunities,
  nextHop,
  asPath,
  med,
  chain,
}: ExpectedRoute): ExpectationRow {
  return {
    node,
    bgpPeer,
    prefix,
    localPref,
    ...(localPrefAnyOf && { localPrefAnyOf }),
    communities: [...communities, ...largeCommunities.map((text) => `large:${text}`)].sort(),
    ...(communitiesAnyOf && { communitiesAnyOf }),
    nextHop,
    asPath,
    med,
    chain: chain.map(({ service, ip, pool, advertisement }) => ({
      service: shortName(service),
      ip,
      pool,
      advertisement,
    })),
  };
}

export function about(ref: ObjectRef): About {
  const { kind, name, ...rest } = ref;
  return { object: `${kind}/${name}`, ...rest };
}

export const shortName = (service: string): string =>
  service.startsWith('default/') ? service.slice('default/'.length) : service;

export const where = (ref: ObjectRef): string =>
  ref.file === undefined ? `${ref.kind}/${keyOf(ref)}: ` : `${place(ref)}: ${ref.kind}/${ref.name}: `;

export function attributes({
  localPref,
  localPrefAnyOf,
  communities,
  communitiesAnyOf,
  asPath,
}: ExpectationRow): string {
  const parts = [`as-path ${asPath.length === 0 ? 'empty' : asPath.join(' ')}`];
  if (localPref !== null) parts.push(`local-pref ${localPrefAnyOf ? localPrefAnyOf.join(' or ') : localPref}`);
  const either = (communitiesAnyOf ?? [communities]).map((list) => list.join(' ') || 'none').join(' or ');
  if (either !== 'none') parts.push(`communities ${either}`);
  return parts.join(', ');
}

/** Names in one cell; of more of them the number tells enough. */
const maxNamed = 3;

export const origin = ({ chain }: ExpectationRow): string => some([...new Set(chain.map(({ service }) => service))]);

function some(names: readonly string[]): string {
  const rest = names.length - maxNamed;
  return names.slice(0, maxNamed).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

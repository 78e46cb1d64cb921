/** The answer of `peerglass expect`: as one JSON object, and for people. */

import { visible } from '../../visible.ts';
import type { LintCode, RefusalCode } from '../codes.ts';
import { keyOf, place } from '../objects/resources.ts';
import type { ExpectationTable, ExpectedRoute, ObjectRef } from '../types.ts';

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

/** Services are `namespace/name`, and plain `name` in the namespace `default`, as kubectl takes them. */
export interface ExpectReport {
  expectations: ExpectationRow[];
  refusals: (About & { code: RefusalCode; stage: string; error: string; effect: string; nodes: string[] })[];
  notAnnounced: { service: string; node: string; reason: string; text: string }[];
  l2: { service: string; node: string; interfaces: string[] }[];
  lint: (About & { code: LintCode; path: string; message: string; hint?: string })[];
}

/** What is asked for; all given keys hold. Refusals and lint are shown always: they may be why there is nothing. */
export interface ReportFilter {
  node?: string | undefined;
  bgpPeer?: string | undefined;
  /** `namespace/name` */
  service?: string | undefined;
  /** Canonical. */
  prefix?: string | undefined;
}

/** Everything there is to say, or what of it is asked for. */
export function reportJson(table: ExpectationTable, only: ReportFilter = {}): ExpectReport {
  const isAsked = ({ service, node }: { service: string; node: string }): boolean =>
    (only.service === undefined || service === only.service) && (only.node === undefined || node === only.node);
  const sessions = table.sessions.filter(
    ({ node, bgpPeer }) =>
      (only.node === undefined || node === only.node) && (only.bgpPeer === undefined || bgpPeer === only.bgpPeer),
  );
  return {
    expectations: sessions.flatMap(({ node, bgpPeer }) =>
      Array.from(routesOf(table, node, bgpPeer, only.prefix))
        .filter(({ chain }) => only.service === undefined || chain.some(({ service }) => service === only.service))
        .map(rowOf),
    ),
    refusals: table.refusals.map(({ object, ...refusal }) => ({ ...about(object), ...refusal })),
    notAnnounced: table.notAnnounced
      .filter(isAsked)
      .map(({ service, ...row }) => ({ service: shortName(service), ...row })),
    l2: table.l2.filter(isAsked).map(({ service, ...row }) => ({ service: shortName(service), ...row })),
    lint: table.lint.map(({ object, ...lint }) => ({ ...about(object), ...lint })),
  };
}

function routesOf(table: ExpectationTable, node: string, bgpPeer: string, prefix: string | undefined) {
  if (prefix === undefined) return table.routes(node, bgpPeer);
  const route = table.route(node, bgpPeer, prefix);
  return route ? [route] : [];
}

/** The same for people: what is wrong first, then what is announced, then what is not. */
export function reportText(table: ExpectationTable, only: ReportFilter = {}): string {
  const out: string[] = [];
  const section = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) out.push(`${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  };
  const report = reportJson(table, only);
  section(
    'Refused',
    table.refusals.map(
      ({ object, stage, error, effect, nodes }) =>
        `${visible(`${where(object)}${stage}: ${error}`)}\n      ${visible(effect + (nodes.length > 0 ? ` (nodes ${nodes.join(', ')})` : ''))}`,
    ),
  );
  section(
    'Lint',
    table.lint.map(({ object, path, message, hint }) =>
      visible(`${where(object)}${path}: ${message}${hint ? ` (${hint})` : ''}`),
    ),
  );
  section(
    'Announced over BGP',
    columns(
      report.expectations.map((row) => [
        row.prefix,
        row.node,
        `→ ${row.bgpPeer}`,
        attributes(row),
        `from ${origin(row)}`,
      ]),
    ),
  );
  section(
    'Announced on layer 2',
    columns(
      report.l2.map(({ service, node, interfaces }) => [
        service,
        node,
        interfaces.length === 0 ? 'all interfaces' : interfaces.join(', '),
      ]),
    ),
  );
  section(
    'Not announced over BGP',
    columns(report.notAnnounced.map(({ service, node, reason, text }) => [service, node, reason, text])),
  );
  const blind = whatIsMissing(table);
  if (blind !== undefined) out.push(`${blind}\n`);
  return out.length > 0 ? out.join('\n') : 'Nothing is announced, nothing is refused.\n';
}

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

/** Services that are named; of more of them the number tells enough. */
const maxNamed = 3;

export function origin({ chain }: ExpectationRow): string {
  const services = [...new Set(chain.map(({ service }) => service))];
  const rest = services.length - maxNamed;
  return services.slice(0, maxNamed).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

export function columns(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(visible));
  const widths = (shown[0] ?? []).map((_, i) => shown.reduce((width, row) => Math.max(width, row[i]!.length), 0));
  return shown.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  '));
}

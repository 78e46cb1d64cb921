/** What answers about one object of the cluster share: finding it, the routes that come from it, what is said of it. */

import { contains, type Prefix, parsePrefix } from '../ip.ts';
import { stepsOf } from '../metallb/answers/chain.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import {
  type AnyObject,
  type Kind,
  keyOf,
  type ObjectsByKind,
  type Resources,
  type Service,
} from '../metallb/objects/resources.ts';
import { formatCidr, parseNumber } from '../metallb/relations/cidr.ts';
import type { ParsedPool } from '../metallb/relations/pools.ts';
import type { Lint, NotAnnounced, ObjectRef, Refusal } from '../metallb/types.ts';
import { didYouMean } from '../suggest.ts';
import type { VerdictFilter } from '../verdicts/types.ts';
import { readChecks } from './checks.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';
import type { Room } from './room.ts';
import type { CheckRow, ExpectedRoute } from './schemas.ts';
import { mapInTurns } from './turn.ts';

/** One state of the cluster. */
export interface ClusterState {
  table: ExpectationTable;
  resources: Resources;
}

/** The present state; a 404 when there is none. */
export function clusterOf({ expectations, resources, verdicts }: ApiDeps): ClusterState {
  const [table, objects] = [expectations(), resources()];
  if (table && objects) return { table, resources: objects };
  throw new ApiError(404, 'no-such-object', verdicts.summary().emptyText ?? 'No object of the cluster was read yet');
}

type ObjectOf<K extends Kind> = ObjectsByKind[K] extends ReadonlyMap<string, infer T> ? T : never;

export interface FoundObject<K extends Kind> {
  ref: ObjectRef;
  /** Undefined: it was refused before anything of it could be used. */
  object: ObjectOf<K> | undefined;
}

/** The object with this key (see `keyOf`); a 404 that suggests others when there is none. */
export function findObject<K extends Kind>({ table, resources }: ClusterState, kind: K, key: string): FoundObject<K> {
  const objects: ReadonlyMap<string, AnyObject> = resources[kind];
  const object = objects.get(key);
  if (object) return { ref: object.ref, object: object as ObjectOf<K> };
  const refused = table.refusals.find((refusal) => refusal.object.kind === kind && keyOf(refusal.object) === key);
  if (refused) return { ref: refused.object, object: undefined };
  throw noSuchObject(kind, key, [...objects.keys()]);
}

/** One of MetalLB's own objects, which is in its namespace, or else by mistake in another one. */
export function findOwnObject<K extends Kind>(cluster: ClusterState, kind: K, name: string): FoundObject<K> {
  const key = `${cluster.table.options.namespace}/${name}`;
  const objects: ReadonlyMap<string, AnyObject> = cluster.resources[kind];
  const strayed = objects.has(key) ? undefined : [...objects.values()].find(({ ref }) => ref.name === name);
  return findObject(cluster, kind, strayed?.key ?? key);
}

function noSuchObject(kind: Kind, key: string, keys: readonly string[]): ApiError {
  const name = key.slice(key.indexOf('/'));
  const elsewhere = keys.find((other) => key.includes('/') && other.endsWith(name));
  const meant = elsewhere ?? didYouMean(key, keys);
  const some = keys.slice(0, limits.suggestions).join(', ') + (keys.length > limits.suggestions ? ', …' : '');
  const near = meant !== undefined ? `did you mean ${meant}?` : keys.length > 0 ? `there are ${some}` : 'there is none';
  return new ApiError(404, 'no-such-object', `Unknown ${kind} ${key}; ${near}`);
}

/** The addresses of a service that are some; each a host prefix. */
export const blocksOfService = ({ spec }: Service): Prefix[] => spec.ingress.flatMap((text) => parsePrefix(text) ?? []);

/** What a pool covers. */
export const blocksOfPool = ({ entries }: ParsedPool): Prefix[] =>
  entries.flatMap(({ cidrs }) => cidrs.map((cidr) => parsePrefix(formatCidr(cidr))!));

/** The accepted pools that have an address of the Service. */
export function poolsOfService({ table }: ClusterState, { spec }: Service): ParsedPool[] {
  const { accepted } = table.cluster;
  const pools = spec.ingress.flatMap((text) => {
    const address = parseNumber(text);
    return (address && accepted.poolOf(address)) ?? [];
  });
  return [...new Set(pools)];
}

/** Services with an address of one of the pools. */
export async function servicesOf(cluster: ClusterState, pools: readonly ParsedPool[]): Promise<Service[]> {
  const services = await mapInTurns([...cluster.resources.Service.values()], (service) =>
    poolsOfService(cluster, service).some((pool) => pools.includes(pool)) ? service : undefined,
  );
  return services.filter((service) => service !== undefined);
}

/**
 * The first verdicts on routes that match `filter`, all of them on prefixes that meet one of the blocks. Prefix by
 * prefix: to go through the routes of every prefix takes seconds in a large cluster.
 */
export async function routesFrom(
  deps: ApiDeps,
  { table }: ClusterState,
  filter: VerdictFilter,
  blocks: readonly Prefix[],
): Promise<CheckRow[]> {
  const meeting = await mapInTurns([...table.prefixes()], (text) => {
    const prefix = parsePrefix(text)!;
    return blocks.some((block) => contains(block, prefix) || contains(prefix, block)) ? text : undefined;
  });
  const routes: CheckRow[] = [];
  for (const prefix of meeting) {
    if (prefix === undefined) continue;
    const { rows } = await readChecks(deps, { ...filter, prefix }, undefined, limits.objectRoutes + 1 - routes.length);
    routes.push(...rows);
    if (routes.length > limits.objectRoutes) break;
  }
  return routes;
}

/** Why nodes, or one node, do not announce these services. One more than is shown, when there are more. */
export async function whyNotAnnounced(
  { table }: ClusterState,
  services: Iterable<string>,
  node?: string,
): Promise<NotAnnounced[]> {
  const found: NotAnnounced[] = [];
  await mapInTurns([...services], (service) => {
    if (found.length <= limits.notes) found.push(...table.notAnnouncedOf(service, node));
  });
  return found;
}

/** The route with the rules behind every link of its chain; the first links, of an aggregate over many services. */
export function withSteps({ table, resources }: ClusterState, expected: ExpectedRoute): ExpectedRoute {
  const chain = expected.chain.map((link, i) =>
    i < limits.chainSteps ? { ...link, steps: stepsOf(table, resources, expected, link) } : link,
  );
  return { ...expected, chain };
}

/** What every answer about an object has; `routes` and `notAnnounced` are cut to what is shown. */
export async function aboutObject(
  { table }: ClusterState,
  room: Room,
  object: ObjectRef,
  { routes, notAnnounced }: { routes: CheckRow[]; notAnnounced: NotAnnounced[] },
) {
  const key = keyOf(object);
  const isIt = (ref: ObjectRef): boolean => ref.kind === object.kind && keyOf(ref) === key;
  const refusals: Refusal[] = table.refusals.filter(
    (refusal) => isIt(refusal.object) || (object.kind === 'Node' && refusal.nodes.includes(object.name)),
  );
  const lint: Lint[] = table.lint.filter((one) => isIt(one.object));
  const shown = {
    routes: await room.fit(routes, limits.objectRoutes),
    notAnnounced: await room.fit(notAnnounced, limits.notes),
    refusals: await room.fit(refusals, limits.notes),
    lint: await room.fit(lint, limits.notes),
  };
  const all = { routes, notAnnounced, refusals, lint };
  const isCut = (name: keyof typeof all): boolean => shown[name].length < all[name].length;
  return { object, ...shown, truncated: (Object.keys(all) as (keyof typeof all)[]).some(isCut) };
}

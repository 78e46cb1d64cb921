/**
 * Why a route is expected, step by step: Service → IP → pool → advertisement → node → peer → prefix and attributes,
 * each with the object that decides it and the rule by which it does. Worked out for the routes that somebody looks
 * at; a row of expectations holds names only.
 */

import type { ExpectationTable } from '../expectations/table.ts';
import type {
  AnyObject,
  BGPAdvertisement,
  BGPPeer,
  IPAddressPool,
  LabelSelector,
  Labels,
  Node,
  Resources,
  Service,
} from '../objects/resources.ts';
import { covers, formatCidr, parseNumber } from '../relations/cidr.ts';
import { parsePool } from '../relations/pools.ts';
import { matches } from '../relations/selectors.ts';
import { poolProblem } from '../rules/pool.ts';
import type { ChainLink, ExpectedRoute, ObjectRef } from '../types.ts';

export interface ChainStep {
  object: ObjectRef;
  /** What of the object decides, and how: `spec.ipAddressPoolSelectors[0] matched zone=east`. */
  rule: string;
}

/** Of a route, and of one link of its chain, what steps depend on. */
type Route = Pick<ExpectedRoute, 'node' | 'bgpPeer' | 'prefix' | 'family' | 'localPref' | 'asPath'>;
type Link = Pick<ChainLink, 'service' | 'ip' | 'pool' | 'advertisement'> & {
  readonly objects: readonly {
    readonly kind: string;
    readonly namespace?: string | undefined;
    readonly name: string;
  }[];
};

/** Steps of one link. Objects that are not there any more, because a speaker goes by an earlier state, have no step. */
export function stepsOf(table: ExpectationTable, resources: Resources, route: Route, link: Link): ChainStep[] {
  const { pools, advertisements, peers } = table.cluster.accepted.configuration;
  const service = resources.Service.get(link.service);
  const pool = pools.get(link.pool);
  const advertisement = advertisements.get(link.advertisement);
  const peer = peers.get(route.bgpPeer);
  const node = resources.Node.get(route.node);
  const stale = table.nodes.get(route.node)?.staleConfig;

  const steps: ChainStep[] = [];
  const add = (object: AnyObject, ...rules: (string | undefined)[]): void => {
    const { ref } = object;
    for (const rule of rules)
      if (rule !== undefined)
        steps.push({ object: ref, rule: rule.startsWith('spec.') ? `${ref.kind}.${rule}` : rule });
  };
  if (service) add(service, addressRule(service, link.ip), endpointRule(service, route.node));
  if (pool) add(pool, coverRule(pool, link.ip));
  if (advertisement && pool) add(advertisement, poolRule(advertisement, pool));
  if (advertisement && service) add(advertisement, serviceRule(advertisement, service));
  if (advertisement && node) add(advertisement, nodeRule(advertisement, node));
  if (node)
    add(
      node,
      `a speaker runs on node ${route.node}, and neither its conditions nor its labels keep it from announcing`,
    );
  if (peer && node) add(peer, nodeRule(peer, node), familyRule(table, route));
  if (advertisement)
    add(
      advertisement,
      peersRule(advertisement, route.bgpPeer),
      lengthRule(advertisement, route, link.ip),
      ...attributeRules(advertisement),
    );
  if (peer) add(peer, sessionRule(route));
  for (const { kind, namespace, name } of link.objects) {
    const other = kind === 'FRRConfiguration' && resources.FRRConfiguration.get(`${namespace}/${name}`);
    if (other) add(other, `spec.bgp.routers[].neighbors[].toAdvertise adds attributes to ${route.prefix}`);
  }
  if (stale !== undefined && node)
    add(node, `its speaker goes by an earlier configuration, of which these objects may be newer versions: ${stale}`);
  return steps;
}

function addressRule({ spec }: Service, ip: string): string | undefined {
  const at = spec.ingress.findIndex((text) => sameAddress(text, ip));
  if (at < 0) return undefined;
  return `spec.type is LoadBalancer, ${spec.loadBalancerClass ? `spec.loadBalancerClass is ${spec.loadBalancerClass}` : 'without a loadBalancerClass'}, and status.loadBalancer.ingress[${at}].ip is ${ip}`;
}

function sameAddress(a: string, b: string): boolean {
  const [left, right] = [parseNumber(a), parseNumber(b)];
  return left !== undefined && left.family === right?.family && left.value === right.value;
}

const endpointRule = ({ spec }: Service, node: string): string =>
  spec.externalTrafficPolicy === 'Local'
    ? `spec.externalTrafficPolicy is Local, and an endpoint on node ${node} serves`
    : 'spec.externalTrafficPolicy is Cluster, and an endpoint somewhere serves';

function coverRule(pool: IPAddressPool, ip: string): string | undefined {
  const address = parseNumber(ip);
  if (!address || poolProblem(pool)) return undefined;
  for (const [i, { text, cidrs }] of parsePool(pool).entries.entries()) {
    const cidr = cidrs.find((one) => covers(one, address));
    if (cidr)
      return `spec.addresses[${i}] ${text} covers ${ip}${text.includes('-') ? ` (in ${formatCidr(cidr)})` : ''}`;
  }
  return undefined;
}

function poolRule({ spec }: BGPAdvertisement, pool: IPAddressPool): string | undefined {
  const at = spec.ipAddressPools.indexOf(pool.ref.name);
  if (at >= 0) return `spec.ipAddressPools[${at}] names ${pool.ref.name}`;
  if (spec.ipAddressPools.length === 0 && spec.ipAddressPoolSelectors.length === 0)
    return 'spec.ipAddressPools and spec.ipAddressPoolSelectors are empty: it is for every pool';
  return matchedBy('spec.ipAddressPoolSelectors', spec.ipAddressPoolSelectors, pool.labels);
}

const serviceRule = ({ spec }: BGPAdvertisement, service: Service): string | undefined =>
  matchedBy('spec.serviceSelectors', spec.serviceSelectors, service.labels);

const nodeRule = ({ spec }: BGPAdvertisement | BGPPeer, node: Node): string | undefined =>
  spec.nodeSelectors.length === 0
    ? 'spec.nodeSelectors is empty: it selects every node'
    : matchedBy('spec.nodeSelectors', spec.nodeSelectors, node.labels);

function peersRule({ spec }: BGPAdvertisement, bgpPeer: string): string | undefined {
  if (spec.peers.length === 0) return 'spec.peers is empty: it is for every BGPPeer';
  const at = spec.peers.indexOf(bgpPeer);
  return at < 0 ? undefined : `spec.peers[${at}] names ${bgpPeer}`;
}

function familyRule(table: ExpectationTable, { node, bgpPeer, family }: Route): string | undefined {
  const session = table.session(node, bgpPeer);
  return (
    session &&
    `the session with ${session.peerAddress ?? `interface ${session.interface ?? ''}`} carries ${session.families.map((one) => `IPv${one}`).join(' and ')}, so IPv${family}`
  );
}

function lengthRule({ spec }: BGPAdvertisement, { prefix, family }: Route, ip: string): string {
  const field = family === 4 ? 'aggregationLength' : 'aggregationLengthV6';
  return `spec.${field} ${spec[field]} makes ${prefix} of ${ip}`;
}

function attributeRules({ spec }: BGPAdvertisement): (string | undefined)[] {
  return [
    spec.localPref === 0 ? undefined : `spec.localPref is ${spec.localPref}`,
    spec.communities.length === 0 ? undefined : `spec.communities are ${spec.communities.join(', ')}`,
  ];
}

function sessionRule({ localPref, asPath }: Route): string {
  return localPref === null
    ? `the session is external: AS_PATH ${asPath.join(' ')}, no LOCAL_PREF`
    : `the session is internal: empty AS_PATH, LOCAL_PREF ${localPref}`;
}

/** `spec.nodeSelectors[1] matched zone=east`; undefined when none does: the speaker knows another version. */
function matchedBy(field: string, selectors: readonly LabelSelector[], labels: Labels): string | undefined {
  const at = selectors.findIndex((selector) => matches(selector, labels));
  return at < 0 ? undefined : `${field}[${at}] matched ${textOf(selectors[at]!, labels)}`;
}

/** Label names of one selector that are shown. */
const maxKeys = 8;

/** The labels that a selector asks about, as they are. */
function textOf({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): string {
  const keys = [...new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)])];
  if (keys.length === 0) return 'everything';
  const shown = keys
    .slice(0, maxKeys)
    .map((key) => (Object.hasOwn(labels, key) ? `${key}=${labels[key]}` : `no ${key}`));
  return shown.join(', ') + (keys.length > maxKeys ? ' …' : '');
}

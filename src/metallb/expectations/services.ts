/** Which services: what a Service asks for, before any node is looked at. */

import type { EndpointSlice, Service } from '../objects/resources.ts';
import { formatNumber, parseNumber } from '../relations/cidr.ts';
import type { ParsedPool } from '../relations/pools.ts';
import { takesService } from '../relations/relations.ts';
import type { ExpectOptions, Reason } from '../types.ts';
import { rulesOf } from '../versions.ts';
import { endpointsOf } from './endpoints.ts';
import type { Group, Plan } from './plan.ts';
import { type Contribution, contributionsOf, type ServiceView } from './prefixes.ts';

export function viewService(
  object: Service,
  slices: readonly EndpointSlice[],
  plan: Plan,
  options: ExpectOptions,
): ServiceView {
  const ips = object.spec.ingress.flatMap((text) => {
    const address = parseNumber(text);
    return address ? [{ text: formatNumber(address), address }] : [];
  });
  const { refused, pool } = poolFor(object, ips, plan, options.loadBalancerClass);
  const group = pool && groupOf(plan, pool, object);
  const view = {
    name: object.key,
    object,
    slices,
    endpoints: endpointsOf(slices, rulesOf(options.version)),
    ips,
    refused,
    group,
    contributions: [] as readonly Contribution[],
  };
  if (group) view.contributions = contributionsOf(view, group);
  return view;
}

/** The checks that a speaker makes before it asks whether its node is one of the announcing ones, in its order. */
function poolFor(
  { key, spec }: Service,
  ips: ServiceView['ips'],
  plan: Plan,
  loadBalancerClass: string,
): { refused: Reason | undefined; pool?: ParsedPool } {
  const refuse = (reason: string, text: string): { refused: Reason } => ({
    refused: { reason, text: `Service ${key} ${text}` },
  });
  if (spec.type !== 'LoadBalancer') return refuse('notLoadBalancer', `is of type ${spec.type}`);
  if (spec.loadBalancerClass !== loadBalancerClass)
    return refuse(
      'loadBalancerClass',
      spec.loadBalancerClass === ''
        ? `has no class, the speakers run with --lb-class ${loadBalancerClass}`
        : `is of class ${spec.loadBalancerClass}, which is another load balancer's`,
    );
  if (spec.ingress.length === 0) return refuse('noIPAllocated', 'has no address in its status');
  if (ips.length < spec.ingress.length) return refuse('invalidIP', 'has something in its status that is no IP address');
  const pools = new Set(ips.map(({ address }) => plan.relations.poolOf(address)));
  const [pool] = pools;
  const addresses = ips.map(({ text }) => text).join(' and ');
  if (pools.size > 1) return refuse('ipNotAllowed', `has ${addresses}, which are not of one pool`);
  if (!pool) return refuse('ipNotAllowed', `has ${addresses}, which no IPAddressPool covers`);
  return { refused: undefined, pool };
}

function groupOf(plan: Plan, pool: ParsedPool, service: Service): Group {
  const ofPool = plan.ofPool.get(pool)!;
  const matching = ofPool.filter(({ object }) => takesService(object, service));
  const key = `${pool.object.ref.name}/${matching.map(({ index }) => index).join()}`;
  let group = plan.groups.get(key);
  if (!group)
    plan.groups.set(
      key,
      (group = {
        pool,
        ofPool,
        matching,
        publishable: matching.filter(({ unpublishable }) => unpublishable === undefined),
      }),
    );
  return group;
}

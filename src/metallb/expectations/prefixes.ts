/** Which prefixes: what one service contributes. */
import type { Family } from '../../ip.ts';
import type { EndpointSlice, Service } from '../objects/resources.ts';
import { type Address, blockOf, formatCidr } from '../relations/cidr.ts';
import type { Reason } from '../types.ts';
import type { Endpoints } from './endpoints.ts';
import type { Advertisement, Group } from './plan.ts';

/** One service under one plan. Depends on its own objects and the plan only, never on nodes. */
export interface ServiceView {
  /** `namespace/name` */
  readonly name: string;
  readonly object: Service;
  readonly slices: readonly EndpointSlice[];
  readonly endpoints: Endpoints;
  /** Addresses that parse, in the order of the status. */
  readonly ips: readonly { readonly text: string; readonly address: Address }[];
  /** Why no node at all announces it; otherwise it has a group. */
  readonly refused: Reason | undefined;
  readonly group: Group | undefined;
  /** What it adds to which prefix, on nodes that pass the gates. */
  readonly contributions: readonly Contribution[];
}

/** One service address under one advertisement. A route is there as long as one contribution is. */
export interface Contribution {
  readonly service: ServiceView;
  readonly ip: string;
  readonly advertisement: Advertisement;
  /** The address masked to the advertisement's length of its family. */
  readonly prefix: string;
  readonly family: Family;
}

export function contributionsOf(service: ServiceView, group: Group): Contribution[] {
  const local = service.object.spec.externalTrafficPolicy === 'Local';
  if (local ? service.endpoints.nodes.size === 0 : !service.endpoints.any) return [];
  return service.ips.flatMap(({ text: ip, address }) => {
    const prefixes = new Map<number, string>();
    return group.publishable.map((advertisement) => {
      const { aggregationLength, aggregationLengthV6 } = advertisement.object.spec;
      const length = address.family === 4 ? aggregationLength : aggregationLengthV6;
      let prefix = prefixes.get(length);
      if (prefix === undefined) prefixes.set(length, (prefix = formatCidr(blockOf(address, length))));
      return { service, ip, advertisement, prefix, family: address.family };
    });
  });
}

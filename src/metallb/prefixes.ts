/** Which prefixes: what one service contributes. */
import type { Family } from '../ip.ts';
import { blockOf, formatCidr } from './cidr.ts';
import type { Advertisement, Group } from './plan.ts';
import type { ServiceView } from './services.ts';

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

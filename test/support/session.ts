/** The two ends of a session in tests: our settings, a neighbor's OPEN. */
import type { SessionSettings } from '../../src/session/open.ts';
import {
  announce,
  as4,
  type Capability,
  type CapabilityRow,
  multiprotocol,
  routeRefresh,
} from '../../src/wire/capabilities.ts';
import { familyName } from '../../src/wire/iana.ts';
import { myAsField, type Open } from '../../src/wire/open.ts';

export const settings: SessionSettings = {
  localAsn: 64500,
  remoteAsn: 64512,
  routerId: '192.0.2.1',
  holdTime: 90,
  hostname: 'peerglass',
  softwareVersion: 'peerglass/1',
};

/** An OPEN of AS 64512 with IPv4, IPv6, route refresh and four-octet AS numbers. */
export function peerOpen(values: Partial<Omit<Open, 'kind'>> = {}): Open {
  const { asn = 64512, capabilities = [ipv4, ipv6, announce(routeRefresh, undefined), announce(as4, { asn })] } =
    values;
  return {
    kind: 'open',
    version: 4,
    myAs: myAsField(asn),
    asn,
    holdTime: 90,
    routerId: '10.0.0.11',
    ...values,
    capabilities,
  };
}

/** The default OPEN with more capabilities. */
export function peerOpenWith(...more: Capability[]): Open {
  const open = peerOpen();
  return { ...open, capabilities: [...open.capabilities, ...more] };
}

export const family = (afi: number, safi = 1) => ({ afi, safi, family: familyName(afi, safi) });
export const ipv4 = announce(multiprotocol, family(1));
export const ipv6 = announce(multiprotocol, family(2));

/** A capability without content. */
export const bare = (row: CapabilityRow<void>): Capability => announce(row, undefined);

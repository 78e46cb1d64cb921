/** Example configurations for peering with this collector, and a hint for sessions without routes. Pure. */
import type { Neighbor } from '../../src/api/schemas.ts';

/** The BGP address and port of this collector. */
export interface Endpoint {
  address: string;
  port: number;
}

const bgpPort = 179;
const anyAddress: readonly string[] = ['', '0.0.0.0', '::'];
const isLoopback = (address: string) => /^127\.|^::1$/.test(address);

/** The first reachable address of `listening` (`host:port`); for a wildcard, the `host` of this page. */
export function endpointOf(listening: readonly string[], host: string): Endpoint & { loopback: boolean } {
  const all = listening.map(parse);
  const { address, port } = all.find(({ address }) => !isLoopback(address)) ?? all[0] ?? { address: '', port: bgpPort };
  const reached = anyAddress.includes(address) ? addressOf(host) : address;
  return { address: reached, port, loopback: isLoopback(reached) };
}

function parse(text: string): Endpoint {
  const colon = text.lastIndexOf(':');
  return { address: bare(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
}

/** An IP address for `localhost`, which speakers do not accept. */
const addressOf = (host: string) => (host === 'localhost' ? '127.0.0.1' : bare(host));
const bare = (host: string) => host.replace(/^\[(.*)\]$/, '$1');

/** A MetalLB BGPPeer. `asn`: AS of this collector. */
export function bgpPeer({ address, port }: Endpoint, asn: number): string {
  const peerPort = port === bgpPort ? '' : `  peerPort: ${port}\n`;
  return `apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: peerglass, namespace: metallb-system }
spec:
  myASN: 64512
  peerASN: ${asn}
  peerAddress: ${address}
${peerPort}  ebgpMultiHop: true
`;
}

/**
 * An FRR configuration with a session and one route. Without its two `no` lines FRR sends no route: eBGP needs a policy
 * (RFC 8212), and FRR omits networks that the host has no route to.
 */
export function frr({ address, port }: Endpoint, asn: number): string {
  const own = port === bgpPort ? '' : ` neighbor ${address} port ${port}\n`;
  const family = address.includes(':')
    ? ` address-family ipv6 unicast\n  neighbor ${address} activate\n  network 2001:db8:1::200/128\n`
    : ' address-family ipv4 unicast\n  network 203.0.113.200/32\n';
  return `router bgp 64512
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor ${address} remote-as ${asn}
${own} neighbor ${address} ebgp-multihop
${family} exit-address-family
`;
}

/** Whether the session is up and its initial table is complete and empty. */
export function hasEmptyTable({
  established,
  synced,
  routes,
}: Pick<Neighbor, 'established' | 'synced' | 'routes'>): boolean {
  return established && synced && routes.ipv4 + routes.ipv6 === 0;
}

/** Names common causes of an empty initial table. */
export function emptyTableHint({ asn, localAsn }: Pick<Neighbor, 'asn' | 'localAsn'>): string {
  const policy =
    asn === localAsn ? '' : ', but over eBGP only with a policy or with “no bgp ebgp-requires-policy” (RFC 8212)';
  return `MetalLB announces a Service if a BGPAdvertisement selects its pool, this node and this peer. FRR announces its networks${policy}.`;
}

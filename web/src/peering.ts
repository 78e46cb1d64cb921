/** What to tell a speaker so that it peers with this collector, and what to look at when it then says nothing. Pure. */
import type { Neighbor } from '../../src/api/schemas.ts';

/** Where a speaker finds this collector. */
export interface Endpoint {
  address: string;
  port: number;
}

const bgpPort = 179;
const anyAddress: readonly string[] = ['', '0.0.0.0', '::'];
const isLoopback = (address: string) => /^127\.|^::1$/.test(address);

/** The first of `listening` (`host:port`) that others can reach; for a wildcard, the `host` that this page came from. */
export function endpointOf(listening: readonly string[], host: string): Endpoint & { loopback: boolean } {
  const all = listening.map(parse);
  const { address, port } = all.find(({ address }) => !isLoopback(address)) ?? all[0] ?? { address: '', port: bgpPort };
  const reached = anyAddress.includes(address) ? named(host) : address;
  return { address: reached, port, loopback: isLoopback(reached) };
}

function parse(text: string): Endpoint {
  const colon = text.lastIndexOf(':');
  return { address: bare(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
}

/** As speakers want it: they take no `localhost`. */
const named = (host: string) => (host === 'localhost' ? '127.0.0.1' : bare(host));
const bare = (host: string) => host.replace(/^\[(.*)\]$/, '$1');

/** A BGPPeer of MetalLB. `asn`: ours. */
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
 * FRR's configuration that brings a session and one route. Without its two `no` lines there is a session only: over
 * eBGP nothing is sent without a policy (RFC 8212), and a network that the host has no route to is not sent either.
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

/** Its first table is in, and empty. */
export function isSilent({
  established,
  synced,
  routes,
}: Pick<Neighbor, 'established' | 'synced' | 'routes'>): boolean {
  return established && synced && routes.ipv4 + routes.ipv6 === 0;
}

/** Where to look when a session is up and brings nothing. */
export function silenceHint({ asn, localAsn }: Pick<Neighbor, 'asn' | 'localAsn'>): string {
  const policy =
    asn === localAsn ? '' : ', and over eBGP nothing without a policy or “no bgp ebgp-requires-policy” (RFC 8212)';
  return `MetalLB announces what a BGPAdvertisement selects for this node and peer. FRR announces its networks${policy}.`;
}

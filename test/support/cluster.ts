/** A cluster of three nodes on one loopback interface: addresses as in manifests/nodes.yaml, FRR as speakers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Frr, startFrr } from './daemons/frr.ts';
import type { SpeakerOptions, SpeakerRoute } from './daemons/frr-config.ts';
import { ownNetwork } from './netns.ts';
import { Product, type ProductConfig } from './product.ts';

/** Where Peerglass listens: peerAddress of the BGPPeers. */
export const tor = { v4: '192.0.2.1', v6: '2001:db8::1' } as const;

export const nodes = {
  'node-a': { v4: '192.0.2.11', v6: '2001:db8::11' },
  'node-b': { v4: '192.0.2.12', v6: '2001:db8::12' },
  'node-c': { v4: '192.0.2.13', v6: '2001:db8::13' },
} as const;
export type Node = keyof typeof nodes;
export const nodeNames = Object.keys(nodes) as Node[];

/** The AS of the speakers, and ours towards them. */
export const speakerAsn = 64512;
export const torAsn = 64500;

/** What a node announces on its IPv4 session and on its IPv6 session. */
export interface Announced {
  v4: SpeakerRoute[];
  v6: SpeakerRoute[];
}

/** Gives this process a network with all addresses of the cluster. */
export function clusterNetwork(): void {
  ownNetwork([tor, ...Object.values(nodes)].flatMap(({ v4, v6 }) => [v4, v6]));
}

/** Configuration of one speaker with a session to each of our addresses; eBGP, or iBGP when `asn` is the speakers' own. */
export function speaker(node: Node, { v4, v6 }: Announced, asn: number = torAsn): SpeakerOptions {
  const { v4: source4, v6: source6 } = nodes[node];
  return {
    hostname: node,
    asn: speakerAsn,
    routerId: source4,
    neighbors: [
      { address: tor.v4, asn, source: source4, routes: v4 },
      { address: tor.v6, asn, source: source6, routes: v6 },
    ],
  };
}

/** A change of `speaker` options: other routes, everything else as it is. */
export function announcing(frr: Frr, { v4, v6 }: Announced): Partial<SpeakerOptions> {
  const routes: Record<string, SpeakerRoute[]> = { [tor.v4]: v4, [tor.v6]: v6 };
  return { neighbors: frr.options.neighbors.map((neighbor) => ({ ...neighbor, routes: routes[neighbor.address]! })) };
}

export function startSpeakers(announced: Record<Node, Announced>, asn: number = torAsn): Promise<Frr[]> {
  return Promise.all(nodeNames.map((node) => startFrr(speaker(node, announced[node], asn))));
}

/** Peerglass in the place of the top-of-rack router, with some of the files of manifests/. */
export function startTor(manifests: string[], config: ProductConfig = {}, wrapper: string[] = []): Promise<Product> {
  const texts = manifests.map((name) => [name, readFileSync(join(import.meta.dirname, 'manifests', name), 'utf8')]);
  return Product.start({
    wrapper,
    config: {
      ...config,
      bgp: {
        listen: [`${tor.v4}:179`, `[${tor.v6}]:179`],
        asn: torAsn,
        routerId: tor.v4,
        neighbors: [
          { range: '192.0.2.0/24', asn: speakerAsn },
          { range: '2001:db8::/64', asn: speakerAsn },
        ],
        ...config.bgp,
      },
      expect: { mode: 'frr', grace: '1s', ...config.expect },
    },
    ...(manifests.length > 0 ? { manifests: Object.fromEntries(texts) as Record<string, string> } : {}),
  });
}

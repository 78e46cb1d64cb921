/** One session of the simulated cluster: a speaker on one node towards one BGPPeer, which can be made to do wrong. */
import type { ExpectedRoute } from '../../src/api/schemas.ts';
import { type Capability, announce as capability, fqdn } from '../../src/wire/capabilities.ts';
import { announce, type RouteAttributes, withdraw } from '../support/builders.ts';
import { metallbNativeCapabilities, TestPeer } from '../support/test-peer.ts';

export interface SpeakerIdentity {
  node: string;
  bgpPeer: string;
  asn: number;
  /** Our listener, `address:port`. */
  to: string;
  /** Source address and next hop of IPv4 routes. */
  address: string;
  /** Next hop of IPv6 routes. */
  address6: string;
}

export class SimulatedSpeaker {
  readonly identity: SpeakerIdentity;
  #peer: TestPeer | undefined;
  /** What MetalLB wants this speaker to announce, by prefix. */
  readonly #wanted = new Map<string, ExpectedRoute>();
  /** Where it does otherwise: null = not announced, else attributes that differ. */
  readonly #wrong = new Map<string, Partial<RouteAttributes> | null>();

  constructor(identity: SpeakerIdentity) {
    this.identity = identity;
  }

  /** Dials and announces everything. */
  async up(): Promise<void> {
    const { node, to, address, asn } = this.identity;
    const names: Capability = capability(fqdn, { hostname: node, domain: '' });
    const capabilities = [...metallbNativeCapabilities(asn), names];
    this.#peer = await TestPeer.establish({ to, from: address, asn, routerId: address, capabilities });
    for (const prefix of new Set([...this.#wanted.keys(), ...this.#wrong.keys()])) this.#send(prefix);
    this.#peer.endOfRib(4);
    this.#peer.endOfRib(6);
  }

  /** Leaves without a word. */
  async down(): Promise<void> {
    const peer = this.#peer;
    this.#peer = undefined;
    await peer?.drop();
  }

  /** The routes that the cluster's objects ask for now; sends the difference. */
  want(routes: ExpectedRoute[]): void {
    const next = new Map(routes.map((route) => [route.prefix, route]));
    for (const prefix of this.#wanted.keys())
      if (!next.has(prefix)) {
        this.#wanted.delete(prefix);
        this.#send(prefix);
      }
    for (const [prefix, route] of next) {
      const same = JSON.stringify(this.#wanted.get(prefix)) === JSON.stringify(route);
      this.#wanted.set(prefix, route);
      if (!same) this.#send(prefix);
    }
  }

  /** Announces `prefix` with other attributes than it should, or (null) not at all. */
  misbehave(prefix: string, change: Partial<RouteAttributes> | null): void {
    this.#wrong.set(prefix, change);
    this.#send(prefix);
  }

  /** Does right again. */
  behave(prefix: string): void {
    this.#wrong.delete(prefix);
    this.#send(prefix);
  }

  #send(prefix: string): void {
    const wanted = this.#wanted.get(prefix);
    const wrong = this.#wrong.get(prefix);
    const messages =
      wrong === null || (wanted === undefined && wrong === undefined)
        ? withdraw([prefix])
        : announce([prefix], withoutEmptyLists({ ...this.#attributes(prefix, wanted), ...wrong }));
    for (const message of messages) this.#peer?.send(message);
  }

  #attributes(prefix: string, wanted: ExpectedRoute | undefined): RouteAttributes {
    const { address, address6, asn } = this.identity;
    const nextHop = prefix.includes(':') ? address6 : address;
    if (!wanted) return { nextHop, asPath: [asn], med: 0 };
    const { asPath, localPref, med, communities, largeCommunities } = wanted;
    return {
      nextHop,
      asPath,
      communities,
      largeCommunities,
      ...(localPref !== null && { localPref }),
      ...(med !== null && { med }),
    };
  }
}

/** An attribute without a community in it would be malformed (RFC 7606 §7.8): it is left out. */
function withoutEmptyLists({ communities, largeCommunities, ...rest }: RouteAttributes): RouteAttributes {
  return {
    ...rest,
    ...(communities?.length && { communities }),
    ...(largeCommunities?.length && { largeCommunities }),
  };
}

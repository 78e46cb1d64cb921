/** One session of the simulated cluster: a speaker of one node with one BGPPeer, with faults on request. */
import type { ExpectedRoute } from '../../src/api/schemas.ts';
import { type Capability, announce as capability, fqdn } from '../../src/wire/capabilities.ts';
import { announce, type RouteAttributes, withdraw } from '../support/builders.ts';
import { metallbNativeCapabilities, TestPeer } from '../support/test-peer.ts';

export interface SpeakerIdentity {
  node: string;
  bgpPeer: string;
  asn: number;
  /** Listener of Peerglass, `address:port`. */
  to: string;
  /** Source address and next hop of IPv4 routes. */
  address: string;
  /** Next hop of IPv6 routes. */
  address6: string;
}

export class SimulatedSpeaker {
  readonly identity: SpeakerIdentity;
  #peer: TestPeer | undefined;
  /** Routes that MetalLB would announce here, by prefix. */
  readonly #expected = new Map<string, ExpectedRoute>();
  /** Faults by prefix: null = not announced, otherwise changed attributes. */
  readonly #faults = new Map<string, Partial<RouteAttributes> | null>();

  constructor(identity: SpeakerIdentity) {
    this.identity = identity;
  }

  /** Connects and announces all routes. */
  async up(): Promise<void> {
    const { node, to, address, asn } = this.identity;
    const names: Capability = capability(fqdn, { hostname: node, domain: '' });
    const capabilities = [...metallbNativeCapabilities(asn), names];
    this.#peer = await TestPeer.establish({ to, from: address, asn, routerId: address, capabilities });
    for (const prefix of new Set([...this.#expected.keys(), ...this.#faults.keys()])) this.#send(prefix);
    this.#peer.endOfRib(4);
    this.#peer.endOfRib(6);
  }

  /** Closes the TCP connection without a NOTIFICATION. */
  async down(): Promise<void> {
    const peer = this.#peer;
    this.#peer = undefined;
    await peer?.drop();
  }

  /** Sets the expected routes and sends the difference. */
  expect(routes: ExpectedRoute[]): void {
    const next = new Map(routes.map((route) => [route.prefix, route]));
    for (const prefix of this.#expected.keys())
      if (!next.has(prefix)) {
        this.#expected.delete(prefix);
        this.#send(prefix);
      }
    for (const [prefix, route] of next) {
      const same = JSON.stringify(this.#expected.get(prefix)) === JSON.stringify(route);
      this.#expected.set(prefix, route);
      if (!same) this.#send(prefix);
    }
  }

  /** Announces `prefix` with changed attributes, or (null) withdraws it. */
  break(prefix: string, change: Partial<RouteAttributes> | null): void {
    this.#faults.set(prefix, change);
    this.#send(prefix);
  }

  /** Announces `prefix` as expected again. */
  repair(prefix: string): void {
    this.#faults.delete(prefix);
    this.#send(prefix);
  }

  #send(prefix: string): void {
    const expected = this.#expected.get(prefix);
    const fault = this.#faults.get(prefix);
    const messages =
      fault === null || (expected === undefined && fault === undefined)
        ? withdraw([prefix])
        : announce([prefix], withoutEmptyLists({ ...this.#attributes(prefix, expected), ...fault }));
    for (const message of messages) this.#peer?.send(message);
  }

  #attributes(prefix: string, expected: ExpectedRoute | undefined): RouteAttributes {
    const { address, address6, asn } = this.identity;
    const nextHop = prefix.includes(':') ? address6 : address;
    if (!expected) return { nextHop, asPath: [asn], med: 0 };
    const { asPath, localPref, med, communities, largeCommunities } = expected;
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

/** Omits empty community attributes, which would be malformed (RFC 7606 §7.8). */
function withoutEmptyLists({ communities, largeCommunities, ...rest }: RouteAttributes): RouteAttributes {
  return {
    ...rest,
    ...(communities?.length && { communities }),
    ...(largeCommunities?.length && { largeCommunities }),
  };
}

/** Next hops across families, and next hops that are not the node's (MetalLB issue 1118). */

import { count } from '../../metallb/problems/words.ts';
import type { Neighbor } from '../../rib/types.ts';
import { plainAddress } from '../ranges.ts';
import type { RouteSet } from '../routes.ts';
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject, who } from '../words.ts';

/** FRR takes whatever address the interface of the session has; a router cannot use all of them. */
export const oddNextHop: Check = {
  code: 'odd-next-hop',
  severity: 'warning',
  title: 'Next hop that routers cannot use',
  looksFor: 'IPv6 routes with IPv4-mapped or link-local next hops, 0.0.0.0, and next hops that are not the node’s.',
  find,
};

function* find(facts: Facts): Finds {
  for (const neighbor of established(facts)) {
    yield;
    const sets = yield* facts.routeSets(neighbor);
    for (const set of sets) {
      const odd = whatIsOdd(set, neighbor, facts);
      if (!odd) continue;
      yield {
        ...subject(neighbor),
        prefix: odd.prefix,
        text:
          `${who(neighbor)} announces ` +
          `${odd.prefix}${odd.routes > 1 ? ` and ${count(odd.routes - 1, 'more route')}` : ''} with the next ` +
          `hop ${set.attributes.nextHop}: ${odd.why}.`,
        hint: odd.hint,
        evidence: sessionEvidence(neighbor),
        about: odd.kind,
      };
    }
  }
}

interface Odd {
  kind: string;
  prefix: string;
  routes: number;
  why: string;
  hint: string;
}

function whatIsOdd(set: RouteSet, neighbor: Neighbor, facts: Facts): Odd | undefined {
  const { nextHop, nextHopLinkLocal } = set.attributes;
  if (nextHop === null) return undefined;
  const unnumbered = neighbor.remoteAddress.toLowerCase().startsWith('fe80:');
  if (set.example6 !== undefined) {
    const of6 = { prefix: set.example6, routes: set.ipv6 };
    if (isMapped(nextHop))
      return {
        ...of6,
        kind: 'mapped',
        why:
          'an IPv4 address written as IPv6, because the interface of the session has no IPv6 address; no ' +
          'router forwards IPv6 to it',
        hint:
          'Give the interface of the session an IPv6 address, or peer over IPv6 (a BGPPeer with an IPv6 ' +
          'peerAddress).',
      };
    if (isLinkLocal(nextHop) && !unnumbered)
      return {
        ...of6,
        kind: 'link-local',
        why:
          `a link-local address${nextHopLinkLocal === null ? '' : ' twice'}, because the interface of the ` +
          'session has no global one; it is of use only on the same link',
        hint:
          'Give the interface of the session a global IPv6 address, or peer over IPv6 (a BGPPeer with an IPv6 ' +
          'peerAddress).',
      };
  }
  if (set.example4 !== undefined) {
    const of4 = { prefix: set.example4, routes: set.ipv4 };
    if (nextHop === '0.0.0.0')
      return {
        ...of4,
        kind: 'zero',
        why: 'no address at all, because the node has no IPv4 address and its BGPPeer no routerID',
        hint:
          'Set spec.routerID of the BGPPeer, give the interface an IPv4 address, or do not announce IPv4 over ' +
          'this session.',
      };
    if (nextHop.includes(':') && !unnumbered && !neighbor.negotiated?.extendedNextHop)
      return {
        ...of4,
        kind: 'ipv6',
        why: 'an IPv6 address for an IPv4 prefix, and the session did not agree on that (RFC 8950)',
        hint: 'Peer over IPv4, or with a speaker that announces the extended next hop capability.',
      };
  }
  const prefix = set.example4 ?? set.example6;
  const own = addressesOf(neighbor, nextHop, facts);
  if (!own || own.has(nextHop) || isLinkLocal(nextHop) || nextHop === neighbor.routerId || prefix === undefined)
    return undefined;
  return {
    kind: 'not-the-nodes',
    prefix,
    routes: set.ipv4 + set.ipv6,
    why: `not one of the addresses of node ${neighbor.node}, so traffic goes elsewhere or is lost`,
    hint:
      `Look for raw FRR configuration or FRRConfigurations on ${neighbor.node} that set a next hop. If the ` +
      `address is the node's on a secondary network, the network must forward to the pods' network (IP ` +
      'forwarding of that interface).',
  };
}

/**
 * Addresses that the node is known by, of the family of a next hop; undefined = it is not known which node that is, or
 * nothing is said of that family.
 */
function addressesOf(
  { node, remoteAddress }: Neighbor,
  nextHop: string,
  { cluster }: Facts,
): ReadonlySet<string> | undefined {
  const addresses = (node === null ? undefined : cluster?.table.nodes.get(node)?.addresses) ?? [];
  const isOfFamily = (address: string): boolean => address.includes(':') === nextHop.includes(':');
  if (!addresses.some(isOfFamily)) return undefined;
  return new Set([...addresses, plainAddress(remoteAddress)]);
}

const isMapped = (address: string): boolean => /^::ffff:(?:\d+\.|[0-9a-f]{1,4}:[0-9a-f]{1,4}$)/i.test(address);

const isLinkLocal = (address: string): boolean => /^fe[89ab][0-9a-f]:/i.test(address);

/** Router IDs and addresses that are not one speaker's alone (MetalLB issues 2367, 1683 and 1560). */
import type { Neighbor } from '../../rib/types.ts';
import type { Facts, Finds } from '../types.ts';
import { count, names, sessionEvidence, subject, who } from '../words.ts';
import { established } from './sessions.ts';

/** Normal with MetalLB, whose routerID is a BGPPeer's: told since routers log it. */
export function* duplicateRouterId(facts: Facts): Finds {
  const byId = new Map<string, Map<string, Neighbor>>();
  for (const neighbor of established(facts)) {
    yield;
    const { routerId } = neighbor;
    if (routerId === null || routerId === '0.0.0.0') continue;
    const speakers = byId.get(routerId) ?? new Map<string, Neighbor>();
    byId.set(routerId, speakers.set(neighbor.node ?? neighbor.remoteAddress, neighbor));
  }
  for (const [routerId, speakers] of byId) {
    if (speakers.size < 2) continue;
    const peers = [...(facts.cluster?.peers ?? [])].filter(({ spec }) => spec.routerID === routerId);
    yield {
      text:
        `${count(speakers.size, 'speaker')} (${names(speakers.keys())}) have the router ID ${routerId}` +
        (peers.length > 0
          ? `, as BGPPeer ${names(peers.map(({ ref }) => ref.name))} asks for (routerID).`
          : `, and no BGPPeer asks for it.`),
      hint:
        peers.length > 0
          ? 'Nothing has to be done: sessions are told apart by address. Leave spec.routerID out where a ' +
            'router objects.'
          : 'Sessions are told apart by address, so nothing breaks here. Nodes with the same lowest or ' +
            'loopback address choose the same ID: set that right if a router objects.',
      objects: peers.map(({ ref }) => ref),
      about: routerId,
    };
  }
}

/** A node without any IPv4 address, and no routerID for it. RFC 6286 §2.1 calls it invalid. */
export function* zeroRouterId(facts: Facts): Finds {
  for (const neighbor of established(facts)) {
    yield;
    if (neighbor.routerId !== '0.0.0.0') continue;
    const { bgpPeer } = neighbor;
    const peer = bgpPeer === null ? undefined : facts.cluster?.peer(bgpPeer);
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} has the router ID 0.0.0.0, as FRR has on a node without an IPv4 address. It is let ` +
        'in here; most routers refuse it (RFC 6286).',
      hint: `Set spec.routerID of ${bgpPeer === null ? 'its BGPPeer' : `BGPPeer ${bgpPeer}`}.`,
      objects: peer ? [peer.ref] : [],
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** Two sessions from one address to the same of ours: two speakers on one node, or two nodes behind one address. */
export function* twoSpeakersOnOneAddress(facts: Facts): Finds {
  const byAddress = new Map<string, Neighbor[]>();
  for (const neighbor of established(facts)) {
    yield;
    const { remoteAddress, localAddress, localPort } = neighbor;
    const key = `${remoteAddress} ${localAddress} ${localPort}`;
    byAddress.set(key, [...(byAddress.get(key) ?? []), neighbor]);
  }
  for (const sessions of byAddress.values()) {
    if (sessions.length < 2) continue;
    const [first] = sessions;
    yield {
      ...subject(first!),
      text:
        `${first!.remoteAddress} has ${sessions.length} sessions to ${first!.localAddress} port ` +
        `${first!.localPort} at once, as ` +
        `${names(sessions.map(({ asn, routerId }) => `AS ${asn} (router ID ${routerId})`))}: two BGP ` +
        'speakers run there, or several nodes share the address.',
      hint:
        'Look for a second BGP daemon on the node (Calico, Cilium, an old speaker pod), or for address ' +
        'translation between the nodes and this host.',
      evidence: sessions.flatMap(sessionEvidence),
    };
  }
}

/** Something on a node that speaks BGP and is not MetalLB. */
export function* otherBgpSpeaker(facts: Facts): Finds {
  const { cluster } = facts;
  // with frr-k8s others may configure sessions of their own, in an AS of their own
  if (!cluster || (facts.options.mode === 'frr-k8s' && cluster.resources.FRRConfiguration.size > 0)) return;
  for (const neighbor of established(facts)) {
    yield;
    const { node, asn, routes } = neighbor;
    const sessions = node === null ? undefined : cluster.sessionsByNode.get(node);
    if (!sessions || asn === null || sessions.some(({ myASN }) => myASN === asn)) continue;
    // while a BGPPeer is edited the session goes on in the old AS
    if (cluster.peers.some(({ spec }) => spec.myASN === asn || spec.localASN === asn)) continue;
    yield {
      ...subject(neighbor),
      text:
        `Something on ${node} (${neighbor.remoteAddress}) speaks BGP as AS ${asn} and announces ` +
        `${count(routes.ipv4 + routes.ipv6, 'route')}; ` +
        `MetalLB's sessions of that node are in AS ${names(sessions.map(({ myASN }) => String(myASN)))}.`,
      hint:
        'Another BGP speaker runs on the node (Calico and Cilium have one; they and MetalLB get in each ' +
        `other's way on port 179). In frr-k8s mode an FRRConfiguration may have made it. Let it peer ` +
        'elsewhere, or give its address range another entry in bgp.neighbors.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

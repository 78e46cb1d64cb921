/** Router IDs that are not one speaker's alone (MetalLB issues 2367, 1683 and 1560). */

import { count, names } from '../../metallb/problems/words.ts';
import type { Neighbor } from '../../rib/types.ts';
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';

/** Normal with MetalLB, whose routerID is a BGPPeer's: told since routers log it. */
export const duplicateRouterId: Check = {
  code: 'duplicate-router-id',
  severity: 'info',
  title: 'Speakers share a router ID',
  looksFor: 'equal router IDs of several nodes, which is normal where a BGPPeer sets routerID.',
  find,
};

function* find(facts: Facts): Finds {
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
    const peers = (facts.cluster?.accepted.peers ?? []).filter(({ spec }) => spec.routerID === routerId);
    yield {
      text:
        `${count(speakers.size, 'speaker')} (${names(speakers.keys())}) have the router ID ${routerId}` +
        (peers.length > 0
          ? `, as BGPPeer ${names(peers.map(({ ref }) => ref.name))} asks for (routerID).`
          : `, and no BGPPeer sets it.`),
      hint:
        peers.length > 0
          ? 'No action needed: sessions are identified by address. Omit spec.routerID where a ' + 'router objects.'
          : 'Sessions are identified by address, so nothing breaks here. Nodes with the same lowest or ' +
            'loopback address choose the same ID; change the address if a router complains.',
      objects: peers.map(({ ref }) => ref),
      about: routerId,
    };
  }
}

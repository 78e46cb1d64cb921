/** Routes that are lost whenever a speaker restarts (MetalLB issue 2368). */

import { count, names } from '../../metallb/problems/words.ts';
import type { Neighbor } from '../../rib/types.ts';
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';

/** One for each BGPPeer: capability 64 is missing, or it names no families, as FRR's does unless told otherwise. */
export const noGracefulRestart: Check = {
  code: 'no-graceful-restart',
  severity: 'info',
  title: 'Routes are withdrawn when a speaker restarts',
  looksFor: 'sessions whose speaker announces no family for graceful restart; a warning where the BGPPeer asks for it.',
  find,
};

function* find(facts: Facts): Finds {
  const { cluster, options } = facts;
  const without = new Map<string | null, Neighbor[]>();
  for (const neighbor of established(facts)) {
    yield;
    if ((neighbor.negotiated?.gracefulRestart?.families.length ?? 0) > 0 || neighbor.negotiated === null) continue;
    // whose speaker it is must be known to say what to change
    if (neighbor.node === null || neighbor.bgpPeer === null) continue;
    without.set(neighbor.bgpPeer, [...(without.get(neighbor.bgpPeer) ?? []), neighbor]);
  }
  for (const [bgpPeer, neighbors] of without) {
    const peer = bgpPeer === null ? undefined : cluster?.peer(bgpPeer);
    if (!peer) continue;
    const nodes = names(neighbors.map(({ node }) => node!));
    const asked = peer.spec.enableGracefulRestart;
    const bare = neighbors.some(({ negotiated }) => negotiated?.gracefulRestart !== undefined);
    yield {
      ...(asked && { severity: 'warning' as const }),
      bgpPeer: bgpPeer!,
      text: asked
        ? `BGPPeer ${bgpPeer} has enableGracefulRestart, but ${nodes} announced no family to keep when the ` +
          'session came up: routes are withdrawn when the speaker restarts.'
        : `${count(neighbors.length, 'session')} of BGPPeer ${bgpPeer} (${nodes}) ` +
          `${neighbors.length === 1 ? 'runs' : 'run'} without graceful restart` +
          `${bare ? ' (capability 64 is there, without families)' : ''}: when a speaker restarts or is ` +
          'updated, its routes are withdrawn and announced again.',
      hint: asked
        ? 'The capability is negotiated when a session comes up: reset the session, and check the configuration ' +
          'in effect on the node.'
        : options.mode === 'native'
          ? 'Native speakers do not support it; the frr modes do (spec.enableGracefulRestart of the BGPPeer).'
          : 'Set spec.enableGracefulRestart: true; it cannot be changed in an existing BGPPeer that has it ' +
            'set, so make a new one.',
      objects: [peer.ref],
    };
  }
}

/** Neighbors that fell silent, and sessions on which that would not be noticed (MetalLB issue 777). */
import type { Facts, Finds } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';
import { established } from './sessions.ts';

/** Hold timer expired, and nothing heard for so long that the other side cannot have noticed, ms. */
const silentMs = 90_000;

/** A speaker whose session we gave up, and that has not come back: a dead node, or TCP that is open on one side only. */
export function* silentNeighbor({ rib, now, options, cluster }: Facts): Finds {
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const { state, lastDown } = neighbor;
    if (state === 'established' || lastDown?.direction !== 'sent' || !lastDown.code.includes('hold-timer-expired'))
      continue;
    if (now - lastDown.at < silentMs) continue;
    // a node that left the cluster, or a BGPPeer that is no more, is not waited for
    const { node, bgpPeer } = neighbor;
    if (cluster && (node === null || bgpPeer === null || !cluster.table.session(node, bgpPeer))) continue;
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} fell silent: the hold timer expired ${span(now - lastDown.at)} ago and the speaker ` +
        'has not tried again since.' +
        (options.mode === 'native'
          ? ' Native speakers ignore the hold timer: where the way between is broken they keep the dead ' +
            'connection until TCP gives up, up to 15 minutes.'
          : ''),
      hint:
        options.mode === 'native'
          ? 'Look whether the node lives and reaches this host; restart its speaker pod if it does. The frr ' +
            'modes keep the hold timer, and BFD notices sooner.'
          : 'Look whether the node lives, whether its speaker runs, and whether it reaches this host.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** RFC 4271 §4.2: a hold time of 0 means no KEEPALIVEs, so a dead node keeps its session and its routes. */
export function* noHoldTimer(facts: Facts): Finds {
  for (const neighbor of established(facts)) {
    yield;
    const { negotiated, bgpPeer, received } = neighbor;
    if (negotiated?.holdTime !== 0) continue;
    const theirs = received?.holdTime === 0;
    yield {
      ...subject(neighbor),
      text:
        `The session of ${who(neighbor)} runs without a hold timer (${theirs ? 'the speaker' : 'this side'} ` +
        'asked for 0): when the node dies, its routes stay until TCP notices.',
      hint: theirs
        ? `Set spec.holdTime of ${bgpPeer === null ? 'the BGPPeer' : `BGPPeer ${bgpPeer}`} to 3s or more ` +
          '(v1beta1 objects without holdTime mean 0).'
        : 'Set bgp.holdTime here to 3 or more.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

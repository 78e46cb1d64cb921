/** Neighbors that fell silent (MetalLB issue 777). */
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';

/** Hold timer expired, and nothing heard for so long that the other side cannot have noticed, ms. */
const silentMs = 90_000;

/** A speaker whose session we gave up, and that has not come back: a dead node, or TCP that is open on one side only. */
export const silentNeighbor: Check = {
  code: 'silent-neighbor',
  severity: 'warning',
  title: 'Speaker is silent',
  looksFor: 'sessions ended by the hold timer whose speaker did not come back.',
  find,
};

function* find({ rib, now, options, cluster }: Facts): Finds {
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
        'has not reconnected.' +
        (options.mode === 'native'
          ? ' Native speakers ignore the hold timer: if the path is broken, they keep the dead ' +
            'connection until TCP gives up, up to 15 minutes.'
          : ''),
      hint:
        options.mode === 'native'
          ? 'Check that the node is up and reaches this host, then restart its speaker pod. The frr ' +
            'modes have a hold timer, and BFD is faster.'
          : 'Check that the node is up, its speaker runs, and it reaches this host.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** Hold times of a BGPPeer that are not in force (MetalLB issue 2904). */
import { lostOptions } from '../../metallb/problems/lost-options.ts';
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject, who } from '../words.ts';

/** The hold time in the speaker's OPEN is what it is configured with. */
export const holdTimeNotInForce: Check = {
  code: 'hold-time-not-in-force',
  severity: 'warning',
  title: 'Hold time differs from the BGPPeer',
  looksFor: 'hold times in OPEN messages that differ from holdTime of the BGPPeer.',
  find,
};

function* find(facts: Facts): Finds {
  const { cluster, options, history, now, graceMs } = facts;
  if (!cluster) return;
  for (const neighbor of established(facts)) {
    yield;
    const { bgpPeer, node, received } = neighbor;
    const peer = bgpPeer === null ? undefined : cluster.peer(bgpPeer);
    const wanted = peer?.spec.holdTime;
    if (!peer || wanted === undefined || received === null || node === null) continue;
    if (received.holdTime === wanted || !cluster.table.session(node, bgpPeer!)) continue;
    if (options.mode === 'frr-k8s' && lostOptions(peer).length > 0) continue; // what options-not-passed-on is about
    const isNews = history.edits.some(
      ({ at, object }) => object.kind === 'BGPPeer' && object.name === bgpPeer && at > now - graceMs,
    );
    if (isNews) continue; // it is on its way
    yield {
      ...subject(neighbor),
      text:
        `BGPPeer ${bgpPeer} asks for a hold time of ${wanted} s, and ${who(neighbor)} announced ` +
        `${received.holdTime} s when its session came up.`,
      hint:
        'Reset the session: timers take effect when it comes up. If the hold time stays the same, the speaker runs ' +
        'with a configuration other than this BGPPeer.',
      objects: [peer.ref],
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** Sessions on which nobody would notice that the neighbor fell silent (MetalLB issue 777). */
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject, who } from '../words.ts';

/** RFC 4271 §4.2: a hold time of 0 means no KEEPALIVEs, so a dead node keeps its session and its routes. */
export const noHoldTimer: Check = {
  code: 'no-hold-timer',
  severity: 'warning',
  title: 'Session without a hold timer',
  looksFor: 'sessions with a negotiated hold time of 0.',
  find,
};

function* find(facts: Facts): Finds {
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

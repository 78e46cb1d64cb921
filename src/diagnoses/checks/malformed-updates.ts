/** UPDATEs that are not as the RFCs want them (MetalLB issues 497 and 266). */

import { count } from '../../metallb/problems/words.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, span, subject, who } from '../words.ts';

/** Path attribute type codes (IANA). */
const asPath = 2;
const localPref = 5;
const as4Path = 17;
/** How long a malformed UPDATE is news, ms. */
const windowMs = 600_000;

export const malformedUpdates: Check = {
  code: 'malformed-updates',
  severity: 'warning',
  title: 'Malformed UPDATEs',
  looksFor: 'path attributes that RFC 7606 rejects, LOCAL_PREF on eBGP among them.',
  find,
};

function* find({ rib, history, now }: Facts): Finds {
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const recent = history.malformed(neighbor.id).filter(({ at }) => at > now - windowMs);
    if (recent.length === 0) continue;
    const has = (code: number): boolean => recent.some(({ attributes }) => attributes.includes(code));
    const isLocalPref = has(localPref);
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} sent ${count(recent.length, 'malformed UPDATE')} in the last ${span(windowMs)}. ` +
        `Last: ${recent.at(-1)!.text}.`,
      hint: isLocalPref
        ? 'LOCAL_PREF is invalid on an external session (very old versions of MetalLB send it): update ' +
          'MetalLB. Peerglass ignores it; strict routers may end the session.'
        : has(asPath) || has(as4Path)
          ? 'The AS_PATH contradicts the negotiated capabilities: check that both sides announce four-octet AS ' +
            'numbers (capability 65).'
          : 'The events of the neighbor in the API have the malformed UPDATEs. A stricter router ends the ' +
            'session because of them.',
      evidence: sessionEvidence(neighbor),
      about: isLocalPref ? 'localPref' : 'other',
    };
  }
}

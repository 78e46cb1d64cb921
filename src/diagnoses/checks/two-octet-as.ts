/** Sessions that cannot say every AS number (MetalLB issue 497). */
import { established } from '../sessions.ts';
import type { Check, Facts, Finds } from '../types.ts';
import { sessionEvidence, subject, who } from '../words.ts';

const asTrans = 23_456;

/** Without capability 65 every AS above 65535 is 23456 in the path. */
export const twoOctetAs: Check = {
  code: 'two-octet-as',
  severity: 'info',
  title: 'Two-octet AS numbers',
  looksFor: 'sessions without capability 65; a warning where an AS does not fit into two octets.',
  find,
};

function* find(facts: Facts): Finds {
  for (const neighbor of established(facts)) {
    yield;
    const { negotiated, asn, localAsn } = neighbor;
    if (!negotiated || negotiated.as4) continue;
    const wide = [asn, localAsn].some((number) => number === asTrans || (number ?? 0) > 0xffff);
    yield {
      ...subject(neighbor),
      ...(wide && { severity: 'warning' as const }),
      text:
        `The session of ${who(neighbor)} runs with two-octet AS numbers: the speaker does not announce ` +
        `capability 65.${wide ? ` One of the two AS (${asn}, ${localAsn}) does not fit.` : ''}`,
      hint: 'MetalLB announces four-octet AS numbers in all modes: check whether this is one of its speakers.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

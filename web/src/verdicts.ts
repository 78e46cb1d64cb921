/** The eight words, for people. */
import type { Verdict, VerdictWord } from '../../src/api/schemas.ts';

/** In the order of urgency: what is wrong first. */
export const verdictOrder: readonly VerdictWord[] = [
  'missing',
  'mismatch',
  'unexpected',
  'stale',
  'pending',
  'unknown',
  'suppressed',
  'ok',
];

/** One line each, for people who meet the word for the first time. */
export const verdictMeaning: Readonly<Record<VerdictWord, string>> = {
  ok: 'received as expected',
  pending: 'within its grace period after a change',
  missing: 'expected, not received',
  unexpected: 'received, not expected',
  mismatch: 'received with other attributes than expected',
  stale: 'kept from before the session restarted',
  suppressed: 'silenced by configuration',
  unknown: 'cannot be told yet',
};

/** The first sentence of the reason, without the session when that is shown beside it anyway. */
export function headline({ reasonText, node, bgpPeer }: Pick<Verdict, 'reasonText' | 'node' | 'bgpPeer'>): string {
  const sentence = /^.*?[.](?= [A-Z])/.exec(reasonText)?.[0] ?? reasonText;
  const who = bgpPeer === null ? `${node} ` : `${node} → ${bgpPeer} `;
  return node !== null && sentence.startsWith(who) ? sentence.slice(who.length).replace(/^\([^)]*\) /, '') : sentence;
}

/** The eight words, for people. */
import type { L2VerdictWord, Verdict, VerdictWord } from '../../src/api/schemas.ts';

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
  suppressed: 'a known difference that a rule of the overlay accepts',
  unknown: 'cannot be told yet',
};

/** The words of layer 2, in the order of urgency. */
export const l2VerdictOrder: readonly L2VerdictWord[] = [
  'two-owners',
  'wrong-node',
  'missing',
  'wrong-interface',
  'unexpected',
  'pending',
  'unknown',
  'ok',
];

export const l2VerdictMeaning: Readonly<Record<L2VerdictWord, string>> = {
  ok: 'the elected node answers, and nobody else',
  pending: 'within its grace period after a change',
  missing: 'nobody answers for the address',
  'wrong-node': 'another node answers than the elected one',
  'two-owners': 'more than one node answers for the address',
  'wrong-interface': 'it is answered where it should not be',
  unexpected: 'somebody answers for an address that nobody should announce',
  unknown: 'cannot be told from here',
};

/** The first sentence of the reason, without the session when that is shown beside it anyway. */
export function headline({ reasonText, node, bgpPeer }: Pick<Verdict, 'reasonText' | 'node' | 'bgpPeer'>): string {
  const sentence = /^.*?[.](?= [A-Z])/.exec(reasonText)?.[0] ?? reasonText;
  const who = bgpPeer === null ? `${node} ` : `${node} → ${bgpPeer} `;
  return node !== null && sentence.startsWith(who) ? sentence.slice(who.length).replace(/^\([^)]*\) /, '') : sentence;
}

/** Verdicts: order, meaning and reason. */
import type { L2VerdictWord, Verdict, VerdictWord } from '../../src/api/schemas.ts';

/** Worst first. */
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

/** Tooltips. */
export const verdictMeaning: Readonly<Record<VerdictWord, string>> = {
  ok: 'received as expected',
  pending: 'within the grace period after a change',
  missing: 'expected, not received',
  unexpected: 'received, not expected',
  mismatch: 'received with different attributes than expected',
  stale: 'kept from the previous session',
  suppressed: 'an overlay rule accepts the difference',
  unknown: 'Peerglass lacks the data to decide',
};

/** Layer-2 verdicts, worst first. */
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
  ok: 'only the elected node answers',
  pending: 'within the grace period after a change',
  missing: 'no host answers for the address',
  'wrong-node': 'a node that is not elected answers',
  'two-owners': 'more than one node answers for the address',
  'wrong-interface': 'the node answers on an interface that the L2Advertisement excludes',
  unexpected: 'a host answers for an address that no node should announce',
  unknown: 'this host cannot observe the answer',
};

/** The first sentence of the reason, without the session, which the page shows separately. */
export function headline({ reasonText, node, bgpPeer }: Pick<Verdict, 'reasonText' | 'node' | 'bgpPeer'>): string {
  const sentence = /^.*?[.](?= [A-Z])/.exec(reasonText)?.[0] ?? reasonText;
  const who = bgpPeer === null ? `${node} ` : `${node} → ${bgpPeer} `;
  return node !== null && sentence.startsWith(who) ? sentence.slice(who.length).replace(/^\([^)]*\) /, '') : sentence;
}

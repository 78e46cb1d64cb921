/**
 * One announcement from three sides: what the objects ask for (should), what the cluster's own status objects claim
 * (says), what came over the wire (is). Pure. What was not seen is unknown, never a no.
 */
import type { PrefixCell, Says, VerdictWord } from '../../src/api/schemas.ts';

export type Word = 'yes' | 'no' | 'stale' | 'unknown';

export interface Side {
  name: 'should' | 'says' | 'is';
  word: Word;
  /** A sentence. */
  text: string;
}

/** A cell, with the reason why nothing is expected where that was asked for. */
export type ExplainedCell = PrefixCell & { whyNot?: { text: string } | null };

/** The three sides of one cell, in their order. */
export function sidesOf(cell: ExplainedCell): [should: Side, says: Side, is: Side] {
  return [should(cell), says(cell.says), is(cell)];
}

function should({ expected, verdict, node, bgpPeer, whyNot }: ExplainedCell): Side {
  const name = 'should';
  if (expected)
    return { name, word: 'yes', text: `The objects ask ${expected.node} to announce it to ${expected.bgpPeer}.` };
  if (verdict?.rule) return { name, word: 'yes', text: `The rule ${verdict.rule} of the overlay asks for it.` };
  if (whyNot) return { name, word: 'no', text: `No: ${whyNot.text}.` };
  if (verdict === null)
    return { name, word: 'unknown', text: 'Nothing is compared here: no objects are known that could ask for it.' };
  if (verdict.verdict === 'unknown') return { name, word: 'unknown', text: verdict.reasonText };
  const who = node === null ? 'this neighbor' : bgpPeer === null ? node : `${node} for ${bgpPeer}`;
  return { name, word: 'no', text: `No object asks ${who} for it.` };
}

function says(says: Says | null): Side {
  const name = 'says';
  if (!says) return { name, word: 'unknown', text: 'No status objects of this node are known.' };
  return { name, word: says.announced === null ? 'unknown' : says.announced ? 'yes' : 'no', text: says.text };
}

function is({ received, verdict, neighbor }: PrefixCell): Side {
  const name = 'is';
  if (verdict?.rule) return { name, word: keptWord(verdict.verdict), text: verdict.reasonText };
  const who = neighbor?.address ?? 'a session';
  if (received.some((route) => !route.stale)) return { name, word: 'yes', text: `Received from ${who}.` };
  if (received.length > 0) return { name, word: 'stale', text: `Kept from before the session to ${who} ended.` };
  if (verdict?.verdict === 'unknown') return { name, word: 'unknown', text: verdict.reasonText };
  return {
    name,
    word: 'no',
    text: neighbor ? `Not received from ${who}.` : 'Not received.',
  };
}

/** Whether what a rule asks for is there, with whatever attributes. */
function keptWord(verdict: VerdictWord): Word {
  if (verdict === 'ok' || verdict === 'mismatch') return 'yes';
  return verdict === 'unknown' || verdict === 'pending' ? 'unknown' : 'no';
}

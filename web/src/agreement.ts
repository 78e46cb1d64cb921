/**
 * One announcement from three sides: expected by the objects, reported by the cluster's status objects, received over
 * BGP. Pure. A side without data is unknown, never "no".
 */
import type { PrefixCell, Says, VerdictWord } from '../../src/api/schemas.ts';
import { sentenceCase } from './format.ts';

export type Word = 'yes' | 'no' | 'stale' | 'unknown';

export interface Side {
  name: 'expected' | 'reported' | 'received';
  word: Word;
  /** A sentence. */
  text: string;
}

/** A cell, with the reason why no route is expected if the request asked for it. */
export type ExplainedCell = PrefixCell & { whyNot?: { text: string } | null };

/** The three sides of one cell, in their order. */
export function sidesOf(cell: ExplainedCell): [expected: Side, reported: Side, received: Side] {
  return [expectedSide(cell), reportedSide(cell.says), receivedSide(cell)];
}

function expectedSide({ expected, verdict, node, bgpPeer, whyNot }: ExplainedCell): Side {
  const name = 'expected';
  if (expected) return { name, word: 'yes', text: `Node ${expected.node} should announce it to ${expected.bgpPeer}.` };
  if (verdict?.rule) return { name, word: 'yes', text: `The overlay rule ${verdict.rule} requires it.` };
  if (whyNot) return { name, word: 'no', text: `${sentenceCase(whyNot.text)}.` };
  if (verdict === null) return { name, word: 'unknown', text: 'Peerglass has no objects that could require it.' };
  if (verdict.verdict === 'unknown') return { name, word: 'unknown', text: verdict.reasonText };
  const who = node === null ? 'this neighbor' : node;
  return {
    name,
    word: 'no',
    text: `No object requires ${who} to announce it${node === null || bgpPeer === null ? '' : ` to ${bgpPeer}`}.`,
  };
}

function reportedSide(says: Says | null): Side {
  const name = 'reported';
  if (!says) return { name, word: 'unknown', text: 'No status objects for this node.' };
  return { name, word: says.announced === null ? 'unknown' : says.announced ? 'yes' : 'no', text: says.text };
}

function receivedSide({ received, verdict, neighbor }: PrefixCell): Side {
  const name = 'received';
  if (verdict?.rule) return { name, word: ruleWord(verdict.verdict), text: verdict.reasonText };
  const who = neighbor?.address ?? 'a session';
  if (received.some((route) => !route.stale)) return { name, word: 'yes', text: `Received from ${who}.` };
  if (received.length > 0) return { name, word: 'stale', text: `Kept from an ended session with ${who}.` };
  if (verdict?.verdict === 'unknown') return { name, word: 'unknown', text: verdict.reasonText };
  return {
    name,
    word: 'no',
    text: neighbor ? `Not received from ${who}.` : 'Not received.',
  };
}

/** Whether the prefix of a rule is received, with any attributes. */
function ruleWord(verdict: VerdictWord): Word {
  if (verdict === 'ok' || verdict === 'mismatch') return 'yes';
  return verdict === 'unknown' || verdict === 'pending' ? 'unknown' : 'no';
}

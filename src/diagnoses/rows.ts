/** Verdict rows for the checks, a page at a time: each is dear to make. */
import type { Verdict, VerdictKey, VerdictView, VerdictWord } from '../verdicts/types.ts';

/** Rows asked for at once, and looked at in one pass. */
const pageRows = 16;
export const maxRows = 2_048;

/** The first rows with one of the words; undefined = a place to pause. */
export function* rowsThatAre(verdicts: VerdictView, words: VerdictWord[]): Generator<Verdict | undefined> {
  const { verdicts: counts } = verdicts.summary();
  if (words.every((word) => counts[word] === 0)) return;
  let looked = 0;
  let after: VerdictKey | undefined;
  do {
    const { rows, next } = verdicts.list({ verdict: words }, after, pageRows);
    yield* rows;
    yield;
    looked += rows.length;
    after = next;
  } while (after !== undefined && looked < maxRows);
}

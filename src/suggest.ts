/** "Did you mean": finds the known word closest to the input. */

/** Longer words are not typos, and comparing them costs time. */
const maxWordLength = 64;

/** The closest of `candidates` to an unknown word: a letter more or less, singular for plural, other case. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maxWordLength) return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(4, Math.ceil(word.length / 3)) + 0.5;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    // among equally close words the first in alphabetical order, whatever the order of the candidates
    const isFirst = distance === bestDistance && best !== undefined && candidate < best;
    if (distance < bestDistance || isFirst) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}

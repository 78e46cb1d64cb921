/**
 * How large one object may be. An API server's store takes a megabyte and a half, so whatever is beyond these bounds
 * was never an object of a cluster, and looking at it closely is what would cost time.
 */
import { type Problem, problem } from '../codes.ts';

/** Objects and lists within each other. */
export const maxDepth = 64;
/** Fields and entries of lists, all together. */
export const maxValues = 250_000;
/** Characters of all texts and field names together. */
export const maxCharacters = 8 * 1024 * 1024;
/** Objects of one kind of MetalLB's configuration: each is held against each. Peers may be a few for every node. */
export const maxConfigured = (kind: string): number => (kind === 'BGPPeer' ? 5_000 : 2_000);

/** What of an object is too large to be read; undefined for anything that a cluster could hold. */
export function sizeProblem(raw: unknown): Problem | undefined {
  const tooLarge = (what: string): Problem => problem('too-large', `more than ${what} in one object`);
  let values = 0;
  let characters = 0;
  let level = [raw];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return tooLarge(`${maxDepth} levels`);
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string') characters += value.length;
      if (value === null || typeof value !== 'object') continue;
      const children = Object.values(value);
      if ((values += children.length) > maxValues) return tooLarge(`${maxValues} fields and entries`);
      if (!Array.isArray(value)) for (const name of Object.keys(value)) characters += name.length;
      for (const child of children) next.push(child);
    }
    if (characters > maxCharacters) return tooLarge(`${maxCharacters} characters`);
    level = next;
  }
  return undefined;
}

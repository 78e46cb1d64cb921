/** `includeRaw`: the BGP message that each change came in, from the journal. */
import type { StoreQueries } from '../../store/types.ts';
import { limits } from '../limits.ts';

/** The message of each seq as hex. */
export type RawMessages = ReadonlyMap<number, string>;

/**
 * Reads the messages of `seqs` (ascending), at most `limits.rawBytes` of them. A seq without one is left out: swept
 * routes have none, and a journal may be gone. Never rejects.
 */
export async function fetchRaw(queries: StoreQueries, seqs: readonly number[]): Promise<RawMessages> {
  const wanted = new Set(seqs);
  const until = seqs.at(-1)!;
  const found = new Map<number, string>();
  let octets = 0;
  try {
    for (let since = seqs[0]! - 1, complete = false; !complete && since < until && octets < limits.rawBytes; ) {
      const answer = await queries.messages({ since, until, limit: limits.rawMessages });
      for (const { seq, raw } of answer.messages) {
        if (!wanted.has(seq) || (octets += raw.length) > limits.rawBytes) continue;
        found.set(seq, Buffer.from(raw).toString('hex'));
      }
      since = answer.through;
      complete = answer.complete;
    }
  } catch {
    // the change itself matters more than its octets
  }
  return found;
}

/** `texts` of the changes `seqs` with their BGP messages, as long as these do not exceed `limits.rawBytes` together. */
export function withRaw(texts: readonly string[], seqs: readonly number[], raw: RawMessages): string[] {
  let octets = 0;
  return texts.map((text, i) => {
    const hex = raw.get(seqs[i]!);
    if (hex === undefined || (octets += hex.length) > 2 * limits.rawBytes) return text;
    return `${text.slice(0, -1)},"raw":"${hex}"}`;
  });
}

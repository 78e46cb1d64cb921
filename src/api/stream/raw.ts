/** `includeRaw`: the BGP message that each change came in, from the journal. */
import type { StoreQueries } from '../../store/types.ts';
import { limits } from '../limits.ts';
import type { RawRouteItem } from './items.ts';

/** Resolves all items, those whose message is not there (swept routes, a journal that is gone) with null. Never rejects. */
export async function fetchRaw(queries: StoreQueries, items: readonly RawRouteItem[]): Promise<void> {
  const waiting = Map.groupBy(items, ({ seq }) => seq);
  const seqs = [...waiting.keys()].sort((a, b) => a - b);
  const until = seqs.at(-1)!;
  try {
    for (let since = seqs[0]! - 1, complete = false; !complete && since < until; ) {
      const answer = await queries.messages({ since, until, limit: limits.rawMessages });
      for (const { seq, raw } of answer.messages)
        for (const item of waiting.get(seq) ?? []) item.resolve(Buffer.from(raw).toString('hex'));
      since = answer.through;
      complete = answer.complete;
    }
  } catch {
    // the change itself matters more than its octets
  }
  for (const item of items) if (item.text === undefined) item.resolve(null);
}

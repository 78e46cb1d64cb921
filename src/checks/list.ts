/** Pages of verdicts, ordered by prefix, node, BGPPeer and neighbor. */
import type { ExpectedRoute } from '../metallb/types.ts';
import type { Judge } from './judge.ts';
import { comparePairings, type Pairing } from './pairings.ts';
import type { Prefixes } from './prefixes.ts';
import { isExpected, wordOf } from './rows.ts';
import { type Verdict, type VerdictFilter, type VerdictKey, verdicts } from './types.ts';

/** Rows looked at for one page; a page that ends for this reason is short but says where to go on. */
export const maxRowsPerPage = 50_000;

export interface ListSource {
  /** In list order. */
  pairings: readonly Pairing[];
  prefixes: Prefixes;
  judge: Judge;
}

/** At most `limit` rows behind `after` that match; `next` goes on where it ended, undefined at the end. */
export function listRows(
  source: ListSource,
  filter: VerdictFilter,
  after: VerdictKey | undefined,
  limit: number,
): { rows: Verdict[]; next: VerdictKey | undefined } {
  const pairings = source.pairings.filter((pairing) => mayMatch(pairing, filter));
  const words = new Set(filter.verdict ?? verdicts);
  const rows: Verdict[] = [];
  let looked = 0;
  for (const text of prefixesFrom(source.prefixes, filter.prefix, after?.prefix)) {
    const prefix = source.prefixes.find(text)!;
    for (const pairing of pairings) {
      if (after && text === after.prefix && comparePairings(pairing, after) <= 0) continue;
      looked++;
      const state = pairing.rows.get(prefix);
      const isWanted = state !== 0 && words.has(wordOf(state)!);
      if (
        isWanted &&
        (!asksForObjects(filter) || (isExpected(state) && isFrom(source.judge.expected(pairing, prefix), filter)))
      )
        rows.push(source.judge.verdict(pairing, prefix));
      if (rows.length === limit || looked === maxRowsPerPage) {
        const { node, bgpPeer, neighbor } = pairing;
        return { rows, next: { prefix: text, node, bgpPeer, neighbor } };
      }
    }
  }
  return { rows, next: undefined };
}

function* prefixesFrom(prefixes: Prefixes, only: string | undefined, after: string | undefined): Generator<string> {
  if (only === undefined) yield* prefixes.sorted.from(after);
  else if (prefixes.find(only) !== undefined && (after === undefined || only >= after)) yield only;
}

/** Can any row of the pairing match? Leaves out most pairings when few rows are wrong. */
function mayMatch({ node, bgpPeer, neighbor, rows }: Pairing, filter: VerdictFilter): boolean {
  if (filter.neighbor !== undefined && filter.neighbor !== neighbor) return false;
  if (filter.node !== undefined && filter.node !== node) return false;
  if (filter.bgpPeer !== undefined && filter.bgpPeer !== bgpPeer) return false;
  return (filter.verdict ?? verdicts).some((word) => rows.counts[verdicts.indexOf(word)]! > 0);
}

function asksForObjects({ service, pool, advertisement }: VerdictFilter): boolean {
  return service !== undefined || pool !== undefined || advertisement !== undefined;
}

/** Does one link of the chain have everything that is asked for? */
function isFrom(expected: ExpectedRoute | undefined, { service, pool, advertisement }: VerdictFilter): boolean {
  return (expected?.chain ?? []).some(
    (link) =>
      (service === undefined || link.service === service) &&
      (pool === undefined || link.pool === pool) &&
      (advertisement === undefined || link.advertisement === advertisement),
  );
}

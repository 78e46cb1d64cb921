/** Pages of verdicts, ordered by prefix, node, BGPPeer and neighbor. */
import type { ExpectedRoute } from '../metallb/types.ts';
import type { Judge } from './judge.ts';
import { compareOwners, type NeighborMatch, type RowOwner } from './neighbor-matches.ts';
import type { Prefixes } from './prefixes.ts';
import { isExpected, wordOf } from './rows.ts';
import { isRuleRow } from './rule-rows.ts';
import { type Verdict, type VerdictFilter, type VerdictKey, verdicts, type WrongRow } from './types.ts';

/** Rows looked at for one page; a page that ends for this reason is short but says where to go on. */
export const maxRowsPerPage = 50_000;

export interface ListSource {
  /** In list order. */
  owners: readonly RowOwner[];
  prefixes: Prefixes;
  judge: Judge;
}

/** At most `limit` rows behind `after` that match; `next` goes on where it ended, undefined at the end. */
export function listRows(
  source: ListSource,
  filter: VerdictFilter,
  after: VerdictKey | undefined,
  limit: number,
  maxLooks = maxRowsPerPage,
): { rows: Verdict[]; next: VerdictKey | undefined } {
  const owners = source.owners.filter((owner) => mayMatch(owner, filter));
  const words = new Set(filter.verdict ?? verdicts);
  const rows: Verdict[] = [];
  let looked = 0;
  for (const text of prefixesFrom(source.prefixes, filter.prefix, after?.prefix)) {
    const prefix = source.prefixes.find(text)!;
    for (const owner of owners) {
      if (after && text === after.prefix && compareOwners(owner, after) <= 0) continue;
      looked++;
      const state = owner.rows.get(prefix);
      const isWanted = state !== 0 && words.has(wordOf(state)!);
      // only matches have expected routes
      const isAskedFor = (): boolean =>
        isExpected(state) && isFrom(source.judge.expected(owner as NeighborMatch, prefix), filter);
      if (isWanted && (!asksForObjects(filter) || isAskedFor())) rows.push(source.judge.verdict(owner, prefix));
      if (rows.length === limit || looked === maxLooks) {
        const { node, bgpPeer, neighbor, rule } = owner;
        return { rows, next: { prefix: text, node, bgpPeer, neighbor, rule } };
      }
    }
  }
  return { rows, next: undefined };
}

const wrongWords = verdicts.filter((word) => word !== 'ok');

/** Rows that are not ok. A caller may read them in slices while rows change; new rows may be left out. */
export function* wrongRows({ owners, prefixes, judge }: ListSource): Generator<WrongRow> {
  for (const owner of owners) {
    const { node, bgpPeer, neighbor, rule, rows } = owner;
    if (rows.counts.every((count, i) => count === 0 || verdicts[i] === 'ok')) continue;
    for (const prefix of rows.withWord(...wrongWords)) {
      const word = wordOf(rows.get(prefix))!;
      const verdict = (): Verdict => judge.verdict(owner, prefix);
      yield { prefix: prefixes.text(prefix), node, bgpPeer, neighbor, rule, word, verdict };
    }
  }
}

function* prefixesFrom(prefixes: Prefixes, only: string | undefined, after: string | undefined): Generator<string> {
  if (only === undefined) yield* prefixes.sorted.from(after);
  else if (prefixes.find(only) !== undefined && (after === undefined || only >= after)) yield only;
}

/** Can any of its rows match? Leaves out most owners when few rows are wrong. */
function mayMatch(owner: RowOwner, filter: VerdictFilter): boolean {
  if (filter.neighbor !== undefined && filter.neighbor !== owner.neighbor) return false;
  const { nodes, bgpPeers } = isRuleRow(owner)
    ? { nodes: owner.must.nodes, bgpPeers: owner.must.bgpPeers }
    : { nodes: [owner.node], bgpPeers: [owner.bgpPeer] };
  if (filter.node !== undefined && !nodes.includes(filter.node)) return false;
  if (filter.bgpPeer !== undefined && !bgpPeers.includes(filter.bgpPeer)) return false;
  return (filter.verdict ?? verdicts).some((word) => owner.rows.counts[verdicts.indexOf(word)]! > 0);
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

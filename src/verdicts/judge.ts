/** Gathers what the verdict on one row depends on, and asks for it. */

import { fromWall } from '../clock.ts';
import { contains } from '../metallb/expectations/expectation-change.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import { selects } from '../overlay/in-effect.ts';
import type { IgnoreRule, MustRule, OverlayRule } from '../overlay/rule.ts';
import type { RibView, RouteIndex } from '../rib/types.ts';
import { fieldNames, sameExpectation } from './compare.ts';
import { type Evaluation, evaluate, type UnrequestedRoute } from './evaluate.ts';
import { askedOf, type ExpectationSet, expectedOf, unaskedOf } from './expectation-set.ts';
import type { ExpectationUpdate, PreviousExpectation } from './expectation-updates.ts';
import { evaluateMust, type Selected } from './must.ts';
import type { NeighborMatch, RowOwner } from './neighbor-matches.ts';
import type { Prefixes } from './prefixes.ts';
import { reasons } from './reasons.ts';
import { isRuleRow, type RuleRow } from './rule-rows.ts';
import type { Verdict } from './types.ts';
import { type Assessment, describe } from './verdict.ts';

/** What is found of a row: nothing of a row owner that is no more. */
export interface RowEvaluation {
  /** What the objects ask for, and no rule forbids. */
  expected?: ExpectedRoute | undefined;
  /** undefined = neither expected nor received, or nobody says anything of it. */
  judgement?: Assessment | undefined;
}

export interface JudgeOptions {
  rib: RibView & RouteIndex;
  prefixes: Prefixes;
  /** All that rules select from. */
  matches: () => readonly NeighborMatch[];
}

export class Judge {
  readonly #rib: RibView & RouteIndex;
  readonly #prefixes: Prefixes;
  readonly #matches: () => readonly NeighborMatch[];
  #byNode: { all: readonly NeighborMatch[]; nodes: ReadonlyMap<string | null, readonly NeighborMatch[]> } | undefined;
  expectations: ExpectationSet;
  /** epoch ms */
  now: number;
  graceMs: number;

  constructor({ rib, prefixes, matches }: JudgeOptions, expectations: ExpectationSet, now: number, graceMs: number) {
    this.#rib = rib;
    this.#prefixes = prefixes;
    this.#matches = matches;
    this.expectations = expectations;
    this.now = now;
    this.graceMs = graceMs;
  }

  /** What is asked of the match for a prefix. */
  expected(match: NeighborMatch, prefix: number, expectations = this.expectations): ExpectedRoute | undefined {
    return expectedOf(expectations, match, this.#prefixes.text(prefix));
  }

  /**
   * undefined = neither expected nor received, or nobody says anything of it. Of several paths (RFC 7911) the first
   * that is not ok decides.
   */
  judge(match: NeighborMatch, prefix: number, expected: ExpectedRoute | undefined): Assessment | undefined {
    let worst = this.#path(match, prefix, expected, this.#prefixes.firstNlri(prefix));
    for (const nlri of this.#prefixes.moreNlris(prefix)) {
      const other = this.#path(match, prefix, expected, nlri);
      if (other?.received && (!worst?.received || isOk(worst))) worst = other;
    }
    if (worst && this.#ignoredBy(match, prefix, worst.evaluation))
      worst.evaluation = { ...worst.evaluation, reason: 'suppressed', deadline: null };
    return worst;
  }

  /** Is the rule kept by those that it selects? */
  judgeRule({ must, prefix, askedAt }: RuleRow): Assessment {
    const { now, graceMs } = this;
    const paths = Map.groupBy(this.#rib.exact(this.#prefixes.text(prefix)), ({ neighbor }) => neighbor);
    const selected = this.#candidates(must)
      .filter((match) => selects(must, match))
      .map((match): Selected => {
        const { node, bgpPeer, neighbor, facts: session } = match;
        // what is from before our restart was not confirmed: it counts for nothing
        const received = (neighbor === null ? undefined : paths.get(neighbor))?.filter(
          (handle) => !session.restored || !this.#rib.isStale(handle),
        );
        return {
          node,
          bgpPeer,
          address: match.address(),
          session,
          received: (received ?? []).map(({ attributes }) => this.#rib.attributes(attributes)),
        };
      });
    return { ...evaluateMust({ rule: must, selected, askedAt, graceMs, now }), received: undefined };
  }

  /** NeighborMatches that a rule may select: of the nodes that it names, in list order, or all. */
  #candidates({ nodes }: MustRule): readonly NeighborMatch[] {
    const all = this.#matches();
    if (nodes.length === 0) return all;
    if (this.#byNode?.all !== all) this.#byNode = { all, nodes: Map.groupBy(all, ({ node }) => node) };
    const { nodes: byNode } = this.#byNode;
    return [...nodes].sort().flatMap((node) => byNode.get(node) ?? []);
  }

  /**
   * The verdict in full, as it is now; for a row owner that is no more, that it is over.
   * @param found given where it was just found.
   */
  verdict(owner: RowOwner, prefix: number, found = this.#find(owner, prefix)): Verdict {
    const rib = this.#rib;
    const text = this.#prefixes.text(prefix);
    const since = owner.rows.since(prefix) || owner.createdAt;
    const { expected, judgement } = found;
    if (isRuleRow(owner))
      return describe({ rib, prefix: text, since, owner, table: null, rule: owner.must, judgement });
    const match = owner as NeighborMatch;
    const { table } = this.expectations;
    const rule = judgement && this.#deciding(match, prefix, judgement.evaluation);
    const asked = rule?.rule === 'must-not' ? askedOf(this.expectations, match, text) : undefined;
    return describe({ rib, prefix: text, since, owner, table, rule, expected, asked, judgement });
  }

  /** Whether another route is expected of a row since an update: then its grace starts again. */
  isExpectedAnew(
    { previous, scope, at }: ExpectationUpdate,
    match: NeighborMatch,
    prefix: number,
    expected: ExpectedRoute | undefined,
    was?: PreviousExpectation,
  ): boolean {
    if (!previous || match.createdAt >= at || !contains(scope, match.node, this.#prefixes.text(prefix))) return false;
    const before = was ? was.expected : this.expected(match, prefix, previous);
    return !sameExpectation(before, expected) || this.unasked(match, prefix, previous) !== this.unasked(match, prefix);
  }

  #find(owner: RowOwner, prefix: number): RowEvaluation {
    if (owner.retired) return {};
    if (isRuleRow(owner)) return { judgement: this.judgeRule(owner) };
    const match = owner as NeighborMatch;
    const expected = this.expected(match, prefix);
    return { expected, judgement: this.judge(match, prefix, expected) };
  }

  /** What a route is there if no object asks for it. */
  unasked(match: NeighborMatch, prefix: number, expectations = this.expectations): UnrequestedRoute {
    return unaskedOf(expectations, match, this.#prefixes.text(prefix));
  }

  /** The rule that made the verdict what it is. */
  #deciding(match: NeighborMatch, prefix: number, evaluation: Evaluation): OverlayRule | undefined {
    const { rules } = this.expectations;
    const text = this.#prefixes.text(prefix);
    if (evaluation.reason === 'suppressed') return this.#ignoredBy(match, prefix, evaluation);
    if (evaluation.underlying === 'must-not-announced') return rules.forbids(match, text);
    return evaluation.underlying === 'must-announced' ? rules.callsFor(match, text) : undefined;
  }

  /** The rule that accepts a difference. What cannot be told yet is none. */
  #ignoredBy(match: NeighborMatch, prefix: number, { reason, underlying, fields }: Evaluation): IgnoreRule | undefined {
    const { rules } = this.expectations;
    const word = reasons[underlying].verdict;
    if (rules.rules.length === 0 || word === 'ok' || word === 'unknown' || reason === 'not-synced') return undefined;
    for (const rule of rules.ignores(match, this.#prefixes.text(prefix)))
      if (rule.verdicts.some((one) => one === word) && coversFields(rule, word, fields)) return rule;
    return undefined;
  }

  #foreign({ node, bgpPeer }: NeighborMatch, prefix: number): boolean {
    const { table } = this.expectations;
    return node !== null && table?.foreign(node, bgpPeer, this.#prefixes.text(prefix)) !== undefined;
  }

  #path(
    match: NeighborMatch,
    prefix: number,
    expected: ExpectedRoute | undefined,
    nlri: number,
  ): Assessment | undefined {
    const { neighbor } = match;
    const attributes = neighbor === null || nlri < 0 ? 0 : this.#rib.attributesOf(neighbor, nlri);
    const received = attributes === 0 ? undefined : { neighbor: neighbor!, nlri, attributes };
    const evaluation = evaluate({
      expected,
      received: received && this.#rib.attributes(attributes),
      stale: received !== undefined && this.#rib.isStale(received),
      receivedChangedAt: () => (received ? fromWall(Date.parse(this.#rib.json(received).lastChangedAt)) : 0),
      session: match.facts,
      expectedChangedAt: match.rows.expectedAt(prefix),
      foreign: () => this.#foreign(match, prefix),
      unasked: () => unaskedOf(this.expectations, match, this.#prefixes.text(prefix)),
      graceMs: this.graceMs,
      now: this.now,
    });
    return evaluation && { evaluation, received };
  }
}

const isOk = ({ evaluation }: Assessment): boolean => reasons[evaluation.reason].verdict === 'ok';

function coversFields(rule: IgnoreRule, word: string, fields: number): boolean {
  if (rule.fields === null) return true;
  return word === 'mismatch' && fieldNames(fields).every((field) => rule.fields!.includes(field));
}

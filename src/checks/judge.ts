/** Gathers what the verdict on one row depends on, and asks for it. */

import { fromWall } from '../clock.ts';
import type { ExpectedRoute } from '../metallb/types.ts';
import { selects } from '../overlay/in-effect.ts';
import type { IgnoreRule, MustRule, OverlayRule } from '../overlay/rule.ts';
import type { RibView, RouteIndex } from '../rib/types.ts';
import { fieldNames } from './compare.ts';
import { type Evaluation, evaluate, type Unasked } from './evaluate.ts';
import { evaluateMust, type Selected } from './must.ts';
import type { Pairing, RowOwner } from './pairings.ts';
import type { Prefixes } from './prefixes.ts';
import { reasons } from './reasons.ts';
import { isRuleRow, type RuleRow } from './rule-rows.ts';
import { askedOf, expectedOf, type Standard, unaskedOf } from './standard.ts';
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
  pairings: () => readonly Pairing[];
}

export class Judge {
  readonly #rib: RibView & RouteIndex;
  readonly #prefixes: Prefixes;
  readonly #pairings: () => readonly Pairing[];
  #byNode: { all: readonly Pairing[]; nodes: ReadonlyMap<string | null, readonly Pairing[]> } | undefined;
  standard: Standard;
  /** epoch ms */
  now: number;
  graceMs: number;

  constructor({ rib, prefixes, pairings }: JudgeOptions, standard: Standard, now: number, graceMs: number) {
    this.#rib = rib;
    this.#prefixes = prefixes;
    this.#pairings = pairings;
    this.standard = standard;
    this.now = now;
    this.graceMs = graceMs;
  }

  /** What is asked of the pairing for a prefix. */
  expected(pairing: Pairing, prefix: number, standard = this.standard): ExpectedRoute | undefined {
    return expectedOf(standard, pairing, this.#prefixes.text(prefix));
  }

  /**
   * undefined = neither expected nor received, or nobody says anything of it. Of several paths (RFC 7911) the first
   * that is not ok decides.
   */
  judge(pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined): Assessment | undefined {
    let worst = this.#path(pairing, prefix, expected, this.#prefixes.firstNlri(prefix));
    for (const nlri of this.#prefixes.moreNlris(prefix)) {
      const other = this.#path(pairing, prefix, expected, nlri);
      if (other?.received && (!worst?.received || isOk(worst))) worst = other;
    }
    if (worst && this.#ignoredBy(pairing, prefix, worst.evaluation))
      worst.evaluation = { ...worst.evaluation, reason: 'suppressed', deadline: null };
    return worst;
  }

  /** Is the rule kept by those that it selects? */
  judgeRule({ must, prefix, askedAt }: RuleRow): Assessment {
    const { now, graceMs } = this;
    const paths = Map.groupBy(this.#rib.exact(this.#prefixes.text(prefix)), ({ neighbor }) => neighbor);
    const selected = this.#candidates(must)
      .filter((pairing) => selects(must, pairing))
      .map((pairing): Selected => {
        const { node, bgpPeer, neighbor, facts: session } = pairing;
        // what is from before our restart was not confirmed: it counts for nothing
        const received = (neighbor === null ? undefined : paths.get(neighbor))?.filter(
          (handle) => !session.restored || !this.#rib.isStale(handle),
        );
        return {
          node,
          bgpPeer,
          address: pairing.address(),
          session,
          received: (received ?? []).map(({ attributes }) => this.#rib.attributes(attributes)),
        };
      });
    return { ...evaluateMust({ rule: must, selected, askedAt, graceMs, now }), received: undefined };
  }

  /** Pairings that a rule may select: of the nodes that it names, in list order, or all. */
  #candidates({ nodes }: MustRule): readonly Pairing[] {
    const all = this.#pairings();
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
    const pairing = owner as Pairing;
    const { table } = this.standard;
    const rule = judgement && this.#deciding(pairing, prefix, judgement.evaluation);
    const asked = rule?.rule === 'must-not' ? askedOf(this.standard, pairing, text) : undefined;
    return describe({ rib, prefix: text, since, owner, table, rule, expected, asked, judgement });
  }

  #find(owner: RowOwner, prefix: number): RowEvaluation {
    if (owner.retired) return {};
    if (isRuleRow(owner)) return { judgement: this.judgeRule(owner) };
    const pairing = owner as Pairing;
    const expected = this.expected(pairing, prefix);
    return { expected, judgement: this.judge(pairing, prefix, expected) };
  }

  /** What a route is there if no object asks for it. */
  unasked(pairing: Pairing, prefix: number, standard = this.standard): Unasked {
    return unaskedOf(standard, pairing, this.#prefixes.text(prefix));
  }

  /** The rule that made the verdict what it is. */
  #deciding(pairing: Pairing, prefix: number, evaluation: Evaluation): OverlayRule | undefined {
    const { rules } = this.standard;
    const text = this.#prefixes.text(prefix);
    if (evaluation.reason === 'suppressed') return this.#ignoredBy(pairing, prefix, evaluation);
    if (evaluation.underlying === 'must-not-announced') return rules.forbids(pairing, text);
    return evaluation.underlying === 'must-announced' ? rules.callsFor(pairing, text) : undefined;
  }

  /** The rule that accepts a difference. What cannot be told yet is none. */
  #ignoredBy(pairing: Pairing, prefix: number, { reason, underlying, fields }: Evaluation): IgnoreRule | undefined {
    const { rules } = this.standard;
    const word = reasons[underlying].verdict;
    if (rules.rules.length === 0 || word === 'ok' || word === 'unknown' || reason === 'not-synced') return undefined;
    for (const rule of rules.ignores(pairing, this.#prefixes.text(prefix)))
      if (rule.verdicts.some((one) => one === word) && coversFields(rule, word, fields)) return rule;
    return undefined;
  }

  #foreign({ node, bgpPeer }: Pairing, prefix: number): boolean {
    const { table } = this.standard;
    return node !== null && table?.foreign(node, bgpPeer, this.#prefixes.text(prefix)) !== undefined;
  }

  #path(pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined, nlri: number): Assessment | undefined {
    const { neighbor } = pairing;
    const attributes = neighbor === null || nlri < 0 ? 0 : this.#rib.attributesOf(neighbor, nlri);
    const received = attributes === 0 ? undefined : { neighbor: neighbor!, nlri, attributes };
    const evaluation = evaluate({
      expected,
      received: received && this.#rib.attributes(attributes),
      stale: received !== undefined && this.#rib.isStale(received),
      receivedChangedAt: () => (received ? fromWall(Date.parse(this.#rib.json(received).lastChangedAt)) : 0),
      session: pairing.facts,
      expectedChangedAt: pairing.rows.expectedAt(prefix),
      foreign: () => this.#foreign(pairing, prefix),
      unasked: () => unaskedOf(this.standard, pairing, this.#prefixes.text(prefix)),
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

/** Ways to go through rows and judge each: generators, so that whoever runs them may stop after any row. */
import type { ExpectedRoute } from '../metallb/types.ts';
import type { RouteIndex } from '../rib/types.ts';
import { sameExpectation } from './compare.ts';
import type { Judge } from './judge.ts';
import { Marks } from './marks.ts';
import type { Pairing } from './pairings.ts';
import type { Prefixes } from './prefixes.ts';
import { gather, type ServicesByPrefix } from './services.ts';
import { allowed, type Standard } from './standard.ts';

/** What was expected of a row by what was gone by before. */
export interface Was {
  expected: ExpectedRoute | undefined;
}

export interface RoundsOptions {
  rib: RouteIndex;
  prefixes: Prefixes;
  judge: Judge;
  /** What was gone by before what took over; null = nothing. */
  previous: () => Standard | null;
  /** Judges one row, of which this is expected, and that was (left out: to be looked up). */
  judgeRow: (pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined, was?: Was) => void;
}

export class Rounds {
  readonly #o: RoundsOptions;
  /** Prefix ids that the present `through` has judged; there is one at a time. */
  readonly #visited = new Marks();

  constructor(options: RoundsOptions) {
    this.#o = options;
  }

  /** One prefix, for every pairing. */
  *across(pairings: readonly Pairing[], prefix: number, services: ServicesByPrefix): Generator<void> {
    services.set(prefix, new Set());
    for (const pairing of pairings) {
      if (pairing.retired) continue;
      this.#judge(pairing, prefix, services);
      yield;
    }
  }

  /** Some prefixes, for the pairings of one node: one prefix after the other, while what is known of it is at hand. */
  *along(pairings: readonly Pairing[], prefixes: ReadonlySet<string>, services: ServicesByPrefix): Generator<void> {
    for (const text of prefixes) {
      const prefix = this.#o.prefixes.intern(text);
      for (const pairing of pairings) {
        if (!pairing.retired) this.#judge(pairing, prefix, services);
        yield;
      }
    }
  }

  #judge(pairing: Pairing, prefix: number, services: ServicesByPrefix): void {
    const { judge, previous, judgeRow } = this.#o;
    const expected = judge.expected(pairing, prefix);
    if (expected) gather(services, prefix, expected.chain);
    // Who has routes that were not looked at yet is gone through later.
    if (pairing.hasUnseen) return;
    const before = previous();
    const isJudged = pairing.settled && before?.rules === judge.standard.rules;
    const hasRow = pairing.rows.get(prefix) !== 0;
    if (!expected && !hasRow && (isJudged ? hasRowIfAny(pairing, before, judge.standard) : isNobodys(pairing))) return;
    const was = before ? { expected: judge.expected(pairing, prefix, before) } : undefined;
    // By the same rules the same was expected: what took over has changed nothing about it.
    if (expected && hasRow && isJudged && sameExpectation(was?.expected, expected)) return;
    judgeRow(pairing, prefix, expected, was);
  }

  /** Every row of a pairing: what is expected, what was there before, what is received. */
  *through(pairing: Pairing, services?: ServicesByPrefix): Generator<void> {
    const { rib, prefixes, judge } = this.#o;
    this.#visited.clear();
    const { hasUnseen } = pairing;
    pairing.hasUnseen = false;
    const { node, bgpPeer, neighbor } = pairing;
    const { standard } = judge;
    const { table } = standard;
    if (neighbor !== null && hasUnseen) {
      // Before anything is called missing, what is there must be known.
      for (const nlri of rib.nlrisOf(neighbor)) {
        prefixes.ofNlri(nlri);
        yield;
      }
    }
    if (table && node !== null && bgpPeer !== null && pairing.facts.role === 'expected') {
      for (const expected of table.routes(node, bgpPeer)) {
        if (pairing.retired) return;
        const prefix = prefixes.intern(expected.prefix);
        if (services) gather(services, prefix, expected.chain);
        // What took over meanwhile is asked itself.
        if (standard !== judge.standard) this.#visit(pairing, prefix);
        else this.#visit(pairing, prefix, { expected: allowed(standard, pairing, expected.prefix, expected) });
        yield;
      }
    }
    for (const prefix of pairing.rows.prefixes()) {
      if (pairing.retired) return;
      this.#visit(pairing, prefix);
      yield;
    }
    if (neighbor !== null && hasUnseen) {
      for (const nlri of rib.nlrisOf(neighbor)) {
        if (pairing.retired) return;
        this.#visit(pairing, prefixes.ofNlri(nlri));
        yield;
      }
    }
    pairing.settled = true;
  }

  #visit(pairing: Pairing, prefix: number, known?: { expected: ExpectedRoute | undefined }): void {
    if (!this.#visited.add(prefix)) return;
    this.#o.judgeRow(pairing, prefix, known ? known.expected : this.#o.judge.expected(pairing, prefix));
  }

  /** The rows that time or a re-send can change. */
  *open(pairing: Pairing): Generator<void> {
    for (const prefix of pairing.rows.withWord('pending', 'mismatch')) {
      if (pairing.retired) return;
      this.#o.judgeRow(pairing, prefix, this.#o.judge.expected(pairing, prefix));
      yield;
    }
  }
}

/** Nobody is there, and all that was expected has a row. */
const isNobodys = ({ neighbor, settled }: Pairing): boolean => neighbor === null && settled;

/** Has whatever was expected of it, and whatever it sends, a row, by both standards? Then what has none is not there. */
function hasRowIfAny({ neighbor, facts }: Pairing, before: Standard | null | undefined, now: Standard): boolean {
  return neighbor === null || (facts.role === 'expected' && !!before?.table && now.table !== null);
}

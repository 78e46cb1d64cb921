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

export interface RoundsOptions {
  rib: RouteIndex;
  prefixes: Prefixes;
  judge: Judge;
  /** What was gone by before what took over; null = nothing. */
  previous: () => Standard | null;
  /** Judges one row, of which this is expected. */
  judgeRow: (pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined) => void;
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

  /** Some prefixes, for one pairing. */
  *along(pairing: Pairing, prefixes: ReadonlySet<string>, services: ServicesByPrefix): Generator<void> {
    for (const text of prefixes) {
      if (pairing.retired) return;
      this.#judge(pairing, this.#o.prefixes.intern(text), services);
      yield;
    }
  }

  #judge(pairing: Pairing, prefix: number, services: ServicesByPrefix): void {
    const expected = this.#o.judge.expected(pairing, prefix);
    if (expected) gather(services, prefix, expected.chain);
    // Who has routes that were not looked at yet is gone through later.
    if (pairing.hasUnseen) return;
    // Nobody is there, nothing is expected, and nothing was: most sessions, for a service with local endpoints.
    if (!expected && pairing.neighbor === null && pairing.settled && pairing.rows.get(prefix) === 0) return;
    if (expected && this.#isAsBefore(pairing, prefix, expected)) return;
    this.#o.judgeRow(pairing, prefix, expected);
  }

  /** Was it judged by the same rules, when the same was expected? Then what took over has changed nothing about it. */
  #isAsBefore(pairing: Pairing, prefix: number, expected: ExpectedRoute): boolean {
    const { judge, previous } = this.#o;
    const standard = previous();
    if (standard?.rules !== judge.standard.rules || !pairing.settled || pairing.rows.get(prefix) === 0) return false;
    return sameExpectation(judge.expected(pairing, prefix, standard), expected);
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

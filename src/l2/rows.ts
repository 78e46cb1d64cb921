/** One address of one service over time: its verdict after grace, since when, and changes. */
import type { L2Expectation, ObjectRef } from '../metallb/types.ts';
import type { L2Assessment, L2Verdict, Station } from './verdict.ts';

/** The current state of a watched address. Times are epoch ms. */
export interface L2Row {
  /** `namespace/name`; '' if no Service has the address. */
  service: string;
  address: string;
  /** Undefined if no Service has the address. */
  expectation: L2Expectation | undefined;
  pool: string | null;
  verdict: L2Verdict;
  reasonCode: string;
  reasonText: string;
  owners: readonly Station[];
  since: number;
  /** When `pending` ends. */
  deadline: number | null;
  objects: readonly ObjectRef[];
}

/** Verdicts that need attention; each is `pending` during the grace time. */
export const wrong: ReadonlySet<L2Verdict> = new Set([
  'missing',
  'wrong-node',
  'two-owners',
  'wrong-interface',
  'unexpected',
]);

export class WatchedRow {
  readonly service: string;
  readonly address: string;
  pool: string | null;
  expectation: L2Expectation | undefined;
  /** Undefined before the first verdict. */
  #row: L2Row | undefined;
  /** When the address became wrong. */
  #wrongSince: number | undefined;

  constructor(service: string, address: string, pool: string | null, expectation: L2Expectation | undefined) {
    this.service = service;
    this.address = address;
    this.pool = pool;
    this.expectation = expectation;
  }

  get row(): L2Row | undefined {
    return this.#row;
  }

  get isPending(): boolean {
    return this.#row?.verdict === 'pending';
  }

  /** Sets a new expectation; a wrong verdict gets a new grace time. */
  expect(expectation: L2Expectation): void {
    const nodes = (of: L2Expectation | undefined): string | undefined =>
      of && JSON.stringify([of.elected, of.instead, of.reason]);
    if (nodes(this.expectation) !== nodes(expectation)) this.#wrongSince = undefined;
    this.expectation = expectation;
    this.pool = expectation.pool;
  }

  /** Records a verdict; returns the rows before and after if it changed. */
  take(answer: L2Assessment, now: number, graceMs: number): { before: L2Row | undefined; after: L2Row } | undefined {
    const isWrong = wrong.has(answer.verdict);
    this.#wrongSince = isWrong ? (this.#wrongSince ?? now) : undefined;
    const deadline = this.#wrongSince !== undefined ? this.#wrongSince + graceMs : null;
    const isPending = deadline !== null && now < deadline;
    const verdict = isPending ? 'pending' : answer.verdict;
    const before = this.#row;
    const isSame = before?.verdict === verdict && before.reasonCode === answer.reasonCode;
    const after: L2Row = {
      service: this.service,
      address: this.address,
      expectation: this.expectation,
      pool: this.pool,
      verdict,
      reasonCode: answer.reasonCode,
      reasonText: answer.reasonText,
      owners: answer.owners,
      since: isSame ? Math.min(before.since, now) : now,
      deadline: isPending ? deadline : null,
      objects: this.expectation?.objects ?? [],
    };
    this.#row = after;
    return isSame ? undefined : { before, after };
  }
}

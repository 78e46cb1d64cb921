/** Gathers what the verdict on one row depends on, and asks for it. */
import type { ExpectationTable, ExpectedRoute } from '../metallb/types.ts';
import type { RibView, RouteHandle, RouteIndex } from '../rib/types.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import type { Pairing } from './pairings.ts';
import type { Prefixes } from './prefixes.ts';
import type { Verdict } from './types.ts';
import { describe } from './verdict.ts';

export interface Judgement {
  evaluation: Evaluation;
  /** The route that decided it. */
  received: RouteHandle | undefined;
}

export class Judge {
  readonly #rib: RibView & RouteIndex;
  readonly #prefixes: Prefixes;
  table: ExpectationTable | null = null;
  /** epoch ms */
  now: number;
  graceMs: number;

  constructor(rib: RibView & RouteIndex, prefixes: Prefixes, now: number, graceMs: number) {
    this.#rib = rib;
    this.#prefixes = prefixes;
    this.now = now;
    this.graceMs = graceMs;
  }

  /** What `table` asks of the pairing for a prefix. */
  expected(pairing: Pairing, prefix: number, table = this.table): ExpectedRoute | undefined {
    const { node, bgpPeer } = pairing;
    if (table === null || node === null || bgpPeer === null) return undefined;
    return table.route(node, bgpPeer, this.#prefixes.text(prefix));
  }

  /** undefined = neither expected nor received. Of several paths (RFC 7911) the first that is not ok decides. */
  judge(pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined): Judgement | undefined {
    let worst = this.#path(pairing, prefix, expected, this.#prefixes.firstNlri(prefix));
    for (const nlri of this.#prefixes.moreNlris(prefix)) {
      const other = this.#path(pairing, prefix, expected, nlri);
      if (other?.received && (!worst?.received || isOk(worst))) worst = other;
    }
    return worst;
  }

  /** The verdict in full, as it is now; for a pairing that is no more, that it is over. */
  verdict(pairing: Pairing, prefix: number): Verdict {
    const expected = pairing.retired ? undefined : this.expected(pairing, prefix);
    const judgement = pairing.retired ? undefined : this.judge(pairing, prefix, expected);
    return describe({
      rib: this.#rib,
      table: this.table,
      pairing,
      prefix: this.#prefixes.text(prefix),
      expected,
      received: judgement?.received,
      evaluation: judgement?.evaluation,
      since: pairing.rows.since(prefix) || pairing.createdAt,
    });
  }

  #foreign({ node, bgpPeer }: Pairing, prefix: number): boolean {
    return node !== null && this.table?.foreign(node, bgpPeer, this.#prefixes.text(prefix)) !== undefined;
  }

  #path(pairing: Pairing, prefix: number, expected: ExpectedRoute | undefined, nlri: number): Judgement | undefined {
    const { neighbor } = pairing;
    const attributes = neighbor === null || nlri < 0 ? 0 : this.#rib.attributesOf(neighbor, nlri);
    const received = attributes === 0 ? undefined : { neighbor: neighbor!, nlri, attributes };
    const evaluation = evaluate({
      expected,
      received: received && this.#rib.attributes(attributes),
      stale: received !== undefined && this.#rib.isStale(received),
      receivedChangedAt: () => (received ? Date.parse(this.#rib.json(received).lastChangedAt) : 0),
      session: pairing.facts,
      expectedChangedAt: pairing.rows.expectedAt(prefix),
      foreign: () => this.#foreign(pairing, prefix),
      graceMs: this.graceMs,
      now: this.now,
    });
    return evaluation && { evaluation, received };
  }
}

const isOk = ({ evaluation }: Judgement): boolean => evaluation.reason === 'as-expected';

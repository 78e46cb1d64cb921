/** The life of findings: which verdicts that are not ok are open, and what the store is to write when one changes. */
import type { VerdictChange } from '../checks/types.ts';
import { shownRoute } from '../metallb/answers/shown.ts';
import type { FindingWrite } from '../store/messages.ts';

type Open = Pick<FindingWrite, 'id' | 'since' | 'verdict' | 'from'>;

/**
 * Findings that are open at a time; the verdicts of a cluster whose sessions are all down are millions. Those beyond
 * are shown like all verdicts, but have no history.
 */
export const maxOpenFindings = 100_000;

export class Findings {
  readonly #open = new Map<string, Open>();
  readonly #limit: number;
  #nextId: number;
  /** Findings that there was no room for, since the start. */
  dropped = 0;

  constructor(firstId: number, limit = maxOpenFindings) {
    this.#nextId = firstId;
    this.#limit = limit;
  }

  /** Rows of all that are open. */
  open(): FindingWrite[] {
    return Array.from(this.#open.values(), (open) => ({ ...open, until: null, to: null }));
  }

  /** Rows to write for these transitions at `now` (epoch ms). */
  apply(changes: VerdictChange[], now: number): FindingWrite[] {
    const writes: FindingWrite[] = [];
    for (const { from, to, verdict: whole } of changes) {
      const verdict = { ...whole, expected: whole.expected && shownRoute(whole.expected) };
      const key = `${verdict.prefix}|${verdict.node}|${verdict.bgpPeer}|${verdict.neighbor}|${verdict.rule}`;
      const open = this.#open.get(key);
      if (open?.verdict.verdict === to) {
        // the same finding for another reason
        open.verdict = verdict;
        writes.push({ ...open, until: null, to: null });
        continue;
      }
      if (open) {
        writes.push({ ...open, until: now, to });
        this.#open.delete(key);
      }
      if (to === null || to === 'ok') continue;
      if (this.#open.size >= this.#limit) {
        this.dropped++;
        continue;
      }
      const finding = { id: this.#nextId++, since: now, verdict, from };
      this.#open.set(key, finding);
      writes.push({ ...finding, until: null, to: null });
    }
    return writes;
  }
}

/** The life of findings: which verdicts that are not ok are open, and what the store is to write when one changes. */
import type { VerdictChange } from '../checks/types.ts';
import type { FindingWrite } from '../store/messages.ts';

type Open = Pick<FindingWrite, 'id' | 'since' | 'verdict' | 'from'>;

export class Findings {
  readonly #open = new Map<string, Open>();
  #nextId: number;

  constructor(firstId: number) {
    this.#nextId = firstId;
  }

  /** Rows to write for these transitions at `now` (epoch ms). */
  apply(changes: VerdictChange[], now: number): FindingWrite[] {
    const writes: FindingWrite[] = [];
    for (const { from, to, verdict } of changes) {
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
      const finding = { id: this.#nextId++, since: now, verdict, from };
      this.#open.set(key, finding);
      writes.push({ ...finding, until: null, to: null });
    }
    return writes;
  }
}

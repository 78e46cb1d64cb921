/** The life of findings: which verdicts that are not ok are open, and what the store is to write when one changes. */
import type { Verdict, VerdictChange } from '../checks/types.ts';
import type { FindingWrite } from '../store/messages.ts';

export class Findings {
  readonly #open = new Map<string, { id: number; since: number; verdict: Verdict }>();
  #nextId: number;

  constructor(firstId: number) {
    this.#nextId = firstId;
  }

  /** Rows to write for these transitions at `now` (epoch ms). */
  apply(changes: VerdictChange[], now: number): FindingWrite[] {
    const writes: FindingWrite[] = [];
    for (const { to, verdict } of changes) {
      const key = `${verdict.prefix}|${verdict.node}|${verdict.bgpPeer}|${verdict.neighbor}`;
      const open = this.#open.get(key);
      if (open?.verdict.verdict === to) {
        // the same finding for another reason
        open.verdict = verdict;
        writes.push({ ...open, until: null });
        continue;
      }
      if (open) {
        writes.push({ ...open, until: now });
        this.#open.delete(key);
      }
      if (to === null || to === 'ok') continue;
      const finding = { id: this.#nextId++, since: now, verdict };
      this.#open.set(key, finding);
      writes.push({ ...finding, until: null });
    }
    return writes;
  }
}

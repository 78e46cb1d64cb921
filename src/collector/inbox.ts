/**
 * What the speaker thread sends, one piece per turn of the event loop: a message port would hand over everything that
 * waits before timers and requests get their turn.
 */
import { type Batch, type BatchRecord, RecordKind, type SpeakerMessage, sessionEvent, splitBatch } from '../events.ts';
import { workFor } from '../slices.ts';

/** Longest stretch of taking messages in one turn, ms. */
const budgetMs = 8;

/** Routes that the ends of sessions in one piece of a batch may remove; the session that exceeds it is the last. */
export const maxRoutesPerPiece = 50_000;

export interface InboxOptions {
  take: (message: SpeakerMessage) => void;
  /** Routes of the neighbor of this session. */
  routesOf: (session: number) => number;
  /** Runs `work` in a later turn of the event loop; setImmediate. */
  schedule: (work: () => void) => void;
}

export class Inbox {
  readonly #o: InboxOptions;
  #waiting: SpeakerMessage[] = [];
  /** Something was taken in this turn of the event loop. */
  #isTurnUsed = false;

  constructor(options: InboxOptions) {
    this.#o = options;
  }

  push(message: SpeakerMessage): void {
    this.#waiting.push(message);
    if (!this.#isTurnUsed) this.#work();
  }

  /** Takes everything that waits, without another turn. */
  flush(): void {
    while (this.#waiting.length > 0) this.#takeNext();
  }

  #work(): void {
    this.#isTurnUsed = true;
    workFor(budgetMs, () => {
      this.#takeNext();
      return this.#waiting.length > 0;
    });
    this.#o.schedule(() => {
      this.#isTurnUsed = false;
      if (this.#waiting.length > 0) this.#work();
    });
  }

  #takeNext(): void {
    const message = this.#waiting.shift()!;
    if (message.kind === 'batch' && !message.isPiece) {
      const pieces = this.#piecesOf(message.batch);
      if (pieces.length > 1) {
        const last = pieces.pop()!;
        const others = pieces.map((batch): SpeakerMessage => ({ kind: 'batch', batch, isPiece: true }));
        this.#waiting.unshift(...others, { kind: 'batch', batch: last });
        this.#o.take(this.#waiting.shift()!);
        return;
      }
    }
    this.#o.take(message);
  }

  #piecesOf(batch: Batch): Batch[] {
    let routes = 0;
    return splitBatch(batch, (record) => {
      routes += this.#removedBy(record);
      if (routes <= maxRoutesPerPiece) return false;
      routes = 0;
      return true;
    });
  }

  #removedBy(record: BatchRecord): number {
    if (record.kind !== RecordKind.session || sessionEvent(record).kind !== 'down') return 0;
    return this.#o.routesOf(record.session);
  }
}

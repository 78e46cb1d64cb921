/**
 * What waits for the store besides batches. One piece is at the store at a time: the next is made when that one is
 * durable, from what is newest by then. So the memory of the store does not depend on how much waits here.
 */
import type { StoreCommand, StorePiece } from '../store/messages.ts';

/** Something that makes pieces of what waits in it. */
export interface PieceSource {
  /** Something waits, or will once it is worked out. */
  readonly isBusy: boolean;
  /** The next piece, at most `maxPieceRows` rows and about `maxPieceBytes`; undefined = none is ready. */
  take(): StorePiece | undefined;
}

export class Pieces {
  readonly #post: (command: StoreCommand) => void;
  readonly #sources: PieceSource[] = [];
  /** The source whose turn it is. */
  #next = 0;
  /** The piece at the store. */
  #out: StorePiece | undefined;
  #drained: (() => void) | undefined;

  constructor(post: (command: StoreCommand) => void) {
    this.#post = post;
  }

  add(source: PieceSource): void {
    this.#sources.push(source);
  }

  /** Something waits in a source. */
  wake(): void {
    if (this.#out) return;
    for (let i = 0; i < this.#sources.length; i++) {
      const piece = this.#sources[this.#next]!.take();
      this.#next = (this.#next + 1) % this.#sources.length;
      if (!piece) continue;
      this.#out = piece;
      this.#post(piece);
      return;
    }
    if (this.#drained && !this.#sources.some(({ isBusy }) => isBusy)) this.#drained();
  }

  /** The piece at the store is durable. */
  written(): void {
    this.#out = undefined;
    this.wake();
  }

  /** Another store thread took over: what was at the one before may be lost. */
  sendAgain(): void {
    if (this.#out) this.#post(this.#out);
    else this.wake();
  }

  /** Resolves when nothing waits any more, or when the store cannot write. */
  async drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      this.wake();
    });
  }

  /** The store cannot write: nothing is waited for. */
  giveUp(): void {
    this.#drained?.();
  }
}

/** Ids that the RIB gave up, on their way to the store. */
import type { Freed } from '../rib/rib.ts';
import type { FreedWrite } from '../store/messages.ts';
import type { PieceSource } from './pieces.ts';

export class FreedIds implements PieceSource {
  readonly #onReady: () => void;
  readonly #waiting: Freed[] = [];

  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  add(freed: Freed): void {
    this.#waiting.push(freed);
    this.#onReady();
  }

  take(): FreedWrite | undefined {
    const freed = this.#waiting.shift();
    return freed && { kind: 'freed', ...freed };
  }
}

/** What goes to the store batch by batch: appends, with NLRIs and attribute sets that the store does not have yet. */
import type { Batch } from '../events.ts';
import type { Applied, Rib } from '../rib/rib.ts';
import { type Append, packNews, type StoreCommand } from '../store/messages.ts';
import { rewrite } from './rewrite.ts';

export class Appends {
  readonly #rib: Rib;
  readonly #now: () => number;
  readonly #post: (command: StoreCommand) => void;
  /** For each batch at the store, oldest first: the speaker sent it and waits for its acknowledgement. */
  readonly #fromSpeaker: boolean[] = [];
  #nlrisStored: number;
  #setsStored: number;
  /** Pieces for a database that was opened again; the next one follows when the tables have the one before. */
  #rewriting: Generator<Append> | undefined;

  constructor(rib: Rib, now: () => number, post: (command: StoreCommand) => void) {
    this.#rib = rib;
    this.#now = now;
    this.#post = post;
    this.#nlrisStored = rib.nlris.next;
    this.#setsStored = rib.attributeSets.next;
  }

  add(batch: Batch, applied: Applied, isFromSpeaker: boolean): void {
    const { nlris, attributeSets } = this.#rib;
    this.#post({
      kind: 'append',
      firstSeq: applied.firstSeq,
      lastSeq: applied.lastSeq,
      at: this.#now(),
      batch,
      changes: applied.changes,
      nlris: nlris.next > this.#nlrisStored ? nlris.slice(this.#nlrisStored) : undefined,
      attributes: attributeSets.next > this.#setsStored ? attributeSets.slice(this.#setsStored) : undefined,
      news: packNews({ neighbors: [...applied.sessions], forgotten: applied.forgotten, events: applied.events }),
    });
    this.#nlrisStored = nlris.next;
    this.#setsStored = attributeSets.next;
    this.#fromSpeaker.push(isFromSpeaker);
  }

  /** The store is done with its oldest `batches`. Answers how many of them the speaker sent. */
  done(batches: number): number {
    return this.#fromSpeaker.splice(0, batches).filter(Boolean).length;
  }

  /** Sends the whole RIB to a database that was opened again, piece by piece. */
  startRewriting(): void {
    this.#rewriting = rewrite(this.#rib, this.#now);
  }

  /** Sends the next piece, if there is one. Answers whether that ended the rewriting. */
  continueRewriting(): boolean {
    const next = this.#rewriting?.next();
    if (next?.done) this.#rewriting = undefined;
    else if (next) this.#post(next.value);
    return next?.done === true;
  }
}

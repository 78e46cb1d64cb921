/** A frame of the feed with what is worked out from it once for all clients: matches, texts, BGP messages. */

import type { FeedFrame } from '../../feed.ts';
import type { RibView, StoredChange } from '../../rib/types.ts';
import type { StoreQueries } from '../../store/types.ts';
import { limits } from '../limits.ts';
import type { KeyedMessage } from './batch.ts';
import type { Channel } from './channels.ts';
import { routeMessage, sessionMessage, verdictMessage } from './items.ts';
import { fetchRaw, type RawMessages } from './raw.ts';

const unknown = 0;
const no = 1;
const yes = 2;

export class SharedFrame {
  readonly frame: FeedFrame;
  /** seq of the feed before it. */
  readonly seqBefore: number;
  /** It has only a part of its first or its last seq. */
  readonly isPart: boolean;
  readonly #rib: RibView;
  readonly #messages: (KeyedMessage | undefined)[] = [];
  #octets = 0;
  readonly #matches = new Map<Channel, Uint8Array>();
  #raw: Promise<RawMessages> | undefined;

  constructor(frame: FeedFrame, seqBefore: number, isPart: boolean, rib: RibView) {
    this.frame = frame;
    this.seqBefore = seqBefore;
    this.isPart = isPart;
    this.#rib = rib;
  }

  get changes(): readonly StoredChange[] {
    return this.frame.changes;
  }

  /** Highest seq of which it has anything. */
  get lastSeq(): number {
    return Math.max(this.frame.seq, this.changes.at(-1)?.seq ?? 0);
  }

  matches(channel: Channel, index: number): boolean {
    let known = this.#matches.get(channel);
    if (known === undefined) this.#matches.set(channel, (known = new Uint8Array(this.changes.length)));
    if (known[index] === unknown) known[index] = channel.matches(this.changes[index]!) ? yes : no;
    return known[index] === yes;
  }

  /** The message for `changes[index]`; kept while the frame's texts are not too large. */
  route(index: number): KeyedMessage {
    return this.#kept(index, () => routeMessage(this.#rib, this.changes[index]!));
  }

  session(index: number): KeyedMessage {
    return this.#kept(this.changes.length + index, () => sessionMessage(this.frame.sessions[index]!, this.frame.seq));
  }

  verdict(index: number): KeyedMessage {
    const { changes, sessions, verdicts, seq } = this.frame;
    return this.#kept(changes.length + sessions.length + index, () => verdictMessage(verdicts[index]!, seq));
  }

  /** The BGP messages of its changes. */
  raw(queries: StoreQueries): Promise<RawMessages> {
    this.#raw ??= fetchRaw(queries, [...new Set(this.changes.map(({ seq }) => seq))]);
    return this.#raw;
  }

  #kept(index: number, make: () => KeyedMessage): KeyedMessage {
    const known = this.#messages[index];
    if (known) return known;
    const made = make();
    this.#octets += made.text.length;
    if (this.#octets <= limits.frameBytes) this.#messages[index] = made;
    return made;
  }
}

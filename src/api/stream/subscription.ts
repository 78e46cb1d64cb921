/** One subscription of one client: its channel, and how far it has come. */
import type { MessageBatch } from './batch.ts';
import type { Channel } from './channels.ts';
import type { Outbox } from './outbox.ts';
import type { Walked } from './walked.ts';

/** Where a subscription begins; see catch-ups.ts. */
export type Start =
  | { kind: 'snapshot' }
  | { kind: 'unknown'; since: number }
  /** `isWhole`: the client has all of the seq `since`. */
  | { kind: 'replay'; since: number; isWhole: boolean };

export class Subscription {
  readonly id: string;
  readonly channel: Channel;
  readonly outbox: Outbox;
  /** It gets changes as they are published. */
  isLive = false;
  isEnded = false;
  /** A snapshot is on its way: what was sent of it is nothing to resume from. */
  isPartial = false;
  /** Changes up to this seq are not sent any more: they were, or the snapshot has them. */
  floor: number;
  /** The snapshot that the feed has not caught up with yet. */
  walked: Walked | undefined;
  /** Adds a batch to what its client is sent. */
  readonly deliver: (batch: MessageBatch) => void;
  readonly #onLive: (subscription: Subscription) => void;

  constructor(
    id: string,
    channel: Channel,
    floor: number,
    owner: { outbox: Outbox; deliver: (batch: MessageBatch) => void; onLive: (subscription: Subscription) => void },
  ) {
    this.deliver = owner.deliver;
    this.id = id;
    this.channel = channel;
    this.floor = floor;
    this.outbox = owner.outbox;
    this.#onLive = owner.onLive;
  }

  /** From the next frame on it is live; it has everything up to `floor`. */
  goLive(floor: number): void {
    this.floor = Math.max(this.floor, floor);
    this.isLive = true;
    this.#onLive(this);
  }

  /** It misses changes: whoever says so has it catch up. */
  fallBehind(): void {
    this.isLive = false;
  }

  /** Up to this seq it may have been shown changes before the feed publishes them. */
  get aheadUntil(): number {
    return Math.max(this.floor, this.walked?.until ?? 0);
  }

  /** How far it is now. */
  get state(): SubscriptionState {
    const { channel, isLive, floor, walked } = this;
    return { channel, isLive, floor, walked };
  }
}

export type SubscriptionState = Pick<Subscription, 'channel' | 'isLive' | 'floor' | 'walked'>;

/** What is sent to live clients: made once per frame of the feed, whoever and however many want it. */
import type { VerdictChange } from '../../checks/types.ts';
import type { FeedFrame } from '../../feed.ts';
import { shownRoute } from '../../metallb/answers/shown.ts';
import type { Neighbor, RibView } from '../../rib/types.ts';
import type { StoredChange } from '../../store/types.ts';
import { presentChange, presentNeighbor } from '../present.ts';
import type { ServerMessage } from '../schemas.ts';

/** One message on its way to a client. */
export interface Item {
  /** Items of one seq are never torn apart; 0 = it has none. */
  readonly seq: number;
  /** What it is about: a later item with the same key makes an earlier one superfluous. */
  readonly key: string;
  /** JSON; undefined while something for it is still being fetched. */
  readonly text: string | undefined;
}

/** A message that nothing makes superfluous, and that is at no place in the order of changes. */
export const control = (message: ServerMessage): Item => ({ seq: 0, key: '', text: JSON.stringify(message) });

/** A message that is made when it is first sent, which for a slow client may be never. */
class LazyItem implements Item {
  readonly seq: number;
  readonly #makeKey: () => string;
  readonly #makeText: () => string;
  #key: string | undefined;
  #text: string | undefined;

  constructor(seq: number, makeKey: () => string, makeText: () => string) {
    this.seq = seq;
    this.#makeKey = makeKey;
    this.#makeText = makeText;
  }

  get key(): string {
    return (this.#key ??= this.#makeKey());
  }

  get text(): string {
    return (this.#text ??= this.#makeText());
  }
}

export function routeItem(change: StoredChange, rib: RibView): Item {
  return new LazyItem(
    change.seq,
    () => `${change.neighbor} ${change.nlri}`,
    () => JSON.stringify({ type: 'route', ...presentChange(rib, change) } satisfies ServerMessage),
  );
}

function sessionItem(neighbor: Neighbor, seq: number): Item {
  return new LazyItem(
    seq,
    () => `session ${neighbor.id}`,
    () => JSON.stringify({ type: 'session', ...presentNeighbor(neighbor) } satisfies ServerMessage),
  );
}

function verdictItem({ from, to, verdict }: VerdictChange, seq: number): Item {
  return new LazyItem(
    seq,
    () => `verdict ${verdict.prefix} ${verdict.node} ${verdict.bgpPeer} ${verdict.neighbor} ${verdict.rule}`,
    () =>
      JSON.stringify({
        type: 'verdict',
        from,
        to,
        ...verdict,
        expected: verdict.expected && shownRoute(verdict.expected),
      } satisfies ServerMessage),
  );
}

/** A frame of the feed as items, made when the first client wants them. */
export class SharedFrame {
  readonly frame: FeedFrame;
  readonly #rib: RibView;
  readonly #routes: (Item | undefined)[] = [];
  #sessions: Item[] | undefined;
  #verdicts: Item[] | undefined;
  #whole: string | undefined;

  constructor(frame: FeedFrame, rib: RibView) {
    this.frame = frame;
    this.#rib = rib;
  }

  /** The message for `frame.changes[index]`. */
  route(index: number): Item {
    return (this.#routes[index] ??= routeItem(this.frame.changes[index]!, this.#rib));
  }

  /** In the order of `frame.sessions`. */
  get sessions(): Item[] {
    return (this.#sessions ??= this.frame.sessions.map((neighbor) => sessionItem(neighbor, this.frame.seq)));
  }

  /** In the order of `frame.verdicts`. */
  get verdicts(): Item[] {
    return (this.#verdicts ??= this.frame.verdicts.map((change) => verdictItem(change, this.frame.seq)));
  }

  /** How many messages it is. */
  get count(): number {
    const { changes, sessions, verdicts } = this.frame;
    return changes.length + sessions.length + verdicts.length;
  }

  /** All messages as one, for clients that want everything. */
  get whole(): string {
    this.#whole ??= joined([...this.frame.changes.map((_, i) => this.route(i)), ...this.sessions, ...this.verdicts]);
    return this.#whole;
  }
}

/** The same with the BGP message that it came in; waits until `resolve`. */
export class RawRouteItem implements Item {
  readonly seq: number;
  readonly #plain: Item;
  #raw: string | null | undefined;

  constructor(plain: Item) {
    this.seq = plain.seq;
    this.#plain = plain;
  }

  get key(): string {
    return this.#plain.key;
  }

  /** `raw`: the message as hex; null when it is not there (swept routes have none). */
  resolve(raw: string | null): void {
    this.#raw = raw;
  }

  get text(): string | undefined {
    if (this.#raw === undefined) return undefined;
    const plain = this.#plain.text!;
    return this.#raw === null ? plain : `${plain.slice(0, -1)},"raw":"${this.#raw}"}`;
  }
}

/** One message on the wire: an item as it is, several as an array. */
export function joined(items: readonly Item[]): string {
  return items.length === 1 ? items[0]!.text! : `[${items.map(({ text }) => text).join(',')}]`;
}

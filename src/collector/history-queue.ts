/** The history of objects and expectations on its way to the store, in pieces. */
import type { ChangeSetWrite, HistoryCommand } from '../store/history.ts';
import { maxPieceBytes, maxPieceRows } from '../store/messages.ts';
import type { PieceSource } from './pieces.ts';

/**
 * Commands that wait, and the octets of their objects; beyond it the oldest go. Nothing of the present is lost by that:
 * the next run finds what differs from the objects that are stored.
 */
export const maxWaitingHistory = 1_000;
export const maxWaitingHistoryBytes = 64 * 1024 * 1024;

export class HistoryQueue implements PieceSource {
  readonly #onReady: () => void;
  #waiting: HistoryCommand[] = [];
  #bytes = 0;
  #running: Generator<HistoryCommand> | undefined;

  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  get isBusy(): boolean {
    return this.#running !== undefined || this.#waiting.length > 0;
  }

  add(command: HistoryCommand): void {
    this.#waiting.push(command);
    this.#bytes += bytesOf(command);
    while (
      this.#waiting.length > 1 &&
      (this.#waiting.length > maxWaitingHistory || this.#bytes > maxWaitingHistoryBytes)
    )
      this.#bytes -= bytesOf(this.#waiting.shift()!);
    this.#onReady();
  }

  take(): HistoryCommand | undefined {
    for (;;) {
      const piece = this.#running?.next();
      if (piece && !piece.done) return piece.value;
      this.#running = undefined;
      const command = this.#waiting.shift();
      if (!command) return undefined;
      this.#bytes -= bytesOf(command);
      this.#running = piecesOf(command);
    }
  }
}

function bytesOf(command: HistoryCommand): number {
  if (command.kind !== 'objects') return 0;
  return command.states.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
}

function* piecesOf(command: HistoryCommand): Generator<HistoryCommand> {
  if (command.kind === 'expectation-changes') yield* setsOf(command.set);
  else yield* objectsOf(command);
}

/** What becomes of the held objects comes first. */
function* objectsOf({
  changes,
  states,
  hold,
}: Extract<HistoryCommand, { kind: 'objects' }>): Generator<HistoryCommand> {
  if (hold) yield { kind: 'objects', changes: [], states: [], hold };
  for (const part of parts(changes, (change) => [1, JSON.stringify(change.fields).length]))
    yield { kind: 'objects', changes: part, states: [] };
  for (const part of parts(states, ({ content }) => [1, content?.length ?? 0]))
    yield { kind: 'objects', changes: [], states: part };
}

/** Pieces of one set have its id; its row is written with each. */
function* setsOf(set: ChangeSetWrite): Generator<HistoryCommand> {
  const { differences, ...row } = set;
  let isFirst = true;
  for (const part of parts(differences, ({ prefixes }) => [prefixes.length, 0])) {
    yield { kind: 'expectation-changes', set: { ...row, differences: part } };
    isFirst = false;
  }
  if (isFirst) yield { kind: 'expectation-changes', set };
}

/** The items in parts of at most `maxPieceRows` rows and about `maxPieceBytes`; one item is never split. */
function* parts<T>(items: readonly T[], sizeOf: (item: T) => [rows: number, bytes: number]): Generator<T[]> {
  let part: T[] = [];
  let rows = 0;
  let bytes = 0;
  for (const item of items) {
    const [itemRows, itemBytes] = sizeOf(item);
    if (part.length > 0 && (rows + itemRows > maxPieceRows || bytes + itemBytes > maxPieceBytes)) {
      yield part;
      part = [];
      rows = bytes = 0;
    }
    part.push(item);
    rows += itemRows;
    bytes += itemBytes;
  }
  if (part.length > 0) yield part;
}

/** What a failed transaction was to write besides the raw record: the newest of each, until writing works again. */
import type { NeighborEvent } from '../rib/rib.ts';
import type { Neighbor } from '../rib/types.ts';
import type { HistoryCommand } from './history.ts';
import type { Append, FindingWrite, StoreCommand } from './messages.ts';

/** Session events that are kept meanwhile; the oldest go first. */
export const maxOwedEvents = 10_000;
/** Findings that are kept meanwhile; the oldest go first. */
export const maxOwedFindings = 50_000;
/** Readings of objects, and what each did to expectations, that are kept meanwhile; the oldest go first. */
export const maxOwedHistory = 1_000;

type Expectations = Extract<StoreCommand, { kind: 'expectations' }>;

export class Owed {
  readonly #neighbors = new Map<number, Neighbor>();
  readonly #forgotten = new Set<number>();
  readonly #findings = new Map<number, FindingWrite>();
  #events: NeighborEvent[] = [];
  #expectations: Expectations[] = [];
  #history: HistoryCommand[] = [];

  add(command: StoreCommand): void {
    switch (command.kind) {
      case 'append':
        this.#addNeighbors(command);
        this.#events = [...this.#events, ...command.events].slice(-maxOwedEvents);
        return;
      case 'neighbors':
        this.#addNeighbors(command);
        return;
      case 'findings':
        for (const finding of command.findings) this.#findings.set(finding.id, finding);
        for (const id of this.#findings.keys()) {
          if (this.#findings.size <= maxOwedFindings) return;
          this.#findings.delete(id);
        }
        return;
      case 'expectations':
        // a rewrite of all makes what was before it needless
        if (command.prefixes === 'all') this.#expectations = [];
        this.#expectations.push(command);
        return;
      case 'objects':
      case 'expectation-changes':
        this.#history = [...this.#history, command].slice(-maxOwedHistory);
        return;
      case 'stop':
        return;
      default:
        command satisfies never;
    }
  }

  /** All of it, as commands without anything for the journal. */
  *commands(): Generator<StoreCommand> {
    const neighbors = [...this.#neighbors.values()];
    const forgotten = [...this.#forgotten];
    if (neighbors.length + forgotten.length + this.#events.length > 0)
      yield { ...nothing, neighbors, forgotten, events: this.#events };
    if (this.#findings.size > 0) yield { kind: 'findings', findings: [...this.#findings.values()] };
    yield* this.#expectations;
    yield* this.#history;
  }

  #addNeighbors({ neighbors, forgotten }: Pick<Append, 'neighbors' | 'forgotten'>): void {
    for (const neighbor of neighbors) this.#neighbors.set(neighbor.id, neighbor);
    for (const id of forgotten) {
      this.#forgotten.add(id);
      this.#neighbors.delete(id);
    }
  }
}

const nothing: Append = {
  kind: 'append',
  firstSeq: 0,
  lastSeq: 0,
  at: 0,
  batch: undefined,
  changes: { buffer: new ArrayBuffer(0), count: 0 },
  nlris: undefined,
  attributes: undefined,
  neighbors: [],
  forgotten: [],
  events: [],
};

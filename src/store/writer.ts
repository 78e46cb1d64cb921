/** The statements of the store: one method per kind of thing that is written. Transactions are the caller's. */

import type { Statement } from 'better-sqlite3';
import { toWall, wallOffset } from '../clock.ts';
import { shiftRecords } from '../events.ts';
import { shiftChanges } from '../rib/change-log.ts';
import type { Neighbor, NeighborEvent } from '../rib/types.ts';
import { type Db, toMicros } from './database.ts';
import { HistoryWriter } from './history.ts';
import {
  type Append,
  type ExpectationsWrite,
  type FindingWrite,
  type News,
  type StorePiece,
  unpackNews,
} from './messages.ts';
import { UnusedRows } from './unused.ts';

export class DatabaseWriter {
  readonly #collector: string;
  readonly #history: HistoryWriter;
  readonly #unused: UnusedRows;
  readonly #statements: Record<
    | 'journal'
    | 'changes'
    | 'gap'
    | 'neighbor'
    | 'forget'
    | 'forgetEvents'
    | 'knows'
    | 'event'
    | 'session'
    | 'finding'
    | 'endFinding'
    | 'clearExpectations'
    | 'clearExpectation'
    | 'clearExpectationsOf'
    | 'expectation',
    Statement
  >;

  constructor(db: Db, collector: string) {
    this.#collector = collector;
    this.#history = new HistoryWriter(db);
    this.#unused = new UnusedRows(db);
    this.#statements = {
      journal: db.prepare('INSERT INTO journal VALUES (?, ?, ?, ?, ?)'),
      changes: db.prepare('INSERT INTO changes VALUES (?, ?, ?, ?)'),
      gap: db.prepare('INSERT OR REPLACE INTO gaps VALUES (?, ?, ?, ?)'),
      neighbor: db.prepare('INSERT OR REPLACE INTO neighbors VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      forget: db.prepare('DELETE FROM neighbors WHERE id = ?'),
      // what a neighbor with sessions did is history, and goes with the journal
      forgetEvents: db.prepare(
        "DELETE FROM sessions WHERE neighbor = @id AND NOT EXISTS (SELECT 1 FROM sessions WHERE neighbor = @id AND kind = 'established')",
      ),
      knows: db.prepare('SELECT 1 FROM sessions WHERE session = ? AND kind = ?'),
      event: db.prepare(
        'INSERT INTO sessions (seq, at, neighbor, session, kind, from_state, to_state, code, text, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      session: db.prepare("UPDATE meta SET value = max(value, ?) WHERE key = 'next_session'"),
      finding: db.prepare('INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      endFinding: db.prepare('UPDATE findings SET until = ?, to_word = ? WHERE id = ?'),
      clearExpectations: db.prepare('DELETE FROM expectations'),
      clearExpectation: db.prepare('DELETE FROM expectations WHERE prefix = ?'),
      clearExpectationsOf: db.prepare('DELETE FROM expectations WHERE node = ?'),
      expectation: db.prepare('INSERT OR REPLACE INTO expectations VALUES (?, ?, ?, ?, ?)'),
    };
  }

  gap({ from, to, at, reason }: { from: number; to: number; at: number; reason: string }): void {
    this.#statements.gap.run(from, to, toMicros(at), reason);
  }

  append({ firstSeq, lastSeq, at, batch, changes, news, replaces }: Append): void {
    const micros = toMicros(at);
    if (batch) {
      const offset = wallOffset();
      if (offset !== 0) shiftRecords(batch, offset);
      const records = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.length);
      this.#statements.journal.run(firstSeq, lastSeq, micros, this.#collector, records);
      const entries = offset === 0 ? changes.buffer : shiftChanges(changes, offset);
      if (changes.count > 0) this.#statements.changes.run(firstSeq, lastSeq, micros, Buffer.from(entries));
    }
    this.news(unpackNews(news), replaces !== undefined);
  }

  /** @param mayBeKnown events of sessions that the database has already are left out. */
  news({ neighbors, forgotten, events }: News, mayBeKnown = false): void {
    this.#neighbors(neighbors, forgotten);
    for (const event of events)
      if (!mayBeKnown || !this.#statements.knows.get(event.session, event.kind)) this.#event(event);
  }

  piece(piece: StorePiece): void {
    switch (piece.kind) {
      case 'neighbors':
        this.#neighbors(piece.neighbors, piece.forgotten);
        return;
      case 'findings':
        for (const finding of piece.findings) this.#finding(finding);
        return;
      case 'expectations':
        this.#expectations(piece);
        return;
      case 'objects':
      case 'expectation-changes':
        this.#history.write(piece);
        return;
      case 'freed':
        this.#unused.write(piece);
        return;
      default:
        piece satisfies never;
    }
  }

  #neighbors(neighbors: readonly Neighbor[], forgotten: readonly number[]): void {
    for (const neighbor of neighbors) this.#neighbor(neighbor);
    for (const id of forgotten) {
      this.#statements.forget.run(id);
      this.#statements.forgetEvents.run({ id });
    }
  }

  #event(e: NeighborEvent): void {
    const detail = e.detail === null ? null : JSON.stringify(e.detail);
    this.#statements.session.run(e.session + 1);
    this.#statements.event.run(
      e.seq,
      toMicros(e.at),
      e.neighbor,
      e.session,
      e.kind,
      e.from,
      e.to,
      e.code,
      e.text,
      detail,
    );
  }

  #neighbor(n: Neighbor): void {
    const down = n.lastDown && `${n.lastDown.code}: ${n.lastDown.text}`;
    this.#statements.neighbor.run(
      n.id,
      this.#collector,
      n.remoteAddress,
      n.localAddress,
      n.localPort,
      n.asn,
      n.routerId,
      n.hostname,
      n.node,
      n.bgpPeer,
      n.state,
      toMicros(n.stateSince),
      n.session,
      down,
      JSON.stringify(withWallTimes(n)),
    );
    this.#statements.session.run(n.session + 1);
  }

  #finding({ id, until, to, row }: FindingWrite): void {
    const end = until === null ? null : toMicros(until);
    if (!row) {
      this.#statements.endFinding.run(end, to, id);
      return;
    }
    this.#statements.finding.run(
      id,
      row.prefix,
      row.neighbor,
      row.node,
      row.bgpPeer,
      row.word,
      row.reason,
      toMicros(row.since),
      end,
      row.verdict,
      row.from,
      to,
    );
  }

  #expectations({ prefixes, nodes, rows, at }: ExpectationsWrite): void {
    if (prefixes === 'all') this.#statements.clearExpectations.run();
    else for (const prefix of prefixes) this.#statements.clearExpectation.run(prefix);
    for (const node of nodes) this.#statements.clearExpectationsOf.run(node);
    for (const { node, bgpPeer, prefix, expected } of rows)
      this.#statements.expectation.run(node, bgpPeer, prefix, toMicros(at), expected);
  }
}

/** As it is kept: a later run has another steady time. */
function withWallTimes(neighbor: Neighbor): Neighbor {
  const { stateSince, establishedAt, lastUpdateAt, staleUntil, lastDown } = neighbor;
  const wall = (at: number | null): number | null => (at === null ? null : toWall(at));
  return {
    ...neighbor,
    stateSince: toWall(stateSince),
    establishedAt: wall(establishedAt),
    lastUpdateAt: wall(lastUpdateAt),
    staleUntil: wall(staleUntil),
    lastDown: lastDown && { ...lastDown, at: toWall(lastDown.at) },
  };
}

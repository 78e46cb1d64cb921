/**
 * One turn after the other: a batch from the speaker is applied to the RIB, judged, handed to the store, and published
 * once it is durable. Everything else here is what time decides (initial table in, stale routes due) and who a
 * neighbor is in the cluster. Nothing in a turn waits.
 */
import type { Logger } from 'pino';
import {
  type Batch,
  BatchWriter,
  type SessionEvent,
  type SpeakerCommand,
  type SpeakerMessage,
  type TableUse,
} from '../events.ts';
import { allExpectations, type ExpectationChange } from '../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import { touchedRoutes } from '../rib/change-log.ts';
import type { Applied, Freed, Rib } from '../rib/rib.ts';
import type { Neighbor } from '../rib/types.ts';
import { Slices } from '../slices.ts';
import type { HistoryCommand } from '../store/history.ts';
import type { Append, StoreCommand, StoreMessage } from '../store/messages.ts';
import type { DatabaseUsage } from '../store/types.ts';
import type { VerdictEngine } from '../verdicts/engine.ts';
import type { VerdictChange } from '../verdicts/types.ts';
import { Appends } from './appends.ts';
import { ChangedNeighbors } from './changed-neighbors.ts';
import { Findings } from './findings.ts';
import { FreedIds } from './freed-ids.ts';
import { HistoryQueue } from './history-queue.ts';
import { IdFreeing } from './id-freeing.ts';
import { Identity, type IdentityOptions } from './identity.ts';
import { maxRoutesPerPiece } from './inbox.ts';
import { logEvent } from './log.ts';
import { type OwnPeers, whyNoneIsOurs } from './own-peers.ts';
import { Pieces } from './pieces.ts';
import { PrefixLimits } from './prefix-limits.ts';
import type { FeedPublisher } from './publisher.ts';
import { dueSweeps, isSynced, type ResyncTimes, staleDeadline, unpreservedSweeps } from './resync.ts';
import { SpeakerHealth } from './speaker-health.ts';
import type { CollectorStatus, StrangersStatus } from './status.ts';
import { StoreHealth } from './store-health.ts';
import { StoredExpectations } from './stored-expectations.ts';
import { TableWatch } from './table-watch.ts';

export interface CollectorOptions {
  rib: Rib;
  engine: VerdictEngine;
  publisher: FeedPublisher;
  store: { post(command: StoreCommand): void };
  speaker: { post(command: SpeakerCommand): void };
  log: Logger;
  /** epoch ms */
  now: () => number;
  times: ResyncTimes;
  identity: IdentityOptions;
  ownPeers: OwnPeers;
  firstFinding: number;
  /** Expectation rows that the database keeps. */
  maxExpectationRows: number;
  /** How large the database is at the start. */
  database: DatabaseUsage;
  /** Runs `work` in a later turn of the event loop; setImmediate. */
  schedule: (work: () => void) => void;
  /** Hears what each batch did to the RIB. */
  onApplied?: (applied: Applied) => void;
  /** The database is written from memory: what others keep in it must come again. */
  onRewrite?: () => void;
  maxUnusedBytes?: number;
  /** Gives freed memory back to the kernel; called after much was freed. */
  trimHeap?: () => void;
  /** Hears which ids the RIB gave up. */
  onFreed?: (freed: Freed) => void;
}

/** Longest stretch of judging in one turn, ms. */
const judgeBudgetMs = 8;

/** How often neighbors that are long gone are looked for, ms. */
const forgetEveryMs = 60_000;
export class Collector {
  readonly #o: CollectorOptions;
  readonly #findings: Findings;
  readonly #pieces: Pieces;
  readonly #history: HistoryQueue;
  readonly #neighbors: ChangedNeighbors;
  readonly #writer = new BatchWriter(4096);
  readonly #appends: Appends;
  readonly #prefixLimits = new PrefixLimits();
  #table: ExpectationTable | null = null;
  readonly #verdicts: Slices;
  #isClosing = false;
  readonly #idFreeing: IdFreeing;
  readonly #health: StoreHealth;
  readonly #storedExpectations: StoredExpectations;
  readonly #freed: FreedIds;
  readonly #speakerHealth: SpeakerHealth;
  readonly #tableWatch: TableWatch;
  #lookedAt = 0;
  #identity: Identity;
  #listening: string[] = [];
  constructor(options: CollectorOptions) {
    this.#o = options;
    this.#findings = new Findings(options.firstFinding);
    this.#identity = new Identity(options.identity);
    this.#speakerHealth = new SpeakerHealth(options.log);
    this.#tableWatch = new TableWatch(options.log);
    this.#pieces = new Pieces((command) => options.store.post(command));
    const onReady = (): void => this.#pieces.wake();
    this.#history = new HistoryQueue(onReady);
    this.#neighbors = new ChangedNeighbors(options.rib.neighbors.byId);
    this.#storedExpectations = new StoredExpectations({
      limit: options.maxExpectationRows,
      onReady,
      schedule: options.schedule,
    });
    this.#freed = new FreedIds(onReady);
    for (const source of [this.#neighbors, this.#history, this.#findings, this.#storedExpectations, this.#freed])
      this.#pieces.add(source);
    this.#appends = new Appends(options.rib, options.now, (command) => options.store.post(command));
    this.#health = new StoreHealth(options.log, options.now, options.database, options.rib.seq);
    this.#verdicts = new Slices({ schedule: options.schedule, budgetMs: 0, step: () => this.#judgeAndPublish() });
    this.#idFreeing = new IdFreeing({
      rib: options.rib,
      engine: options.engine,
      schedule: options.schedule,
      onFreed: (freed) => {
        options.onFreed?.(freed);
        this.#freed.add(freed);
      },
      maxUnusedBytes: options.maxUnusedBytes,
      trimHeap: options.trimHeap,
    });
  }

  /** Parts of `/status` that only the collector knows. */
  get status(): Pick<CollectorStatus, 'degraded' | 'gaps' | 'tablesSeq' | 'listening' | 'database'> & {
    threads: Pick<CollectorStatus['threads'], 'speaker' | 'store'>;
  } {
    const { degraded, gaps, tablesSeq, database, thread } = this.#health;
    const threads = { speaker: this.#speakerHealth.thread, store: thread };
    return { degraded, gaps, tablesSeq, database, listening: this.#listening, threads };
  }

  /** First turn: what an earlier run left is stale until its neighbors confirm it. `behind`: see store/restore.ts. */
  start(behind: Append[]): void {
    for (const append of behind) this.#o.store.post(append);
    if (this.#o.rib.neighbors.byId.size > 0) this.#record([[0, { kind: 'restored' }]]);
  }

  onSpeaker(message: SpeakerMessage): void {
    switch (message.kind) {
      case 'batch':
        this.#turn(message.batch, message.isPiece ? 'piece' : 'speaker');
        return;
      case 'listening':
        this.#listening = message.addresses;
        this.#lookAtOwnPeers();
        this.#o.log.info(
          { event: 'bgp.listening', addresses: message.addresses },
          `BGP listens on ${message.addresses.join(', ')}`,
        );
        for (const reason of message.skipped) this.#o.log.warn({ event: 'bgp.not-listening' }, reason);
        return;
      case 'health':
        this.#speakerHealth.take(message, this.#o.now());
        return;
      case 'failed':
        // at the first start it is the whole process that fails, and says so
        if (message.restarting) this.#o.log.error({ event: 'bgp.failed' }, message.text);
        return;
      case 'stopped':
        return;
      default:
        message satisfies never;
    }
  }

  onStore(message: StoreMessage): void {
    switch (message.kind) {
      case 'committed':
        this.#health.onCommitted(message);
        this.#acknowledge(message.seq, message.batches);
        return;
      case 'written':
        this.#pieces.written();
        return;
      case 'usage':
        this.#health.onUsage(message.usage);
        return;
      case 'tables':
        this.#health.tablesSeq = message.seq;
        this.#continueRewriting();
        return;
      case 'degraded':
        this.#pieces.giveUp();
        this.#health.onDegraded(message);
        this.#acknowledge(message.lastSeq, message.batches);
        return;
      case 'recovered':
        this.#health.onRecovered(message.gap);
        return;
      case 'opened':
        this.#health.onOpened();
        this.#findings.beginAgain();
        this.#pieces.sendAgain();
        this.#appends.startRewriting();
        this.#continueRewriting();
        return;
      default:
        return;
    }
  }

  /** History cannot be read: what is written meanwhile may be lost, too. Lasts until the database is opened again. */
  onReadFailure(code: string, text: string): void {
    this.#health.onReadFailure(code, text);
  }

  /** After the last piece come the things that the database has besides the RIB. */
  #continueRewriting(): void {
    if (!this.#appends.continueRewriting()) return;
    this.#storedExpectations.update(this.#table, allExpectations, this.#o.now());
    this.#o.onRewrite?.();
    this.#o.log.info({ event: 'store.rewritten', routes: this.#o.rib.routeCount }, 'routes written from memory');
  }

  /** A new configuration: the speaker touches the neighbors that it changes; here names and limits follow. */
  configure(identity: IdentityOptions): void {
    this.#identity = new Identity(identity);
    this.#o.speaker.post({ kind: 'configure', neighbors: identity.neighbors });
    this.#identifyAll();
    this.#lookAtOwnPeers();
    this.#judge();
  }

  /** New expectations; null = there is no source. */
  setExpectations(table: ExpectationTable | null, change: ExpectationChange): void {
    this.#table = table;
    if (change.kind === 'all' || change.nodes.size > 0) this.#identifyAll();
    this.#o.engine.setExpectations(table, this.#updateOwnPeers() ? allExpectations : change);
    this.#storedExpectations.update(table, change, this.#o.now());
    this.#judge();
  }

  /** Sessions that end from now on end because we stop: nothing is judged. */
  close(): void {
    this.#isClosing = true;
    this.#idFreeing.close();
  }

  /** Resolves when the store has everything that waits, or cannot write. */
  async drain(): Promise<void> {
    if (this.#health.degraded === null) await this.#pieces.drain();
  }

  /** What the cluster's objects were, for the store. */
  record(command: HistoryCommand): void {
    this.#history.add(command);
  }

  /** Open findings that have a row of their own in the database. */
  get listedFindings(): number {
    return this.#findings.listed;
  }

  /** Hand-written rules over the expectations. */
  setOverlay(rules: readonly OverlayRule[]): void {
    this.#o.engine.setOverlay(rules);
    this.#judge();
  }

  /** Why none of the sessions that are asked for should come here. */
  whyNoneIsOurs(): string {
    return whyNoneIsOurs(this.#table, this.#listening);
  }

  get expectations(): ExpectationTable | null {
    return this.#table;
  }

  /** ROUTE-REFRESH to a neighbor; false when it is not established. */
  refresh(id: number): boolean {
    return this.#postTo(id, (session) => ({ kind: 'refresh', session }));
  }

  /** Cease/Administrative Reset to a neighbor; false when it is not established. */
  reset(id: number, text: string): boolean {
    return this.#postTo(id, (session) => ({ kind: 'reset', session, text }));
  }

  #postTo(id: number, command: (session: number) => SpeakerCommand): boolean {
    const neighbor = this.#o.rib.neighbors.byId.get(id);
    if (neighbor?.state !== 'established') return false;
    this.#o.speaker.post(command(neighbor.session));
    return true;
  }

  /** What is due by now. Call it a few times a second. */
  tick(): void {
    const now = this.#o.now();
    const neighbors = this.#o.rib.neighbors.byId;
    for (const neighbor of neighbors.values()) {
      if (neighbor.state !== 'established' || neighbor.synced || !isSynced(neighbor, now, this.#o.times)) continue;
      neighbor.synced = true;
      this.#o.engine.neighborChanged(neighbor.id);
    }
    const due = dueSweeps(neighbors.values(), now, this.#o.times, maxRoutesPerPiece);
    if (due.length > 0) this.#record(due);
    this.#speakerHealth.strangers.tick(now);
    this.#tableWatch.look(this.tables, now);
    if (now - this.#lookedAt >= forgetEveryMs) this.#forgetLongGone(now);
    this.#o.engine.tick();
    this.#judge();
    this.#idFreeing.tick(Math.min(this.#o.publisher.published, this.#health.tablesSeq));
    if (this.#findings.fill(this.#o.engine, this.#o.log)) this.#pieces.wake();
  }

  #forgetLongGone(now: number): void {
    this.#lookedAt = now;
    const { rib, times } = this.#o;
    const forgotten = rib.forgetLongGone(now - times.forgetMs, now);
    if (forgotten.length === 0) return;
    this.#neighbors.forget(forgotten);
    this.#pieces.wake();
    this.#forgotten(forgotten);
  }

  #forgotten(ids: readonly number[]): void {
    for (const id of ids) {
      this.#prefixLimits.forget(id);
      this.#o.engine.neighborChanged(id);
    }
  }

  /** Connections from addresses that are not configured. */
  get strangers(): StrangersStatus {
    return this.#speakerHealth.strangers.status;
  }

  /** Tables that can be full. */
  get tables(): TableUse[] {
    return [...this.#o.rib.neighbors.tables, ...this.#o.rib.idTables, ...this.#speakerHealth.tables];
  }

  /** Judges and publishes for a moment; the rest follows in later turns of the event loop, API calls between them. */
  #judge(): void {
    this.#verdicts.run();
  }

  #judgeAndPublish(): boolean {
    this.#publish(this.#o.rib.seq, this.#step());
    return !this.#isClosing && this.#o.engine.busy;
  }

  #step(): VerdictChange[] {
    return this.#isClosing ? [] : this.#o.engine.step(judgeBudgetMs);
  }

  #turn(batch: Batch, origin: 'speaker' | 'piece' | 'own'): void {
    const { rib, engine } = this.#o;
    const applied = rib.apply(batch);
    this.#o.onApplied?.(applied);
    for (const neighbor of applied.sessions) this.#sessionChanged(neighbor);
    if (applied.sessions.size > 0) this.#lookAtOwnPeers();
    if (applied.changes.count > 0) engine.routesChanged(touchedRoutes(applied.changes));
    for (const neighbor of applied.sessions) engine.neighborChanged(neighbor.id);
    this.#forgotten(applied.forgotten);
    for (const neighbor of applied.resent) engine.resend(neighbor.id);
    const verdicts = this.#step();
    if (engine.busy) this.#verdicts.wake();
    for (const neighbor of applied.touched) this.#checkLimit(neighbor);
    for (const event of applied.events) logEvent(this.#o.log, event, rib.neighbors.byId.get(event.neighbor));
    this.#publish(applied.lastSeq, verdicts, applied);
    this.#appends.add(batch, applied, origin === 'speaker');
    // a turn of our own making brings no session up: asking again after a sweep would never end
    if (origin !== 'own') this.#sweepUnpreserved(applied.sessions);
  }

  #sessionChanged(neighbor: Neighbor): void {
    this.#identity.identify(neighbor, this.#table);
    if (neighbor.routes.stale > 0 && neighbor.state === 'established')
      neighbor.staleUntil = staleDeadline(neighbor, this.#o.now(), this.#o.times);
  }

  #sweepUnpreserved(sessions: Set<Neighbor>): void {
    const due = unpreservedSweeps(sessions);
    if (due.length > 0) this.#record(due);
  }

  /** A turn of our own making. */
  #record(events: [session: number, event: SessionEvent][]): void {
    for (const [session, event] of events) this.#writer.appendEvent(session, this.#o.now(), event);
    this.#turn(this.#writer.take(), 'own');
  }

  /** Which BGPPeers come here may be different: then other sessions are waited for. */
  #lookAtOwnPeers(): void {
    if (this.#updateOwnPeers() && this.#table !== null) this.#o.engine.setExpectations(this.#table, allExpectations);
  }

  #updateOwnPeers(): boolean {
    const { ownPeers, rib } = this.#o;
    return ownPeers.update({
      table: this.#table,
      listening: this.#listening,
      configured: this.#identity.configured,
      neighbors: rib.neighbors.byId.values(),
    });
  }

  /** Finds out anew who every neighbor is. */
  #identifyAll(): void {
    const { rib, engine } = this.#o;
    const changed = [...rib.neighbors.byId.values()].filter((neighbor) =>
      this.#identity.identify(neighbor, this.#table),
    );
    for (const neighbor of changed) engine.neighborChanged(neighbor.id);
    this.#neighbors.add(changed);
    this.#pieces.wake();
  }

  #checkLimit(neighbor: Neighbor): void {
    const limit = this.#identity.configOf(neighbor.remoteAddress)?.maxPrefixes;
    const text = this.#prefixLimits.check(neighbor, limit);
    if (text === undefined) return;
    this.#o.log.warn({ event: 'bgp.max-prefixes', peer: neighbor.remoteAddress, node: neighbor.node }, text);
    if (limit?.action === 'drop')
      this.#o.speaker.post({ kind: 'reset', session: neighbor.session, text, maxPrefixes: true });
  }

  #publish(seq: number, verdicts: VerdictChange[], applied?: Applied): void {
    if (verdicts.length > 0) {
      this.#findings.apply(verdicts, this.#o.now());
      this.#pieces.wake();
    }
    this.#o.publisher.add(applied?.firstSeq ?? seq, seq, applied?.changes, [...(applied?.sessions ?? [])], verdicts);
  }

  #acknowledge(seq: number, batches: number): void {
    const acknowledged = this.#appends.done(batches);
    if (acknowledged > 0) this.#o.speaker.post({ kind: 'ack', batches: acknowledged });
    this.#o.publisher.committed(seq);
  }
}

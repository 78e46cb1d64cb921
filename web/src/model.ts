/**
 * The state of the page and its reducer: a pure function over messages from the server and from the page itself.
 * Every list is bounded, so a tab that stays open for a month does not grow. Long lists (routes, checks) are not here:
 * their views read them over REST, and reread when the feed reports a change.
 */
import type { Neighbor, RouteMessage, ServerMessage, Status, Summary, VerdictWord } from '../../src/api/schemas.ts';

/** Maximum rows of the live feed; the oldest are dropped. */
export const maxLiveRows = 2_000;
/** Maximum verdict changes kept for the overview. */
export const maxRecentVerdicts = 100;
/** Maximum samples of the rate chart: five minutes at one per five seconds. */
export const maxRateSamples = 60;

export type VerdictMessage = Extract<ServerMessage, { type: 'verdict' }>;
export type SessionMessage = Extract<ServerMessage, { type: 'session' }>;

/** One row of the live feed. `id` rises by one per row; `at` is epoch ms. */
export type LiveRow = { id: number; at: number } & (
  | { kind: 'route'; change: RouteMessage }
  | { kind: 'verdict'; change: VerdictMessage }
  | { kind: 'session'; neighbor: SessionMessage }
  | { kind: 'gap'; text: string }
);

export interface Connection {
  state: 'connecting' | 'live' | 'lost';
  /** Epoch ms of the last state change. */
  since: number;
  /** Epoch ms of the next attempt, if lost. */
  retryAt: number | null;
  /** The reason, if not live. */
  text: string;
}

export interface Model {
  connection: Connection;
  status: Status | undefined;
  summary: Summary | undefined;
  /** Undefined until a view uses them. */
  neighbors: ReadonlyMap<number, Neighbor> | undefined;
  /** Newest first. */
  recentVerdicts: readonly LiveRow[];
  live: {
    /** Oldest first. */
    rows: readonly LiveRow[];
    /** The rows shown while paused; undefined = running. */
    frozen: readonly LiveRow[] | undefined;
    nextId: number;
  };
  /** BGP messages per second, oldest first, computed from seq. */
  rates: readonly { at: number; perSecond: number }[];
  /** seq and time of the last status; the base of the next rate. */
  measured: { seq: number; at: number } | undefined;
  /** Increases when verdicts change; views of checks reread then. */
  verdictRevision: number;
  /** Increases when the feed may have skipped something; views reread everything then. */
  generation: number;
}

/** Messages from the page itself. */
export type LocalMessage =
  | { type: 'connection'; connection: Connection }
  | { type: 'status'; status: Status }
  | { type: 'summary'; summary: Summary }
  | { type: 'neighbors'; neighbors: readonly Neighbor[] }
  | { type: 'away'; from: number; to: number }
  | { type: 'pause'; paused: boolean }
  | { type: 'clear' };

export type Message = ServerMessage | LocalMessage;

export function initialModel(now: number): Model {
  return {
    connection: { state: 'connecting', since: now, retryAt: null, text: 'Connecting' },
    status: undefined,
    summary: undefined,
    neighbors: undefined,
    recentVerdicts: [],
    live: { rows: [], frozen: undefined, nextId: 1 },
    rates: [],
    measured: undefined,
    verdictRevision: 0,
    generation: 0,
  };
}

/** Applies messages in order. Copies each list once per batch. `now`: epoch ms. */
export function reduce(model: Model, messages: readonly Message[], now: number): Model {
  const next: Model = { ...model };
  const rows: LiveRow[] = [];
  let neighbors: Map<number, Neighbor> | undefined;
  let nextId = model.live.nextId;
  let frozen = model.live.frozen;
  let kept = model.live.rows;

  for (const message of messages) {
    switch (message.type) {
      case 'route':
        // a snapshot row after a gap is not a change
        if (message.route.firstSeenAt !== undefined) break;
        rows.push({ id: nextId++, at: Date.parse(message.at), kind: 'route', change: message });
        break;
      case 'verdict':
        rows.push({ id: nextId++, at: Date.parse(message.since), kind: 'verdict', change: message });
        next.verdictRevision++;
        next.summary = moved(next.summary, message.from, message.to);
        break;
      case 'session':
        rows.push({ id: nextId++, at: Date.parse(message.stateSince), kind: 'session', neighbor: message });
        if (!next.neighbors && !neighbors) break;
        neighbors ??= new Map(next.neighbors);
        neighbors.set(message.id, message);
        break;
      case 'gap':
        rows.push({ id: nextId++, at: now, kind: 'gap', text: gapText(message) });
        next.generation++;
        break;
      case 'away':
        rows.push({
          id: nextId++,
          at: now,
          kind: 'gap',
          text: `seq ${message.from} to ${message.to} not shown: this page was disconnected`,
        });
        next.generation++;
        break;
      case 'connection':
        // the feed does not replay sessions and verdicts of the time without a connection
        if (message.connection.state === 'live' && model.connection.state !== 'live') next.generation++;
        next.connection = message.connection;
        break;
      case 'status':
        Object.assign(next, measuredRate(next, message.status));
        next.status = message.status;
        break;
      case 'summary':
        next.summary = message.summary;
        break;
      case 'neighbors':
        neighbors = new Map(message.neighbors.map((neighbor) => [neighbor.id, neighbor]));
        break;
      case 'pause':
        frozen = message.paused ? last([...kept, ...rows], maxLiveRows) : undefined;
        break;
      case 'clear':
        kept = [];
        rows.length = 0;
        frozen = undefined;
        break;
    }
  }

  if (neighbors) next.neighbors = neighbors;
  const verdicts = rows.filter((row) => row.kind === 'verdict');
  if (verdicts.length > 0)
    next.recentVerdicts = [...verdicts.reverse(), ...model.recentVerdicts].slice(0, maxRecentVerdicts);
  if (rows.length > 0) kept = last([...kept, ...rows], maxLiveRows);
  next.live = { rows: kept, frozen, nextId };
  return next;
}

/** The number of neighbors that have ever connected. */
export function countNeighbors({ sessions }: Status): number {
  return Object.values(sessions).reduce((sum, count) => sum + count, 0);
}

/** Describes verdict changes to a screen reader; empty if there are none. */
export function announcement(changes: readonly VerdictMessage[]): string {
  if (changes.length === 0) return '';
  const [only] = changes;
  if (changes.length === 1 && only) {
    const where = only.node ? ` on ${only.node}` : '';
    return only.to === null
      ? `${only.prefix}${where}: no longer expected or received`
      : `${only.prefix}${where}: ${only.to}. ${only.reasonText}`;
  }
  const counts = new Map<string, number>();
  for (const { to } of changes) counts.set(to ?? 'removed', (counts.get(to ?? 'removed') ?? 0) + 1);
  return `${changes.length} verdicts changed: ${[...counts].map(([word, n]) => `${n} ${word}`).join(', ')}`;
}

/** The summary after one verdict changed. The next summary from the server corrects any drift. */
function moved(summary: Summary | undefined, from: VerdictWord | null, to: VerdictWord | null): Summary | undefined {
  if (!summary) return undefined;
  const verdicts = { ...summary.verdicts };
  if (from) verdicts[from] = Math.max(0, verdicts[from] - 1);
  if (to) verdicts[to]++;
  return { ...summary, verdicts };
}

/** Adds the rate since the last status. A lower seq means another database: measuring restarts. */
function measuredRate({ measured, rates }: Model, { seq, uptimeSeconds, startedAt }: Status): Partial<Model> {
  // the server's clock: a slow answer or a sleeping tab must not distort the rate
  const at = Date.parse(startedAt) + uptimeSeconds * 1000;
  if (!measured || seq < measured.seq || at < measured.at) return { measured: { seq, at }, rates: [] };
  if (at - measured.at < 500) return {};
  const perSecond = ((seq - measured.seq) * 1000) / (at - measured.at);
  return { measured: { seq, at }, rates: last([...rates, { at, perSecond }], maxRateSamples) };
}

const gapReasons: Record<Extract<ServerMessage, { type: 'gap' }>['reason'], string> = {
  'resume-too-old': 'no longer in the journal',
  'resume-unknown': 'unknown to this collector',
  'resume-failed': 'the journal could not be read',
  'slow-client': 'this page was too slow',
  'not-stored': 'the collector could not store them',
  'verdicts-dropped': 'too many verdicts changed at once',
};

function gapText({ from, to, reason }: Extract<ServerMessage, { type: 'gap' }>): string {
  return `seq ${from} to ${to} not shown: ${gapReasons[reason]}`;
}

function last<T>(list: readonly T[], n: number): readonly T[] {
  return list.length > n ? list.slice(-n) : list;
}

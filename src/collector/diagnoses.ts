/**
 * Runs the diagnoses in the collector's spare time: gathers what they look at, works in slices between the turns of
 * the event loop, and never takes more than a small part of the thread.
 */
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Diagnosing, type Turn } from '../diagnoses/diagnosing.ts';
import { RecentHistory } from '../diagnoses/history.ts';
import { checks } from '../diagnoses/index.ts';
import { Md5Window, md5Counters } from '../diagnoses/kernel.ts';
import { RouteSets } from '../diagnoses/routes.ts';
import type { DiagnosisView, Facts, OwnSide } from '../diagnoses/types.ts';
import type { NeighborConfig } from '../events.ts';
import { hostInterfaces } from '../interfaces.ts';
import { canonicalAddress, canonicalPrefix } from '../ip.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { Resources } from '../metallb/objects/resources.ts';
import { Cluster } from '../metallb/problems/cluster.ts';
import type { Applied } from '../rib/rib.ts';
import { Slices } from '../slices.ts';

/** Longest stretch of work at a time, ms. */
const sliceMs = 6;
/** Least time between two passes, ms; and at least so many times what the last one took. */
const leastPauseMs = 3_000;
const pausePerWork = 10;
/** How often the kernel's counters are read, and the history is cut, ms. */
const sampleMs = 5_000;
/** Lines logged of one pass for each event; one more line counts the rest. */
export const maxLines = 20;

const netstat = '/proc/self/net/netstat';

export interface DiagnosesOptions {
  /** What stays the same, or says itself how it is now. */
  facts: Pick<Facts, 'rib' | 'verdicts' | 'options' | 'graceMs'>;
  own: Omit<OwnSide, 'interfaces' | 'neighbors'> & { neighbors: readonly NeighborConfig[] };
  log: Logger;
  strangers: () => Facts['strangers'];
  /** epoch ms */
  now: () => number;
  /** Runs `work` in a later turn of the event loop; setImmediate. */
  schedule: (work: () => void) => void;
  /** The kernel's counters as text; undefined where it has none. */
  readNetstat?: () => Promise<string | undefined>;
}

export class Diagnoses {
  readonly #o: DiagnosesOptions;
  readonly #diagnosing = new Diagnosing(checks);
  readonly #history = new RecentHistory();
  readonly #sets: RouteSets;
  readonly #md5 = new Md5Window();
  readonly #startedAt: number;
  #own: OwnSide;
  #cluster: Cluster | null = null;
  #nextPass: number;
  #nextSample: number;
  /** ms that the present pass has worked. */
  readonly #slices: Slices;
  #worked = 0;

  constructor(options: DiagnosesOptions) {
    this.#o = options;
    this.#sets = new RouteSets(options.facts.rib);
    this.#slices = new Slices({ schedule: options.schedule, budgetMs: 0, step: () => this.#work() });
    this.#startedAt = this.#nextPass = this.#nextSample = options.now();
    this.#own = { ...options.own, neighbors: ownNeighbors(options.own.neighbors), interfaces: [] };
  }

  get view(): DiagnosisView {
    return this.#diagnosing;
  }

  /** A batch was applied to the RIB. */
  applied(applied: Applied): void {
    this.#history.applied(applied, this.#o.facts.rib.neighbors);
  }

  /** The objects of the cluster, and what is expected of them, as they are now. */
  observed(resources: Resources, table: ExpectationTable): void {
    this.#history.observed(resources, this.#o.now());
    this.#cluster = new Cluster(resources, table);
  }

  configure(neighbors: readonly NeighborConfig[]): void {
    this.#own = { ...this.#own, neighbors: ownNeighbors(neighbors) };
  }

  /** Starts what is due by now. Call it a few times a second. */
  tick(): void {
    const now = this.#o.now();
    if (now >= this.#nextSample) {
      this.#nextSample = now + sampleMs;
      this.#history.forget(now);
      this.#sets.prune(this.#o.facts.rib.neighbors);
      void this.#sample(now);
    }
    if (this.#diagnosing.isRunning || now < this.#nextPass) return;
    this.#worked = 0;
    this.#own = { ...this.#own, interfaces: interfaces() };
    this.#diagnosing.begin({
      ...this.#o.facts,
      now,
      startedAt: this.#startedAt,
      cluster: this.#cluster,
      history: this.#history,
      routeSets: (neighbor) => this.#sets.of(neighbor),
      md5: this.#md5.growth(),
      own: this.#own,
      strangers: this.#o.strangers(),
    });
    this.#slices.run();
  }

  #work(): boolean {
    const start = performance.now();
    const turn = this.#diagnosing.step(sliceMs);
    this.#worked += performance.now() - start;
    if (!turn) return true;
    this.#nextPass = this.#o.now() + Math.max(leastPauseMs, this.#worked * pausePerWork);
    this.#report(turn);
    return false;
  }

  #report(turn: Turn): void {
    logTurn(this.#o.log, turn);
  }

  async #sample(now: number): Promise<void> {
    const text = await (this.#o.readNetstat ?? readNetstat)();
    const counters = text === undefined ? undefined : md5Counters(text);
    if (counters) this.#md5.add(now, counters);
  }
}

const readNetstat = (): Promise<string | undefined> => readFile(netstat, 'utf8').catch(() => undefined);

function ownNeighbors(neighbors: readonly NeighborConfig[]): OwnSide['neighbors'] {
  return neighbors.map(({ range, asn, password, ttlSecurity }) => ({
    range,
    asn,
    hasPassword: password !== undefined,
    ttlSecurity: ttlSecurity !== undefined,
  }));
}

function interfaces(): OwnSide['interfaces'] {
  return Object.values(hostInterfaces()).flatMap((list) =>
    (list ?? []).flatMap(({ address, cidr }) => {
      const canonical = canonicalAddress(address);
      const subnet = cidr === null ? undefined : canonicalPrefix(cidr);
      return canonical !== undefined && subnet !== undefined ? [{ address: canonical, subnet }] : [];
    }),
  );
}

/** Logs which diagnoses were found and which are gone. */
export function logTurn(log: Pick<Logger, 'warn' | 'info'>, { found, gone }: Turn): void {
  const [news, old] = [found, gone].map((list) => list.filter(({ severity }) => severity !== 'info'));
  for (const { code, severity, text } of news!.slice(0, maxLines))
    log.warn({ event: 'diagnosis.found', code, severity }, text);
  if (news!.length > maxLines)
    log.warn({ event: 'diagnosis.found', count: news!.length - maxLines }, `${news!.length - maxLines} more diagnoses`);
  for (const { code, severity, text } of old!.slice(0, maxLines))
    log.info({ event: 'diagnosis.gone', code, severity }, `no longer: ${text}`);
  if (old!.length > maxLines)
    log.info(
      { event: 'diagnosis.gone', count: old!.length - maxLines },
      `${old!.length - maxLines} more diagnoses are gone`,
    );
}

/** Figures of a soak: a line while it runs, tables at its end. */
import type { Seen } from './invariants.ts';
import type { World } from './world.ts';

/** Resident memory may grow by this much per hour once it is warm, octets, … */
const maxGrowthPerHour = 64 * 2 ** 20;
/** … which is judged when the soak ran at least this long, ms; the first third is the warm-up. */
const minJudgedMs = 10 * 60_000;
/** Memory in a stretch is its smallest value there: what scenarios hold for a moment does not count. */
const stretchMs = 60_000;

const mebibytes = (octets: number): number => Math.round(octets / 2 ** 20);

const noDelay = { healthMs: 0, collectorMs: 0, speakerMs: 0, stolenMs: 0 };
const noRawDelay = { rawHealthMs: 0, rawCollectorMs: 0, rawSpeakerMs: 0 };
const nothingSeen = { ...noDelay, ...noRawDelay, peakMemory: 0, databaseBytes: 0, descriptors: 0 };

interface Row {
  runs: number;
  failures: number;
  seconds: number;
}

export class Summary {
  readonly #rows = new Map<string, Row>();
  readonly #memory: [number, number][] = [];
  readonly #ends: Record<string, number> = {};
  readonly #gaps: Record<string, number> = {};
  #messages = 0;
  #measured = 0;
  #spoiled = 0;
  #starved = 0;
  #last: Seen | undefined;
  #line = { ...noDelay };
  readonly #worst = { ...nothingSeen };

  add(seen: Seen): void {
    this.#last = seen;
    const { report, clients } = seen;
    for (const name of Object.keys(this.#worst) as (keyof typeof nothingSeen)[])
      this.#worst[name] = Math.max(this.#worst[name], report[name]);
    for (const name of Object.keys(this.#line) as (keyof typeof noDelay)[])
      this.#line[name] = Math.max(this.#line[name], report[name]);
    for (const sample of report.memorySamples) this.#memory.push(sample);
    for (const [how, count] of Object.entries(clients.ends)) this.#ends[how] = (this.#ends[how] ?? 0) + count;
    for (const [reason, count] of Object.entries(clients.gaps)) this.#gaps[reason] = (this.#gaps[reason] ?? 0) + count;
    this.#messages = clients.messages;
    this.#measured += report.measured;
    this.#spoiled += report.spoiled;
    this.#starved += seen.tally.starved;
  }

  ran(name: string, ms: number, failures: number): void {
    const row = this.#rows.get(name) ?? { runs: 0, failures: 0, seconds: 0 };
    row.runs++;
    row.failures += failures;
    row.seconds += ms / 1_000;
    this.#rows.set(name, row);
  }

  /** How things stand; its delays are the worst since the line before. */
  line(scenario: string, ms: number, failures: number): string {
    const { report, tally, clients } = this.#last!;
    const { healthMs, collectorMs, speakerMs, stolenMs } = this.#line;
    this.#line = { ...noDelay };
    const delays = [healthMs, collectorMs, speakerMs].map(Math.round).join('/');
    return [
      `${String(Math.round(ms / 1_000)).padStart(5)} s  ${scenario.padEnd(17)}`,
      `${tally.established} sessions, ${tally.routes} routes, ${clients.open} live clients,`,
      `${mebibytes(report.memory)} MiB (peak ${mebibytes(report.peakMemory)}), database ${mebibytes(report.databaseBytes)} MiB,`,
      `late (answer/collector/speaker) ${delays} ms, machine took ${Math.round(stolenMs)} ms, ${failures} failures`,
    ].join(' ');
  }

  /** Flat after the warm-up: compares the smallest memory of each minute. */
  checkMemory(world: World): void {
    const slope = this.#growthPerHour();
    if (slope !== null && slope > maxGrowthPerHour)
      world.fail(
        'memory is flat',
        `it grows by ${mebibytes(slope)} MiB per hour; at most ${mebibytes(maxGrowthPerHour)}`,
      );
  }

  print(world: World): void {
    console.log('\nscenario           runs  seconds  failures');
    for (const [name, { runs, seconds, failures }] of this.#rows)
      console.log(
        `${name.padEnd(17)} ${String(runs).padStart(5)} ${seconds.toFixed(0).padStart(8)} ${String(failures).padStart(9)}`,
      );
    const worst = this.#worst;
    const pair = (ms: number, raw: number): string => `${Math.round(ms)} ms (${Math.round(raw)} ms as measured)`;
    const slope = this.#growthPerHour();
    const figures: [string, string][] = [
      ['collector thread late', pair(worst.collectorMs, worst.rawCollectorMs)],
      ['speaker thread late', pair(worst.speakerMs, worst.rawSpeakerMs)],
      ['GET /healthz', pair(worst.healthMs, worst.rawHealthMs)],
      ['delays judged', `${this.#measured - this.#spoiled} of ${this.#measured}`],
      ['sessions the machine took', String(this.#starved)],
      ['machine took, of 2.5 s', `${Math.round(worst.stolenMs)} ms`],
      ['peak memory', `${mebibytes(worst.peakMemory)} MiB`],
      ['memory per hour', slope === null ? 'too short to judge' : `${mebibytes(slope)} MiB`],
      ['database on disk', `${mebibytes(worst.databaseBytes)} MiB`],
      ['descriptors', String(worst.descriptors)],
      ['live messages', String(this.#messages)],
      ['live clients ended', JSON.stringify(this.#ends)],
      ['gaps that the ledger saw', JSON.stringify(this.#gaps)],
      ['answers by status', JSON.stringify(Object.fromEntries([...world.answers].sort()))],
    ];
    console.log();
    for (const [name, figure] of figures) console.log(`${name.padEnd(26)} ${figure}`);
  }

  /** Least-squares slope over the smallest memory of each minute after the warm-up; null when there is too little. */
  #growthPerHour(): number | null {
    const first = this.#memory[0]?.[0] ?? 0;
    const last = this.#memory.at(-1)?.[0] ?? 0;
    if (last - first < minJudgedMs) return null;
    const warm = this.#memory.filter(([at]) => at > first + (last - first) / 3);
    const minutes = Map.groupBy(warm, ([at]) => Math.floor(at / stretchMs));
    const points = [...minutes].map(([at, samples]): [number, number] => [
      at,
      Math.min(...samples.map(([, it]) => it)),
    ]);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
    const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
    const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
    return below === 0 ? null : (above / below) * 60;
  }
}

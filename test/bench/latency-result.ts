/** From when changes were sent and verdicts came to a distribution, and its picture. Pure. */
import { quantile } from './statistics.ts';

/** A change that was sent, or a verdict that came. `at`: milliseconds of one clock for both. */
export interface Moment {
  key: string;
  state: string;
  at: number;
}

export interface Latencies {
  /** Milliseconds, one for each change that was answered. */
  milliseconds: number[];
  /** Changes whose verdict never came. */
  unanswered: number;
}

/** Each verdict answers the latest change of the same key to the same state that was sent before it. */
export function latencies(sent: readonly Moment[], verdicts: readonly Moment[]): Latencies {
  const waiting = new Map<string, number[]>();
  for (const { key, state, at } of sent) {
    const name = `${key} ${state}`;
    if (!waiting.get(name)?.push(at)) waiting.set(name, [at]);
  }
  const milliseconds: number[] = [];
  for (const { key, state, at } of verdicts) {
    const times = waiting.get(`${key} ${state}`) ?? [];
    const index = times.findLastIndex((time) => time <= at);
    if (index >= 0) milliseconds.push(at - times.splice(index, 1)[0]!);
  }
  return { milliseconds, unanswered: sent.length - milliseconds.length };
}

const edges = [5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 250, 500, 1000, Number.POSITIVE_INFINITY];
const barWidth = 50;

/** Rows of `from–to ms  count  bar`, without the empty ones at the end. */
export function histogram(milliseconds: readonly number[]): string {
  const counts = edges.map(
    (edge, index) => milliseconds.filter((value) => value < edge && value >= (edges[index - 1] ?? 0)).length,
  );
  const used = counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
  const most = Math.max(...used);
  return used
    .map((count, index) => {
      const from = edges[index - 1] ?? 0;
      const range = edges[index] === Number.POSITIVE_INFINITY ? `≥ ${from}` : `${from}–${edges[index]}`;
      const bar = '█'.repeat(Math.ceil((count / most) * barWidth));
      return `  ${range.padStart(9)} ms  ${String(count).padStart(6)}  ${bar}`.trimEnd();
    })
    .join('\n');
}

/** Milliseconds at most. */
export const latencyTargets = { p50: 60, p99: 250 } as const;

export function latencyReport({ milliseconds, unanswered }: Latencies, load: string): string {
  const p50 = quantile(milliseconds, 0.5);
  const p99 = quantile(milliseconds, 0.99);
  const verdict = (value: number, most: number): string =>
    `${value.toFixed(1)} ms (≤ ${most}: ${value <= most && unanswered === 0 ? 'reached' : 'not reached'})`;
  return [
    `From an UPDATE's arrival to the verdict on a WebSocket, ${load}`,
    histogram(milliseconds),
    `  p50 ${verdict(p50, latencyTargets.p50)}, p99 ${verdict(p99, latencyTargets.p99)}, max ${Math.max(...milliseconds).toFixed(1)} ms`,
    `  ${milliseconds.length} changes answered, ${unanswered} not`,
  ].join('\n');
}

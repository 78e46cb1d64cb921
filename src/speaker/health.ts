/** Measures the delay of this thread's event loop once a second. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from './clock.ts';

const everyMs = 1_000;
/** Sampling interval, ms; part of each value in the histogram. */
const resolutionMs = 10;

/** Reports the maximum delay (ms) of each second; returns a function that stops it. */
export function watchHealth(clock: Clock, report: (loopDelayMs: number) => void): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const tick = (): void => {
    report(Math.max(0, delay.max / 1e6 - resolutionMs));
    delay.reset();
    forget = clock.after(everyMs, tick);
  };
  let forget = clock.after(everyMs, tick);
  return () => {
    forget();
    delay.disable();
  };
}

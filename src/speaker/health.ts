/** Once a second: how late this thread's event loop ran. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from './clock.ts';

const everyMs = 1_000;
/** How often the loop is looked at, ms; the histogram counts it in. */
const resolutionMs = 10;

/** Reports the longest delay (ms) of each past second; returns how to end that. */
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

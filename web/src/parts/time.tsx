/** Times: relative, absolute on hover. All share one clock. */
import { useEffect, useState } from 'preact/hooks';
import { formatAbsolute, formatClock, formatDuration, formatRelative, parseTime } from '../format.ts';

const listeners = new Set<(now: number) => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** The current time in epoch ms, updated once a second. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    listeners.add(setNow);
    ticking ??= setInterval(() => {
      const present = Date.now();
      for (const listener of listeners) listener(present);
    }, 1_000);
    return () => {
      listeners.delete(setNow);
      if (listeners.size > 0) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, []);
  return now;
}

/** `at`: RFC 3339. `12 s ago`. */
export function Ago({ at }: { at: string | null }) {
  const now = useNow();
  const time = parseTime(at);
  if (at === null || time === null) return <span class="dim">never</span>;
  return (
    <time dateTime={at} title={formatAbsolute(time)}>
      {formatRelative(time, now)}
    </time>
  );
}

/** Time since `at`: `3 h 20 min`. */
export function Since({ at }: { at: string | null }) {
  const now = useNow();
  const time = parseTime(at);
  if (at === null || time === null) return <span class="dim">never</span>;
  return (
    <time dateTime={at} title={`since ${formatAbsolute(time)}`}>
      {formatDuration(now - time)}
    </time>
  );
}

/** `at`: epoch ms. `12:04:09.123`, for rows milliseconds apart. */
export function Clock({ at }: { at: number }) {
  return (
    <time class="mono" dateTime={new Date(at).toISOString()} title={formatAbsolute(at)}>
      {formatClock(at)}
    </time>
  );
}

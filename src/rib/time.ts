import { toWall } from '../clock.ts';

/** RFC 3339 in UTC with microseconds, from steady time (epoch ms with a fraction). */
export function formatTime(at: number): string {
  return formatWall(toWall(at));
}

/** RFC 3339 in UTC with microseconds, from wall time (epoch ms with a fraction). */
export function formatWall(at: number): string {
  const whole = Math.floor(at);
  const micros = Math.min(999, Math.round((at - whole) * 1000));
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

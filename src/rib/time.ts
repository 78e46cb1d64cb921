/** RFC 3339 in UTC with microseconds, from epoch milliseconds with a fraction. */
export function formatTime(at: number): string {
  const whole = Math.floor(at);
  const micros = Math.min(999, Math.round((at - whole) * 1000));
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** The few statistics that the reports use. */

/** Linear between neighbors; `share` 0..1. Of nothing: NaN. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** `1.05 (1.00–1.20)`, or `1.05` of one value, or `–` of none. */
export function spread(values: readonly number[], digits: number): string {
  if (values.length === 0) return '–';
  const text = (value: number) => value.toFixed(digits);
  const middle = text(median(values));
  return values.length === 1 ? middle : `${middle} (${text(Math.min(...values))}–${text(Math.max(...values))})`;
}

/** The layout of the timeline chart: a lane with marks per kind, and ticks. Pure. */
import type { TimelineEntry } from '../../src/api/schemas.ts';
import { formatAbsolute, formatDuration } from './format.ts';
import { kindNames, type TimelineKind, type Tone, timelineKinds, toneOf } from './timeline.ts';

/** One mark: entries too close to draw separately. */
export interface Mark {
  /** 0..1 from the oldest to the newest entry. */
  x: number;
  /** Indices into the entries, newest first. */
  entries: number[];
  tone: Tone;
}

export interface Lane {
  kind: TimelineKind;
  marks: Mark[];
}

/** Minimum distance between marks of a lane, as a share of the width. */
export const minMarkGap = 0.02;

/** Lanes with marks; omits lanes without entries. `entries`: newest first. */
export function lanesOf(entries: readonly TimelineEntry[]): Lane[] {
  const times = entries.map(({ at }) => Date.parse(at));
  const [newest, oldest] = [times[0] ?? 0, times.at(-1) ?? 0];
  const place = (time: number) => (newest === oldest ? 0.5 : (time - oldest) / (newest - oldest));
  return timelineKinds.flatMap((kind) => {
    const marks: Mark[] = [];
    for (const [i, entry] of entries.entries()) {
      if (entry.kind !== kind) continue;
      const x = place(times[i]!);
      const mark = marks.at(-1);
      if (mark && mark.x - x < minMarkGap) {
        mark.entries.push(i);
        mark.tone = worse(mark.tone, toneOf(entry));
      } else marks.push({ x, entries: [i], tone: toneOf(entry) });
    }
    return marks.length > 0 ? [{ kind, marks }] : [];
  });
}

const worse = (a: Tone, b: Tone): Tone => (a === 'bad' || b === 'bad' ? 'bad' : a === b ? a : 'change');

/** Round steps between ticks, ms. */
const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800, 2_592_000].map(
  (seconds) => seconds * 1_000,
);

export interface Tick {
  /** 0..1 */
  x: number;
  label: string;
}

/** At most `max` ticks at round local times between `oldest` and `newest`, epoch ms. */
export function ticksOf(oldest: number, newest: number, max: number): Tick[] {
  const span = newest - oldest;
  if (span <= 0) return [{ x: 0.5, label: formatAbsolute(newest).slice(11, 19) }];
  const step = steps.find((step) => span / step <= max) ?? Math.ceil(span / max);
  const offset = new Date(newest).getTimezoneOffset() * 60_000;
  const first = Math.ceil((oldest - offset) / step) * step + offset;
  const ticks: Tick[] = [];
  for (let at = first; at <= newest; at += step) ticks.push({ x: (at - oldest) / span, label: label(at, step) });
  return ticks;
}

function label(at: number, step: number): string {
  const text = formatAbsolute(at);
  if (step >= 86_400_000) return text.slice(5, 10);
  return step >= 60_000 ? text.slice(11, 16) : text.slice(11, 19);
}

/** Describes the chart in a sentence. */
export function describeLanes(lanes: readonly Lane[], oldest: number, newest: number): string {
  const counts = lanes.map(
    ({ kind, marks }) =>
      `${kindNames[kind].toLowerCase()} ${marks.reduce((sum, mark) => sum + mark.entries.length, 0)}`,
  );
  const span = newest - oldest < 1_000 ? 'within a second' : `over ${formatDuration(newest - oldest)}`;
  return `Timeline entries ${span}: ${counts.join(', ')}. The list below has the details.`;
}

/** Timeline entries of a prefix: kinds, tones and groups. Pure. */
import type { TimelineEntry } from '../../src/api/schemas.ts';
import { formatDuration, plural } from './format.ts';

export type TimelineKind = TimelineEntry['kind'];

/** The order of the lanes, from cause to effect. */
export const timelineKinds: readonly TimelineKind[] = ['object', 'expectation', 'session', 'route', 'verdict'];

export const kindNames: Readonly<Record<TimelineKind, string>> = {
  object: 'Objects',
  expectation: 'Expectations',
  session: 'Sessions',
  route: 'Routes',
  verdict: 'Verdicts',
};

/** What an entry means for the route. */
export type Tone = 'bad' | 'good' | 'change';

const badWords: ReadonlySet<string | null> = new Set(['missing', 'mismatch', 'unexpected', 'stale']);

type ActionOf<Kind extends TimelineKind> = Extract<
  TimelineEntry,
  { kind: Kind; detail: { action: string } }
>['detail']['action'];
const expectationTones: Readonly<Record<ActionOf<'expectation'>, Tone>> = {
  expected: 'good',
  changed: 'change',
  'no-longer-expected': 'bad',
  'not-recorded': 'change',
};
const routeTones: Readonly<Record<ActionOf<'route'>, Tone>> = {
  announced: 'good',
  refreshed: 'good',
  replaced: 'change',
  withdrawn: 'bad',
  stale: 'bad',
};

export function toneOf(entry: TimelineEntry): Tone {
  switch (entry.kind) {
    case 'object':
      return entry.detail.action === 'deleted' ? 'bad' : entry.detail.action === 'created' ? 'good' : 'change';
    case 'expectation':
      return expectationTones[entry.detail.action];
    case 'session':
      return entry.detail.to === 'established' ? 'good' : entry.detail.from === 'established' ? 'bad' : 'change';
    case 'route':
      return routeTones[entry.detail.action];
    case 'verdict':
      return entry.detail.to === 'ok' ? 'good' : badWords.has(entry.detail.to) ? 'bad' : 'change';
  }
}

/** Selectable time ranges, ms. */
export const spans: Readonly<Record<string, number>> = { '15m': 900_000, '1h': 3_600_000, '1d': 86_400_000 };

/** Equal entries of several sessions at nearly the same time. */
export interface EntryGroup {
  /** The newest entry; shown for the group. */
  entry: TimelineEntry;
  /** Indices into the entries, newest first. */
  indices: number[];
}

/** Maximum ms between the newest and the oldest entry of a group. */
export const groupWindow = 10_000;
/** Minimum entries of a group. */
export const minGrouped = 3;

/** Groups equal changes of routes, sessions and verdicts at nearly the same time, ordered by the newest entry. */
export function groupEntries(entries: readonly TimelineEntry[]): EntryGroup[] {
  const groups: EntryGroup[] = [];
  const last = new Map<string, EntryGroup>();
  for (const [i, entry] of entries.entries()) {
    const key = groupKey(entry);
    const group = key === undefined ? undefined : last.get(key);
    if (group && Date.parse(group.entry.at) - Date.parse(entry.at) <= groupWindow) {
      group.indices.push(i);
      continue;
    }
    const own = { entry, indices: [i] };
    groups.push(own);
    if (key !== undefined) last.set(key, own);
  }
  return groups
    .flatMap((group) =>
      group.indices.length >= minGrouped
        ? [group]
        : group.indices.map((index) => ({ entry: entries[index]!, indices: [index] })),
    )
    .sort((a, b) => a.indices[0]! - b.indices[0]!);
}

/** The group key; undefined for object changes and expectations, which are never grouped. */
function groupKey(entry: TimelineEntry): string | undefined {
  switch (entry.kind) {
    case 'route':
      return `route ${entry.detail.action} ${entry.detail.fields.join()}`;
    case 'verdict':
      return `verdict ${entry.detail.to} ${entry.detail.reasonCode}`;
    case 'session':
      return `session ${entry.detail.from} ${entry.detail.to} ${entry.detail.reason}`;
    default:
      return undefined;
  }
}

/** The first line of a group. */
export function groupText(group: EntryGroup, entries: readonly TimelineEntry[]): string {
  const { entry, indices } = group;
  const own = indices.map((index) => entries[index]!);
  const nodes = new Set(own.flatMap(({ node }) => node ?? [])).size;
  const span = Date.parse(entry.at) - Date.parse(own.at(-1)!.at);
  const within = span < 1_000 ? 'within a second' : `within ${formatDuration(span)}`;
  return `${plural(indices.length, 'session')} on ${plural(nodes, 'node')}: ${groupVerb(entry)}, ${within}`;
}

function groupVerb(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'route':
      return entry.detail.action;
    case 'verdict':
      return entry.detail.to ?? 'no verdict';
    case 'session':
      return entry.detail.to ?? 'removed';
    default:
      return entry.text;
  }
}

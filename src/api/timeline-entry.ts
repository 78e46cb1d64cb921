/** One entry of a timeline: the sentence, and what is behind it. */
import { keyOf, place } from '../metallb/objects/resources.ts';
import type { ObjectRef } from '../metallb/types.ts';
import { namesOf } from '../rib/names.ts';
import { formatTime } from '../rib/time.ts';
import type { AttributesJson } from '../rib/types.ts';
import type { ObjectChangeRow, TimelineRow } from '../store/types.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import { Attributes, type Evidence, type TimelineEntry } from './schemas.ts';

type Row<K extends TimelineRow['kind']> = Extract<TimelineRow, { kind: K }>;
type Entry<K extends TimelineEntry['kind']> = Extract<TimelineEntry, { kind: K }>;

const nobody = { node: null, bgpPeer: null, neighbor: null, seq: null };

export function presentEntry(deps: ApiDeps, prefix: string, row: TimelineRow): TimelineEntry {
  switch (row.kind) {
    case 'object':
      return objectEntry(row);
    case 'expectation':
      return row.action === 'not-recorded' ? notRecorded(prefix, row) : expectationEntry(prefix, row);
    case 'session':
      return sessionEntry(deps, row);
    case 'route':
      return routeEntry(deps, prefix, row);
    case 'verdict':
      return verdictEntry(row);
    default:
      return row satisfies never;
  }
}

function objectEntry(row: ObjectChangeRow): Entry<'object'> {
  const { action, object, fields, moreFields, source, manager, resourceVersion, times, occasion } = row;
  const until = formatTime(row.lastAt);
  const changed = fields.map(({ path, from, to }) => `${path} ${from ?? 'nothing'} → ${to ?? 'nothing'}`);
  const what = [
    `${nameOf(object)} was ${action}`,
    manager === null ? '' : ` by ${manager}`,
    occasion === 'away' ? ' while this collector did not run' : '',
    times > 1 ? `, with the last ${times} changes until ${until} taken together` : '',
    changed.length > 0 ? `: ${changed.join('; ')}` : '',
    moreFields > 0 ? ` and ${moreFields} more fields` : '',
    object.file === undefined ? '' : ` (${place(object)})`,
  ];
  return {
    ...nobody,
    kind: 'object',
    at: formatTime(row.at),
    text: `${what.join('')}.`,
    node: object.kind === 'Node' ? object.name : null,
    evidence: [objectEvidence(row)],
    detail: {
      action,
      object,
      source: source as Entry<'object'>['detail']['source'],
      fields: fields.map(({ path }) => path),
      changes: fields,
      moreFields,
      by: manager,
      resourceVersion,
      times,
      until,
      away: occasion === 'away',
    },
  };
}

function expectationEntry(
  prefix: string,
  row: Exclude<Row<'expectation'>, { action: 'not-recorded' }>,
): Entry<'expectation'> {
  const { action, fields, occasion, sessions, because, moreBecause } = row;
  const examples = sessions.blocks
    .flatMap(({ nodes, bgpPeers }) => nodes.flatMap((node) => bgpPeers.map((bgpPeer) => ({ node, bgpPeer }))))
    .slice(0, limits.timelineExamples);
  const nodes = new Set(sessions.blocks.flatMap((block) => block.nodes)).size;
  const [only] = sessions.count === 1 ? examples : [];
  const who = only ? `${only.node} → ${only.bgpPeer}` : `${sessions.count} sessions of ${nodes} nodes`;
  const what = {
    expected: `${prefix} is expected from ${who}`,
    changed: `${prefix} is expected with other ${fields.join(', ')} from ${who}`,
    'no-longer-expected': `${prefix} is no longer expected from ${who}`,
  }[action];
  return {
    ...nobody,
    kind: 'expectation',
    at: formatTime(row.at),
    text: `${what}${reasonText(row)}.`,
    ...only,
    evidence: because.map(objectEvidence),
    detail: {
      action,
      because: because.map(({ object }) => object),
      moreBecause,
      fields,
      occasion,
      sessions: { count: sessions.count, examples, nodes },
    },
  };
}

function reasonText({
  occasion,
  because,
  moreBecause,
}: Exclude<Row<'expectation'>, { action: 'not-recorded' }>): string {
  if (occasion === 'first') return '; the objects were read for the first time';
  const when = occasion === 'away' ? ' while this collector did not run' : '';
  if (because.length === 0)
    return moreBecause > 0
      ? `; the changes that did it are not kept any more`
      : `${when}; no change of an object came with it`;
  const names = because.slice(0, limits.timelineNames).map(({ object, action }) => `${nameOf(object)} was ${action}`);
  const more = because.length - names.length + moreBecause;
  return `, because ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}${when}`;
}

function notRecorded(
  prefix: string,
  { at, prefixes }: Extract<TimelineRow, { action: 'not-recorded' }>,
): TimelineEntry {
  return {
    ...nobody,
    kind: 'expectation',
    at: formatTime(at),
    text: `So many expectations changed at once that ${prefixes} prefixes were not recorded; whether ${prefix} was among them is not known.`,
    evidence: [],
    detail: {
      action: 'not-recorded',
      because: [],
      moreBecause: 0,
      fields: [],
      occasion: 'change',
      sessions: { count: 0, examples: [], nodes: 0 },
    },
  };
}

function sessionEntry(
  deps: ApiDeps,
  { at, neighbor, seq, from, to, code, text, event }: Row<'session'>,
): Entry<'session'> {
  const what = event === 'established' ? 'was established' : 'went down';
  return {
    ...whoIs(deps, neighbor),
    kind: 'session',
    at: formatTime(at),
    text: `The session of ${nameOfNeighbor(deps, neighbor)} ${what}${text === null ? '' : `: ${text}`}.`,
    seq,
    evidence: [{ kind: 'session', ref: String(neighbor) }],
    detail: { from, to, reason: code },
  };
}

const routeWords = {
  announced: 'announced',
  replaced: 'announced anew',
  withdrawn: 'withdrew',
  stale: 'no longer confirms (it is kept as stale)',
  refreshed: 'confirmed',
} as const;

function routeEntry(deps: ApiDeps, prefix: string, { change }: Row<'route'>): Entry<'route'> {
  const { neighbor, seq, at, action } = change;
  const { previous: before, attributes: after } = namesOf(deps.rib, change);
  const fields = action === 'replaced' && before && after ? differentFields(before, after) : [];
  const what = fields.map((field) => `${field} ${shown(before?.[field])} → ${shown(after?.[field])}`);
  return {
    ...whoIs(deps, neighbor),
    kind: 'route',
    at: formatTime(at),
    text: `${nameOfNeighbor(deps, neighbor)} ${routeWords[action]} ${prefix}${what.length > 0 ? ` with ${what.join('; ')}` : ''}.`,
    seq,
    evidence: [{ kind: 'message', ref: String(seq) }],
    detail: { action, fields },
  };
}

function verdictEntry({ at, from, to, verdict, ended }: Row<'verdict'>): Entry<'verdict'> {
  const { node, bgpPeer, neighbor, reasonCode, reasonText, fields, evidence } = verdict;
  const isRestart = to === 'restart';
  const words = `${from ?? 'no verdict'} → ${to ?? 'no verdict'}`;
  const text = isRestart
    ? `This collector was restarted; what was ${from} before is judged anew.`
    : ended
      ? `${words}. Before: ${reasonText}`
      : `${words}: ${reasonText}`;
  return {
    kind: 'verdict',
    at: formatTime(at),
    text,
    node,
    bgpPeer,
    neighbor,
    seq: null,
    evidence: ended ? [] : evidence,
    detail: { from, to: isRestart ? null : to, reasonCode, reasonText, fields },
  };
}

const attributeNames = Object.keys(Attributes.shape) as (keyof AttributesJson)[];

const differentFields = (a: AttributesJson, b: AttributesJson) =>
  attributeNames.filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]));

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(shown).join(' ');
  if (value === null || value === undefined) return 'none';
  return typeof value === 'object' ? Object.values(value).map(shown).join(':') : String(value);
}

const nameOf = (object: ObjectRef): string => `${object.kind} ${keyOf(object)}`;

function objectEvidence({ object, resourceVersion }: ObjectChangeRow): Evidence {
  const ref = [object.kind, object.namespace, object.name].filter((part) => part !== undefined).join('/');
  if (object.file !== undefined) return { kind: 'object', ref, text: place(object) };
  return { kind: 'object', ref, ...(resourceVersion !== null && { text: `resourceVersion ${resourceVersion}` }) };
}

/** Who the neighbor is now; a forgotten one is nobody but its id. */
function whoIs({ rib }: ApiDeps, id: number): { node: string | null; bgpPeer: string | null; neighbor: number } {
  const { node = null, bgpPeer = null } = rib.neighbors.get(id) ?? {};
  return { node, bgpPeer, neighbor: id };
}

function nameOfNeighbor({ rib }: ApiDeps, id: number): string {
  const neighbor = rib.neighbors.get(id);
  if (!neighbor) return `neighbor ${id}`;
  const { node, bgpPeer, remoteAddress } = neighbor;
  if (node === null) return `neighbor ${remoteAddress}`;
  return `${node}${bgpPeer === null ? '' : ` → ${bgpPeer}`} (${remoteAddress})`;
}

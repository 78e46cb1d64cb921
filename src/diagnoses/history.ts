/**
 * What happened lately, as far as the checks need it: ends of sessions, gaps in routes, malformed UPDATEs, edits of
 * objects. In memory and bounded; a restart begins anew.
 */

import type { Resources } from '../metallb/objects/resources.ts';
import type { ObjectRef } from '../metallb/types.ts';
import { ActionCode, ChangeReader } from '../rib/change-log.ts';
import type { Applied } from '../rib/rib.ts';
import type { Neighbor, NeighborEvent } from '../rib/types.ts';

/** How far back anything is remembered, ms. */
export const historyMs = 3_600_000;
/** Gaps remembered per neighbor, and ends or malformed UPDATEs; the oldest go first. */
export const maxPerNeighbor = 1_024;
export const maxEvents = 128;
/** Withdrawn routes of one neighbor whose return is waited for. */
export const maxAwaited = 16_384;
/** Gaps and awaited routes of all neighbors together, counted anew whenever the past is forgotten; no more are taken. */
export const maxOfAll = 262_144;
/** A route that comes back later than this was gone, not missing for a moment; ms. */
export const maxGapMs = 120_000;
/** Edits remembered, of objects and of addresses. */
export const maxEdits = 2_048;

/** A session, or an attempt at one, came to an end. */
export interface SessionEnd {
  at: number;
  code: string;
  text: string;
  /** It had been established. */
  wasUp: boolean;
  /** Further attempts like it that were not reported one by one. */
  suppressed: number;
}

/** A route was withdrawn and came back within one session. epoch ms. */
export interface RouteGap {
  nlri: number;
  from: number;
  to: number;
}

export interface Malformed {
  at: number;
  text: string;
  /** Codes of the path attributes that are wrong. */
  attributes: readonly number[];
}

export interface ObjectEdit {
  at: number;
  action: 'created' | 'changed' | 'deleted';
  object: ObjectRef;
}

/** The addresses in the status of a Service changed. */
export interface AddressEdit {
  at: number;
  /** `namespace/name` */
  service: string;
  from: readonly string[];
  to: readonly string[];
}

/** All lists oldest first. */
export interface HistoryView {
  ends(neighbor: number): readonly SessionEnd[];
  gaps(neighbor: number): readonly RouteGap[];
  malformed(neighbor: number): readonly Malformed[];
  readonly edits: readonly ObjectEdit[];
  readonly addressEdits: readonly AddressEdit[];
}

/** Kinds whose edits change what speakers are configured with; endpoints change all the time. */
const editedKinds = [
  'IPAddressPool',
  'BGPAdvertisement',
  'L2Advertisement',
  'BGPPeer',
  'Community',
  'BFDProfile',
  'FRRConfiguration',
  'Service',
] as const;

interface Past {
  ends: SessionEnd[];
  gaps: RouteGap[];
  malformed: Malformed[];
  /** NLRI → when it was withdrawn. */
  awaited: Map<number, number>;
}

export class RecentHistory implements HistoryView {
  readonly #past = new Map<number, Past>();
  edits: ObjectEdit[] = [];
  addressEdits: AddressEdit[] = [];
  #resources: Resources | null = null;
  /** Gaps and awaited routes. */
  #held = 0;

  ends = (neighbor: number): readonly SessionEnd[] => this.#past.get(neighbor)?.ends ?? none;
  gaps = (neighbor: number): readonly RouteGap[] => this.#past.get(neighbor)?.gaps ?? none;
  malformed = (neighbor: number): readonly Malformed[] => this.#past.get(neighbor)?.malformed ?? none;

  /** A batch was applied to the RIB. */
  applied({ changes, events, sessions, forgotten }: Applied, neighbors: ReadonlyMap<number, Neighbor>): void {
    for (const id of forgotten) this.#past.delete(id);
    for (const event of events) this.#event(event);
    // what a session takes with it when it ends is no gap
    for (const neighbor of sessions) if (neighbor.state !== 'established') this.#past.get(neighbor.id)?.awaited.clear();
    if (changes.count > 0) this.#routes(new ChangeReader(changes), neighbors);
  }

  /** The objects of the cluster as they are now. @param at epoch ms */
  observed(resources: Resources, at: number): void {
    const before = this.#resources;
    this.#resources = resources;
    if (before === null || before === resources) return;
    for (const kind of editedKinds) {
      const [old, now] = [before[kind], resources[kind]];
      if (old === now) continue;
      for (const [key, object] of now) {
        const earlier = old.get(key);
        if (earlier === object) continue;
        this.#edit({ at, action: earlier ? 'changed' : 'created', object: object.ref });
      }
      for (const [key, { ref }] of old) if (!now.has(key)) this.#edit({ at, action: 'deleted', object: ref });
    }
    if (before.Service !== resources.Service) this.#addresses(before, resources, at);
  }

  /** Forgets what is too long ago. @param now epoch ms */
  forget(now: number): void {
    const since = now - historyMs;
    this.#held = 0;
    this.edits = recent(this.edits, since);
    this.addressEdits = recent(this.addressEdits, since);
    for (const [id, past] of this.#past) {
      past.ends = recent(past.ends, since);
      past.malformed = recent(past.malformed, since);
      const gaps = past.gaps.findIndex(({ to }) => to >= since);
      past.gaps = gaps === 0 ? past.gaps : gaps < 0 ? [] : past.gaps.slice(gaps);
      for (const [nlri, at] of past.awaited) {
        if (at >= now - maxGapMs) break;
        past.awaited.delete(nlri);
      }
      this.#held += past.gaps.length + past.awaited.size;
      if (past.ends.length + past.gaps.length + past.malformed.length + past.awaited.size === 0) this.#past.delete(id);
    }
  }

  #event({ neighbor, at, kind, from, code, text, detail }: NeighborEvent): void {
    if (kind === 'down' || kind === 'refused') {
      const { suppressed = 0 } = detail as { suppressed?: number };
      const end = { at, code: code ?? kind, text: text ?? '', wasUp: from === 'established', suppressed };
      push(this.#of(neighbor).ends, end, maxEvents);
    } else if (kind === 'malformed') {
      const problems = detail as { attribute: number }[];
      const attributes = problems.map(({ attribute }) => attribute);
      push(this.#of(neighbor).malformed, { at, text: text ?? '', attributes }, maxEvents);
    }
  }

  #routes(changes: ChangeReader, neighbors: ReadonlyMap<number, Neighbor>): void {
    for (let i = 0; i < changes.count; i++) {
      const action = changes.action(i);
      if (action === ActionCode.withdrawn) {
        const id = changes.neighbor(i);
        if (this.#held >= maxOfAll || neighbors.get(id)?.state !== 'established') continue;
        const { awaited } = this.#of(id);
        if (awaited.size === maxAwaited) continue;
        awaited.set(changes.nlri(i), changes.at(i));
        this.#held++;
      } else if (action === ActionCode.announced) {
        const past = this.#past.get(changes.neighbor(i));
        if (!past || past.awaited.size === 0) continue;
        const nlri = changes.nlri(i);
        const from = past.awaited.get(nlri);
        if (from === undefined) continue;
        past.awaited.delete(nlri);
        const to = changes.at(i);
        if (to - from <= maxGapMs) push(past.gaps, { nlri, from, to }, maxPerNeighbor);
      }
    }
  }

  #addresses(before: Resources, resources: Resources, at: number): void {
    for (const [key, { spec }] of resources.Service) {
      const from = before.Service.get(key)?.spec.ingress;
      if (!from || from === spec.ingress || from.join() === spec.ingress.join()) continue;
      push(this.addressEdits, { at, service: key, from, to: spec.ingress }, maxEdits);
    }
  }

  #edit(edit: ObjectEdit): void {
    push(this.edits, edit, maxEdits);
  }

  #of(neighbor: number): Past {
    let past = this.#past.get(neighbor);
    if (!past) this.#past.set(neighbor, (past = { ends: [], gaps: [], malformed: [], awaited: new Map() }));
    return past;
  }
}

const none: readonly never[] = [];

/** Adds to a list that keeps the newest; cut in halves, so that a flood does not move it each time. */
function push<T>(list: T[], item: T, max: number): void {
  list.push(item);
  if (list.length > max) list.splice(0, max >> 1);
}

function recent<T extends { at: number }>(list: T[], since: number): T[] {
  const first = list.findIndex(({ at }) => at >= since);
  return first === 0 ? list : first < 0 ? [] : list.slice(first);
}

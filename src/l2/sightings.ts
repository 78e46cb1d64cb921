/**
 * Owners of addresses: a fold over observations, one sighting per address and interface. Answers are matched to their
 * probe, which distinguishes two stations that answer one probe from an address that moved.
 */

import type { Observation, Via } from './messages.ts';
import type { EntryState } from './netlink.ts';

/** Maximum time from a probe to its answers, ms. */
export const answerTimeoutMs = 1_000;
/** Unanswered probes in a row that count as silence: one packet may be lost. */
export const minUnansweredProbes = 2;
export const maxOwners = 8;
export const maxSightings = 32_768;

/** A station that answers for an address. */
export interface Owner {
  mac: string;
  interface: string;
  via: Via;
  /** epoch ms of the observation. */
  at: number;
}

/** Current state of an address on one interface. */
export interface Seen {
  /** More than one only if they answered the same probe. */
  owners: readonly Owner[];
  /** Enough probes were sent and none was answered. */
  isSilent: boolean;
  /** epoch ms of the last probe; null: none. */
  askedAt: number | null;
}

interface Sighting {
  /** epoch ms of the last observation. */
  at: number;
  askedAt: number | null;
  /** Time of the first probe or answer of the current round. */
  roundAt: number;
  answers: Owner[];
  /** Owners of the last round that had any. */
  before: Owner[];
  /** Rounds in a row before the current one without an answer or announcement. */
  unanswered: number;
  /** The last announcement without an answer since. */
  announced: Owner | null;
  entry: (Owner & { state: EntryState }) | null;
  /** The kernel failed to resolve the address. */
  entryFailed: boolean;
}

export class Sightings {
  /** Address → interface → sighting. */
  readonly #byAddress = new Map<string, Map<string, Sighting>>();
  #count = 0;

  /** Records one observation. Observations of one address and interface must come in order of time. */
  observe(observation: Observation): void {
    const sighting = this.#of(observation.address, observation.interface);
    if (!sighting) return;
    sighting.at = observation.at;
    if (observation.kind === 'asked') ask(sighting, observation.at);
    else if (observation.kind === 'claimed') claim(sighting, observation);
    else enter(sighting, observation);
  }

  /** State at `now` (epoch ms) by interface, without interfaces that have no observations. */
  of(address: string, now: number): Map<string, Seen> {
    const found = new Map<string, Seen>();
    for (const [name, sighting] of this.#byAddress.get(address) ?? []) found.set(name, see(sighting, now));
    return found;
  }

  /** Forgets interfaces that are no longer watched. */
  keepInterfaces(names: ReadonlySet<string>): void {
    for (const [address, byInterface] of this.#byAddress)
      for (const name of byInterface.keys()) if (!names.has(name)) this.#forget(address, name, byInterface);
  }

  /** Forgets other addresses. */
  keepAddresses(isOfInterest: (address: string) => boolean): void {
    for (const [address, byInterface] of this.#byAddress)
      if (!isOfInterest(address)) for (const name of byInterface.keys()) this.#forget(address, name, byInterface);
  }

  /** Every address with an observation. */
  addresses(): Iterable<string> {
    return this.#byAddress.keys();
  }

  #of(address: string, name: string): Sighting | undefined {
    let byInterface = this.#byAddress.get(address);
    let sighting = byInterface?.get(name);
    if (sighting) return sighting;
    if (this.#count >= maxSightings) return undefined;
    if (!byInterface) this.#byAddress.set(address, (byInterface = new Map()));
    sighting = {
      at: Number.NEGATIVE_INFINITY,
      askedAt: null,
      roundAt: Number.NEGATIVE_INFINITY,
      answers: [],
      before: [],
      unanswered: 0,
      announced: null,
      entry: null,
      entryFailed: false,
    };
    byInterface.set(name, sighting);
    this.#count++;
    return sighting;
  }

  #forget(address: string, name: string, byInterface: Map<string, Sighting>): void {
    byInterface.delete(name);
    this.#count--;
    if (byInterface.size === 0) this.#byAddress.delete(address);
  }
}

function ask(sighting: Sighting, at: number): void {
  if (sighting.answers.length > 0) {
    sighting.before = sighting.answers;
    sighting.unanswered = 0;
  } else if (sighting.askedAt !== null && !(sighting.announced && sighting.announced.at >= sighting.askedAt))
    sighting.unanswered++;
  sighting.answers = [];
  sighting.askedAt = at;
  sighting.roundAt = at;
}

function claim(sighting: Sighting, { mac, interface: name, via, isAnnouncement, at }: Claimed): void {
  const owner: Owner = { mac, interface: name, via, at };
  if (isAnnouncement) {
    sighting.announced = owner;
    sighting.unanswered = 0;
    return;
  }
  // an answer to another host's probe: earlier answers may be outdated
  if (at - sighting.roundAt > answerTimeoutMs) {
    if (sighting.answers.length > 0) sighting.before = sighting.answers;
    sighting.answers = [];
    sighting.roundAt = at;
  }
  sighting.announced = null;
  const known = sighting.answers.find((answer) => answer.mac === mac);
  if (known) known.at = at;
  else if (sighting.answers.length < maxOwners) sighting.answers.push(owner);
}

type Claimed = Extract<Observation, { kind: 'claimed' }>;

/** States in which the kernel uses the entry. */
const resolved: ReadonlySet<EntryState> = new Set(['reachable', 'stale', 'delay', 'probe', 'permanent', 'noarp']);
/** States that were confirmed recently. */
const confirmed: ReadonlySet<EntryState> = new Set(['reachable', 'permanent']);

function enter(sighting: Sighting, { interface: name, mac, state, at }: Extract<Observation, { kind: 'entry' }>): void {
  if (mac !== null && resolved.has(state)) {
    const isNews = confirmed.has(state) || sighting.entry?.mac !== mac;
    const seenAt = isNews ? at : sighting.entry!.at;
    sighting.entry = { mac, interface: name, via: 'neighbor-table', at: seenAt, state };
    sighting.entryFailed = false;
  } else if (state === 'failed') {
    sighting.entry = null;
    sighting.entryFailed = true;
  } else if (state === 'none') {
    // removed by garbage collection, which says nothing about the address
    sighting.entry = null;
    sighting.entryFailed = false;
  }
}

function see({ askedAt, announced, answers, before, unanswered, entry, entryFailed }: Sighting, now: number): Seen {
  const seen = (owners: readonly Owner[], isSilent = false): Seen => ({ owners, isSilent, askedAt });
  const heard = announced ? [announced] : answers;
  const heardAt = Math.max(...heard.map(({ at }) => at), Number.NEGATIVE_INFINITY);
  if (askedAt === null) {
    // without probes, the kernel's entry may be newer than received claims
    if (heard.length > 0 && (!entry || heardAt >= entry.at)) return seen(heard);
    return entry ? seen([entry]) : seen([], entryFailed && heard.length === 0);
  }
  const isOver = now - askedAt >= answerTimeoutMs;
  const inVain = unanswered + Number(isOver && answers.length === 0);
  if (inVain >= minUnansweredProbes && heardAt < askedAt) return seen([], true);
  return seen(heard.length > 0 ? heard : before);
}

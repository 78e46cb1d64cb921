/**
 * Who has answered for which address: a fold over observations, one sighting per address and interface. A question and
 * the answers to it belong together, so two stations that answer one question are told from one after the other.
 */

import type { Observation, Via } from './messages.ts';
import type { EntryState } from './netlink.ts';

/** Answers come within this time of their question, ms. */
export const answerWithinMs = 1_000;
/** Questions in a row without an answer that make silence: one packet may be lost. */
export const silentAfter = 2;
export const maxOwners = 8;
export const maxSightings = 32_768;

/** A station that has an address, as far as can be seen. */
export interface Owner {
  mac: string;
  interface: string;
  via: Via;
  /** epoch ms of the observation. */
  at: number;
}

/** What is known of an address on one interface. */
export interface Seen {
  /** More than one only when they answered the same question. */
  owners: readonly Owner[];
  /** It was asked for, often enough, and nobody answered. */
  isSilent: boolean;
  /** epoch ms of the last question on the wire; null = none. */
  askedAt: number | null;
}

interface Sighting {
  /** epoch ms of the last observation. */
  at: number;
  askedAt: number | null;
  /** When the first question or answer of the present round was seen. */
  roundAt: number;
  answers: Owner[];
  /** Of the last round that had any. */
  before: Owner[];
  /** Rounds in a row, before the present one, without an answer or announcement. */
  unanswered: number;
  /** Nothing was answered since. */
  announced: Owner | null;
  entry: (Owner & { state: EntryState }) | null;
  /** The kernel asked in vain. */
  entryFailed: boolean;
}

export class Sightings {
  /** Address → interface → sighting. */
  readonly #byAddress = new Map<string, Map<string, Sighting>>();
  #count = 0;

  /** Takes one observation in; observations of an address and interface come in the order of their times. */
  observe(observation: Observation): void {
    const sighting = this.#of(observation.address, observation.interface);
    if (!sighting) return;
    sighting.at = observation.at;
    if (observation.kind === 'asked') ask(sighting, observation.at);
    else if (observation.kind === 'claimed') claim(sighting, observation);
    else enter(sighting, observation);
  }

  /** What is known at `now` (epoch ms), by interface; nothing of interfaces where nothing was seen or asked. */
  of(address: string, now: number): Map<string, Seen> {
    const found = new Map<string, Seen>();
    for (const [name, sighting] of this.#byAddress.get(address) ?? []) found.set(name, see(sighting, now));
    return found;
  }

  /** Forgets what was seen on interfaces that are not watched any more. */
  keepInterfaces(names: ReadonlySet<string>): void {
    for (const [address, byInterface] of this.#byAddress)
      for (const name of byInterface.keys()) if (!names.has(name)) this.#forget(address, name, byInterface);
  }

  /** Forgets addresses that nobody asks about any more. */
  keepAddresses(isOfInterest: (address: string) => boolean): void {
    for (const [address, byInterface] of this.#byAddress)
      if (!isOfInterest(address)) for (const name of byInterface.keys()) this.#forget(address, name, byInterface);
  }

  /** Every address of which something is known. */
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
  // an answer to a question that somebody else put: what was answered before may not be so any more
  if (at - sighting.roundAt > answerWithinMs) {
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

/** States in which the kernel believes its entry. */
const resolved: ReadonlySet<EntryState> = new Set(['reachable', 'stale', 'delay', 'probe', 'permanent', 'noarp']);
/** States that say that it was so just now. */
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
    // collected as garbage: that says nothing of the address
    sighting.entry = null;
    sighting.entryFailed = false;
  }
}

function see({ askedAt, announced, answers, before, unanswered, entry, entryFailed }: Sighting, now: number): Seen {
  const seen = (owners: readonly Owner[], isSilent = false): Seen => ({ owners, isSilent, askedAt });
  const heard = announced ? [announced] : answers;
  const heardAt = Math.max(...heard.map(({ at }) => at), Number.NEGATIVE_INFINITY);
  if (askedAt === null) {
    // nobody asks on the wire: what the kernel found out may be newer than what was heard
    if (heard.length > 0 && (!entry || heardAt >= entry.at)) return seen(heard);
    return entry ? seen([entry]) : seen([], entryFailed && heard.length === 0);
  }
  const isOver = now - askedAt >= answerWithinMs;
  const inVain = unanswered + Number(isOver && answers.length === 0);
  if (inVain >= silentAfter && heardAt < askedAt) return seen([], true);
  return seen(heard.length > 0 ? heard : before);
}

/** All BGP sessions of the soak, in a process of their own: what they announced is the tally that the collector must match. */
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../support/wait.ts';
import { bgpPort, collectorAddress, sessionAddress, strangerAddress } from './addresses.ts';
import { serve } from './rpc.ts';
import { type Leaving, LoadSession } from './session.ts';

const tickMs = 1_000;
/** Lateness of this process, ms, with which the collector's hold timers of 3 s may run out: its loss is the machine's. */
const maxOwnLateMs = 1_500;
/** How long such lateness explains a loss, ms. */
const excusedMs = 5_000;
/** Octets in a socket above which a load waits for the collector to read. */
const maxWaiting = 4 * 2 ** 20;

/** What the collector must know once it is quiet. */
export interface Tally {
  /** Sessions that are meant to be up, and those that are. */
  wanted: number;
  established: number;
  routes: number;
  prefixes: number;
  /** Address and routes of each established session. */
  neighbors: [string, number][];
  /** Sessions that ended without the soak's doing, since the last tally. */
  lost: string[];
  /** Sessions that ended because this process got no processor for too long. */
  starved: number;
  /** How late this process was at worst since the last tally, ms. */
  lateMs: number;
}

export class Speakers {
  readonly #sessions = new Map<number, LoadSession>();
  #lost: string[] = [];
  #blameless = false;
  #due = performance.now() + tickMs;
  #lateMs = 0;
  #starved = 0;
  #starvedAt = Number.NEGATIVE_INFINITY;

  constructor() {
    setInterval(() => {
      const now = performance.now();
      const lateMs = Math.max(0, now - this.#due);
      this.#due = now + tickMs;
      this.#lateMs = Math.max(this.#lateMs, lateMs);
      if (lateMs > maxOwnLateMs) this.#starvedAt = now;
      // what came meanwhile is read before the hold timers are looked at
      setImmediate(() => {
        for (const session of this.#sessions.values()) session.tick(performance.now(), lateMs);
      });
    }, tickMs);
  }

  /** While true, sessions may end without being called lost: the soak is about to stop the collector. */
  blameless(on: boolean): void {
    this.#blameless = on;
  }

  /** Opens the sessions and waits until all of them are up. */
  async open(indexes: number[], timeout = 60_000): Promise<void> {
    for (const index of indexes) this.#session(index).open();
    await this.settled(timeout);
  }

  /** Waits until every wanted session is up and its octets have gone out. */
  async settled(timeout = 60_000): Promise<void> {
    const late = (): LoadSession[] =>
      [...this.#sessions.values()].filter(
        ({ wanted, established, waiting }) => wanted && !(established && waiting === 0),
      );
    await until('all sessions are up', () => late().length === 0, {
      timeout,
      context: () =>
        late()
          .slice(0, 5)
          .map(({ address, established, waiting }) => `${address}: ${established ? `${waiting} octets wait` : 'down'}`)
          .join(', '),
    });
  }

  close(indexes: number[], how: Leaving): void {
    for (const index of indexes) this.#session(index).close(how);
  }

  flap(indexes: number[], how: Leaving): void {
    for (const index of indexes) this.#session(index).flap(how);
  }

  /** `count` routes from `first` on, of each session. Waits while the collector does not read. */
  async announce(indexes: number[], first: number, count: number, med = 0): Promise<void> {
    for (const index of indexes) {
      this.#session(index).announce(range(first, count), med);
      await this.#room(index);
    }
  }

  /** As `announce`, with a MED for each route: `med` and those above it. */
  async announceEach(index: number, first: number, count: number, med: number): Promise<void> {
    for (let i = 0; i < count; i++) this.#session(index).announce([first + i], med + i);
    await this.#room(index);
  }

  async withdraw(indexes: number[], first: number, count: number): Promise<void> {
    for (const index of indexes) {
      this.#session(index).withdraw(range(first, count));
      await this.#room(index);
    }
  }

  async announceLarge(index: number, first: number, count: number, size: number): Promise<void> {
    for (const key of range(first, count)) {
      this.#session(index).announceLarge(key, size);
      await this.#room(index);
    }
  }

  announceMalformed(index: number, first: number, count: number): void {
    this.#session(index).announceMalformed(range(first, count));
  }

  /** Octets as they are, `times` over: ROUTE-REFRESHes, unknown types of attributes, garbage. */
  async send(index: number, octets: Uint8Array, times = 1): Promise<void> {
    for (let i = 0; i < times; i++) this.#session(index).send(octets);
    await this.#room(index);
  }

  /** Connects from the address of session `index`, sends `octets`, waits for the end. @returns what came back. */
  hostile(index: number, octets: Uint8Array, patience = 12_000): Promise<Uint8Array | null> {
    return dial(sessionAddress(index), octets, patience);
  }

  /** `count` connections from addresses that are not configured. @returns how many the collector has ended by itself. */
  async strangers(count: number, octets: Uint8Array, patience = 12_000): Promise<number> {
    const outcomes: (Uint8Array | null)[] = [];
    // some at a time: both ends have a bound on descriptors
    for (let at = 0; at < count; at += 64) {
      const some = Array.from({ length: Math.min(64, count - at) }, (_, i) => strangerAddress(at + i + 1));
      outcomes.push(...(await Promise.all(some.map((address) => dial(address, octets, patience)))));
    }
    return outcomes.filter((outcome) => outcome !== null).length;
  }

  /** Every session up to `count` is up with routes `first` to `first + routes` alone; the others are closed. */
  async reset(count: number, first: number, routes: number): Promise<void> {
    const wanted = range(first, routes);
    for (const session of this.#sessions.values()) {
      if (session.index < count) session.open();
      else session.close('fin');
      const surplus = [...session.routes.keys()].filter((key) => key < first || key >= first + routes);
      const missing = session.index < count ? wanted.filter((key) => session.routes.get(key) !== 0) : [];
      if (surplus.length > 0) session.withdraw(surplus);
      if (missing.length > 0) session.announce(missing);
      await this.#room(session.index);
    }
  }

  tally(): Tally {
    const up = [...this.#sessions.values()].filter(({ established }) => established);
    const prefixes = new Set<number>();
    for (const { routes } of up) for (const key of routes.keys()) prefixes.add(key);
    const tally: Tally = {
      wanted: [...this.#sessions.values()].filter(({ wanted }) => wanted).length,
      established: up.length,
      routes: up.reduce((sum, { routes }) => sum + routes.size, 0),
      prefixes: prefixes.size,
      neighbors: up.map(({ address, routes }) => [address, routes.size]),
      lost: this.#lost,
      starved: this.#starved,
      lateMs: this.#lateMs,
    };
    this.#lost = [];
    this.#starved = 0;
    this.#lateMs = 0;
    return tally;
  }

  #session(index: number): LoadSession {
    const known = this.#sessions.get(index);
    if (known) return known;
    const session = new LoadSession(index, (text) => {
      const now = performance.now();
      if (this.#blameless) return;
      if (now - this.#due > maxOwnLateMs || now - this.#starvedAt < excusedMs) this.#starved++;
      else this.#lost.push(`${new Date().toISOString()} ${text}`);
    });
    this.#sessions.set(index, session);
    return session;
  }

  /** Resolves when little waits for the collector, or after 20 s. */
  async #room(index: number): Promise<void> {
    await delay(0);
    for (let i = 0; i < 400 && this.#session(index).waiting > maxWaiting; i++) await delay(50);
  }
}

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** What came until the other side closed; null when it did not within `patience` ms. */
function dial(localAddress: string, octets: Uint8Array, patience: number): Promise<Uint8Array | null> {
  const socket = net.connect({ host: collectorAddress, port: bgpPort, localAddress });
  const received: Uint8Array[] = [];
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(null);
      socket.destroy();
    }, patience);
    socket.on('connect', () => socket.write(octets));
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(received));
    });
  });
}

serve(new Speakers());

/** What the thread that watches the segments is told, and what it says: plain data. */
import type { EntryState } from './netlink.ts';

/** How an observation was made. */
export type Via = 'neighbor-table' | 'arp' | 'ndp';

export type Listens = 'arp-and-ndp' | 'neighbor-table' | 'nothing';

/** One interface of this host with a hardware address. */
export interface HostInterface {
  name: string;
  mac: string;
  /** Our own on it, canonical, sorted. */
  addresses: string[];
  /** On-link prefixes, canonical; link-local ones are left out. */
  subnets: string[];
}

/** What is heard on an interface that is watched. */
export interface Hearing {
  name: string;
  listens: Listens;
  /** One sentence: why no more than that. */
  text: string;
}

/** Where to ask for which address. */
export interface Probe {
  interface: string;
  address: string;
}

export type WatchCommand =
  | {
      kind: 'watch';
      /** Names. */
      interfaces: string[];
      questions: Probe[];
      /** ms between two questions for the same address; null = never ask. */
      everyMs: number | null;
    }
  | { kind: 'stop' };

/** One thing seen, `at` epoch ms. */
export type Observation =
  /** The question was put to everybody on the segment. */
  | { kind: 'asked'; interface: string; address: string; at: number }
  /** A packet said that this station has the address. */
  | {
      kind: 'claimed';
      interface: string;
      address: string;
      mac: string;
      via: 'arp' | 'ndp';
      isAnnouncement: boolean;
      at: number;
    }
  /** The kernel's neighbour table has this now. */
  | { kind: 'entry'; interface: string; address: string; mac: string | null; state: EntryState; at: number };

export type WatchMessage =
  /** The host's interfaces, when they changed. */
  | { kind: 'interfaces'; interfaces: HostInterface[] }
  /** The watched ones, when something about them changed. */
  | { kind: 'hearing'; hearing: Hearing[] }
  /** In the order in which things happened. */
  | { kind: 'observed'; observations: Observation[] }
  /** The thread is gone; it is started again. */
  | { kind: 'failed'; text: string };

/** How many addresses are asked for in a second, and how many at all. */
export const maxQuestionsPerSecond = 200;
export const maxQuestions = 8192;

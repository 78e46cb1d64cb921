/** Commands to the layer-2 thread and its messages, as plain data. */
import type { EntryState } from './netlink.ts';

/** How an observation was made. */
export type Via = 'neighbor-table' | 'arp' | 'ndp';

export type Listens = 'arp-and-ndp' | 'neighbor-table' | 'nothing';

/** One interface of this host with a hardware address. */
export interface HostInterface {
  name: string;
  mac: string;
  /** This host's addresses on it, canonical, sorted. */
  addresses: string[];
  /** On-link prefixes, canonical, without link-local ones. */
  subnets: string[];
}

/** What the thread can receive on a watched interface. */
export interface Hearing {
  name: string;
  listens: Listens;
  /** One sentence: what is received, and why not more. */
  text: string;
}

/** An address to probe, and the interface. */
export interface Probe {
  interface: string;
  address: string;
}

export type WatchCommand =
  | {
      kind: 'watch';
      interfaces: string[];
      probes: Probe[];
      /** Interval between probes of one address, ms; null: never probe. */
      intervalMs: number | null;
    }
  | { kind: 'stop' };

/** One observation; `at` is epoch ms. */
export type Observation =
  /** A probe was sent to the segment. */
  | { kind: 'asked'; interface: string; address: string; at: number }
  /** A packet claimed the address for this station. */
  | {
      kind: 'claimed';
      interface: string;
      address: string;
      mac: string;
      via: 'arp' | 'ndp';
      isAnnouncement: boolean;
      at: number;
    }
  /** An entry of the kernel's neighbor table changed. */
  | { kind: 'entry'; interface: string; address: string; mac: string | null; state: EntryState; at: number };

export type WatchMessage =
  /** The host's interfaces, after a change. */
  | { kind: 'interfaces'; interfaces: HostInterface[] }
  /** The watched interfaces, after a change. */
  | { kind: 'hearing'; hearing: Hearing[] }
  /** In order of time. */
  | { kind: 'observed'; observations: Observation[] }
  /** The thread died and is being restarted. */
  | { kind: 'failed'; text: string };

/** Probes per second, and probed addresses in total. */
export const maxProbesPerSecond = 200;
export const maxProbes = 8192;

/** Changes of the kernel's neighbor table: over rtnetlink, or from `ip -j neigh` without it. */
import { execFile } from 'node:child_process';
import { endianness } from 'node:os';
import { type Libc, SystemCallError } from '../libc.ts';
import { type NamedEntry, parseIpNeigh } from './ip-neigh.ts';
import { decodeNeighborMessages, encodeNeighborDump, type NeighborEntry } from './netlink.ts';

const little = endianness() === 'LE';
const netlinkDomain = 16;
const raw = 3;
/** RTMGRP_NEIGH, <linux/rtnetlink.h>. */
const neighborGroup = 4;
const socketAddressLength = 12;
const bufferBytes = 256 * 1024;
/** Datagrams read per poll. */
const maxDatagrams = 200;
/** Interval between two runs of `ip`, maximum time of a run (both ms), and maximum output (octets). */
const commandEveryMs = 2_000;
const commandTimeoutMs = 5_000;
const maxOutputBytes = 16 * 1024 * 1024;

export interface NeighborTable {
  /** Passes on the entries that changed since the last call; after `refresh`, all entries. */
  poll(onEntry: (entry: NeighborEntry | NamedEntry) => void): void;
  /** Requests the whole table again. */
  refresh(): void;
  /** Why the table cannot be read; null: it can. */
  readonly problem: string | null;
  close(): void;
}

/** Opens the table over netlink if libc is available. Needs no privilege. */
export function openNeighborTable(libc: Libc | null): NeighborTable {
  if (!libc) return new CommandTable();
  try {
    return new NetlinkTable(libc);
  } catch (error) {
    if (error instanceof SystemCallError) return new CommandTable();
    throw error;
  }
}

class NetlinkTable implements NeighborTable {
  readonly problem = null;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(bufferBytes);
  readonly #from = new Uint8Array(socketAddressLength);
  #sequence = 0;
  #isDumping = false;
  /** Request another dump when the current one ends. */
  #again = false;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = libc.socket(netlinkDomain, raw, 0);
    libc.bind(this.#fd, netlinkAddress(neighborGroup));
    this.refresh();
  }

  refresh(): void {
    if (this.#isDumping) {
      this.#again = true;
      return;
    }
    this.#libc.sendTo(this.#fd, encodeNeighborDump(++this.#sequence), netlinkAddress(0));
    this.#isDumping = true;
    this.#again = false;
  }

  poll(onEntry: (entry: NeighborEntry) => void): void {
    for (let i = 0; i < maxDatagrams; i++) {
      const length = this.#receive();
      if (length === undefined) break;
      const { entries, done, again, error } = decodeNeighborMessages(this.#buffer.subarray(0, length));
      for (const entry of entries) onEntry(entry);
      if (done || error) this.#isDumping = false;
      if (again) this.#again = true;
    }
    if (this.#again && !this.#isDumping) this.refresh();
  }

  close(): void {
    this.#libc.close(this.#fd);
  }

  #receive(): number | undefined {
    try {
      return this.#libc.receive(this.#fd, this.#buffer, this.#from);
    } catch (error) {
      // changes were lost: request the whole table
      if (!(error instanceof SystemCallError) || error.code !== 'ENOBUFS') throw error;
      this.#isDumping = false;
      this.#again = true;
      return undefined;
    }
  }
}

/** `struct sockaddr_nl`. */
function netlinkAddress(groups: number): Uint8Array {
  const address = new Uint8Array(socketAddressLength);
  const view = new DataView(address.buffer);
  view.setUint16(0, netlinkDomain, little);
  view.setUint32(8, groups, little);
  return address;
}

/** Compares each output of `ip` with the one before. */
export class CommandTable implements NeighborTable {
  problem: string | null = null;
  #known = new Map<string, NamedEntry>();
  #changed: NamedEntry[] = [];
  readonly #timer: NodeJS.Timeout;
  #isRunning = false;

  constructor() {
    this.#timer = setInterval(() => this.#run(), commandEveryMs);
    this.#run();
  }

  poll(onEntry: (entry: NamedEntry) => void): void {
    for (const entry of this.#changed.splice(0)) onEntry(entry);
  }

  refresh(): void {
    this.#changed = [...this.#known.values()];
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const options = { timeout: commandTimeoutMs, maxBuffer: maxOutputBytes };
    execFile('ip', ['-j', 'neigh', 'show'], options, (error, stdout) => {
      this.#isRunning = false;
      try {
        if (error) throw error;
        this.#take(parseIpNeigh(stdout));
        this.problem = null;
      } catch (failure) {
        this.problem = `ip -j neigh: ${(failure as Error).message}`;
      }
    });
  }

  #take(entries: NamedEntry[]): void {
    const now = new Map(entries.map((entry) => [`${entry.interface} ${entry.address}`, entry]));
    for (const [key, entry] of now) {
      const before = this.#known.get(key);
      if (before?.mac !== entry.mac || before.state !== entry.state) this.#changed.push(entry);
    }
    for (const [key, entry] of this.#known)
      if (!now.has(key)) this.#changed.push({ ...entry, mac: null, state: 'none' });
    this.#known = now;
  }
}

/**
 * Watches the configured segments: opens sockets on each interface as far as permitted, listens, probes, and posts its
 * observations. It makes no decisions. Interfaces may come and go.
 */
import dgram from 'node:dgram';
import { steadyNow } from '../clock.ts';
import { hostInterfaces } from '../interfaces.ts';
import { canonicalAddress, canonicalPrefix, parseAddress } from '../ip.ts';
import { type Libc, SystemCallError } from '../libc.ts';
import { parseMac } from './mac.ts';
import type { Hearing, HostInterface, Observation, WatchCommand, WatchMessage } from './messages.ts';
import { type NeighborTable, openNeighborTable } from './neighbor-table.ts';
import { Schedule } from './schedule.ts';
import { Segment } from './segment.ts';

/** Intervals between two polls of the sockets, and of the interfaces, ms. */
const pollMs = 100;
const interfacesMs = 1_000;
/** Interfaces that are listened on; the status names the first one beyond. */
export const maxInterfaces = 256;
/** RFC 863 discards what it receives; to send a datagram there, the kernel resolves the address. */
const discardPort = 9;

/** The current state of a watched interface. */
interface Watched {
  hearing: Hearing;
  /** Undefined: only the neighbor table is available. */
  segment: Segment | undefined;
  index: number | undefined;
  mac: string;
  /** Its own addresses, to notice changes. */
  addresses: string;
}

export class L2Listener {
  readonly #libc: Libc | null;
  readonly #post: (message: WatchMessage) => void;
  readonly #table: NeighborTable;
  readonly #schedule = new Schedule();
  readonly #timers: NodeJS.Timeout[];
  readonly #udp: Partial<Record<4 | 6, dgram.Socket>> = {};
  #names: readonly string[] = [];
  #asks = false;
  #watched = new Map<string, Watched>();
  #observations: Observation[] = [];
  #saidInterfaces = '';
  #saidHearing = '[]';

  constructor(libc: Libc | null, post: (message: WatchMessage) => void) {
    this.#libc = libc;
    this.#post = post;
    this.#table = openNeighborTable(libc);
    this.#timers = [setInterval(() => this.#poll(), pollMs), setInterval(() => this.#lookAround(), interfacesMs)];
    this.#lookAround();
  }

  command(command: WatchCommand): void {
    if (command.kind === 'stop') {
      this.#stop();
      return;
    }
    this.#names = command.interfaces;
    this.#asks = command.intervalMs !== null;
    this.#schedule.set(command.probes, command.intervalMs);
    this.#lookAround();
  }

  #stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const { segment } of this.#watched.values()) segment?.close();
    for (const socket of Object.values(this.#udp)) socket.close();
    this.#table.close();
  }

  /** Opens new interfaces, closes removed ones, and reports both. */
  #lookAround(): void {
    const { used: host, leftOut } = usableInterfaces();
    const said = JSON.stringify(host.map(({ source6: _, ...one }) => one));
    if (said !== this.#saidInterfaces) {
      this.#saidInterfaces = said;
      this.#post({ kind: 'interfaces', interfaces: JSON.parse(said) as HostInterface[] });
    }
    const byName = new Map(host.map((one) => [one.name, one]));
    const next = new Map<string, Watched>();
    for (const name of this.#names) next.set(name, this.#watch(name, byName.get(name)));
    for (const [name, { segment }] of this.#watched) if (next.get(name)?.segment !== segment) segment?.close();
    const isNew = Array.from(next).some(([name, { index }]) => {
      const before = this.#watched.get(name);
      return before === undefined || before.index !== index;
    });
    this.#watched = next;
    if (isNew) this.#table.refresh();
    const hearing = [...Array.from(next.values(), (watched) => watched.hearing), ...leftOut];
    const text = JSON.stringify(hearing);
    if (text === this.#saidHearing) return;
    this.#saidHearing = text;
    this.#post({ kind: 'hearing', hearing });
  }

  #watch(name: string, found: FoundInterface | undefined): Watched {
    const nothing = (text: string): Watched => ({
      hearing: { name, listens: 'nothing', text },
      segment: undefined,
      index: undefined,
      mac: '',
      addresses: '',
    });
    if (!found)
      return nothing(
        `Interface ${name} is missing or down, has no address or no hardware address, or is beyond the first ${maxInterfaces} interfaces.`,
      );
    const before = this.#watched.get(name);
    const index = this.#libc?.interfaceIndex(name);
    const addresses = found.addresses.join();
    const isSame = before?.index === index && before?.mac === found.mac && before.addresses === addresses;
    const { segment, problem } =
      isSame && before.segment ? { segment: before.segment, problem: '' } : this.#openSegment(found, index);
    if (!segment && this.#table.problem)
      return nothing(`${problem} Cannot read the kernel's neighbor table: ${this.#table.problem}.`);
    const asked = this.#asks ? ' and probes' : '; l2.probe is off';
    const noIpv6 = found.source6 || !this.#asks ? '' : ' It has no IPv6 address, so it does not probe IPv6.';
    const hearing: Hearing = segment
      ? { name, listens: 'arp-and-ndp', text: `Listens to ARP and Neighbor Discovery${asked}.${noIpv6}` }
      : {
          name,
          listens: 'neighbor-table',
          text: `${problem} Reads only the kernel's neighbor table: it cannot tell two owners from one that moves, and shows a silent move late.`,
        };
    return { hearing, segment, index, mac: found.mac, addresses };
  }

  #openSegment(found: FoundInterface, index: number | undefined): { segment: Segment | undefined; problem: string } {
    if (!this.#libc || index === undefined)
      return { segment: undefined, problem: 'This system does not support packet sockets.' };
    try {
      const source6 = found.source6 === undefined ? undefined : parseAddress(found.source6);
      return { segment: new Segment({ libc: this.#libc, index, mac: parseMac(found.mac)!, source6 }), problem: '' };
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      const problem =
        error.code === 'EPERM'
          ? 'CAP_NET_RAW is missing, so Peerglass cannot receive or send ARP and Neighbor Discovery.'
          : `Cannot receive ARP and Neighbor Discovery (${error.message}).`;
      return { segment: undefined, problem };
    }
  }

  #poll(): void {
    const at = steadyNow();
    for (const [name, watched] of this.#watched)
      this.#guard(name, watched, (segment) =>
        segment.poll(({ address, mac, isAnnouncement }, via) =>
          this.#observations.push({ kind: 'claimed', interface: name, address, mac, via, isAnnouncement, at }),
        ),
      );
    const names = new Map(Array.from(this.#watched, ([name, { index }]) => [index, name]));
    this.#table.poll((entry) => {
      const name = typeof entry.interface === 'string' ? entry.interface : names.get(entry.interface);
      if (name === undefined || !this.#watched.has(name)) return;
      const { address, mac, state } = entry;
      this.#observations.push({ kind: 'entry', interface: name, address, mac, state, at });
    });
    // post claims before probes, so that no answer is older than its probe
    for (const { interface: name, address } of this.#schedule.take(performance.now())) this.#ask(name, address, at);
    if (this.#observations.length === 0) return;
    this.#post({ kind: 'observed', observations: this.#observations });
    this.#observations = [];
  }

  #ask(name: string, address: string, at: number): void {
    const watched = this.#watched.get(name);
    if (!watched || watched.hearing.listens === 'nothing') return;
    if (!watched.segment) {
      this.#nudge(address);
      return;
    }
    this.#guard(name, watched, (segment) => {
      if (segment.ask(address)) this.#observations.push({ kind: 'asked', interface: name, address, at });
    });
  }

  /** Closes a segment whose interface was removed; the next look around reports it. */
  #guard(name: string, watched: Watched, work: (segment: Segment) => void): void {
    if (!watched.segment) return;
    try {
      work(watched.segment);
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      watched.segment.close();
      this.#watched.set(name, { ...watched, segment: undefined, index: undefined });
    }
  }

  /** Makes the kernel resolve the address, with an empty datagram to it. */
  #nudge(address: string): void {
    const family = address.includes(':') ? 6 : 4;
    let socket = this.#udp[family];
    if (!socket) {
      socket = dgram.createSocket(`udp${family}`);
      // ignore ICMP errors
      socket.on('error', () => {});
      socket.unref();
      this.#udp[family] = socket;
    }
    socket.send('', discardPort, address, () => {});
  }
}

interface FoundInterface extends HostInterface {
  /** Source address of probes, link-local if possible. */
  source6: string | undefined;
}

/**
 * Interfaces that are up and have both a hardware address and an address; at most `maxInterfaces`. `leftOut`: the first
 * one beyond, with the reason.
 */
export function usableInterfaces(interfaces = hostInterfaces()): { used: FoundInterface[]; leftOut: Hearing[] } {
  const all = Object.entries(interfaces).flatMap(([name, addresses = []]) => {
    const [first] = addresses;
    if (!first || first.internal || /^[0:]+$/.test(first.mac)) return [];
    const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address);
    const own6 = addresses.filter(({ family }) => family === 'IPv6').map(({ address }) => address);
    const onLink = addresses.filter(({ address }) => !isLinkLocal(address));
    return [
      {
        name,
        mac: first.mac,
        addresses: addresses.flatMap(({ address }) => canonicalAddress(address) ?? []).sort(),
        subnets: [
          ...new Set(onLink.flatMap(({ cidr }) => (cidr === null ? [] : (canonicalPrefix(cidr) ?? [])))),
        ].sort(),
        source6: own6.find(isLinkLocal) ?? own6[0],
      },
    ];
  });
  const count = all.length - maxInterfaces;
  const text = `The host has more than ${maxInterfaces} usable interfaces. Peerglass does not listen on ${count} of them: this one and those after it.`;
  const leftOut = all.slice(maxInterfaces, maxInterfaces + 1);
  return {
    used: all.slice(0, maxInterfaces),
    leftOut: leftOut.map(({ name }) => ({ name, listens: 'nothing', text })),
  };
}

/**
 * An Ethernet segment in the test's own network: a bridge, an interface of this host on it, and stations in network
 * namespaces of their own, which end with their processes.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ResponderCommand } from './l2-responder.ts';
import { ownNetwork } from './netns.ts';

const responder = join(import.meta.dirname, 'l2-responder.ts');

/** This host's interface on the segment. */
export const ownInterface = 'tor0';
const own = { mac: '02:00:00:00:00:01', addresses: ['192.0.2.1/24', '2001:db8::1/64'] };

function run(...command: string[]): string {
  return execFileSync(command[0]!, command.slice(1), { encoding: 'utf8', timeout: 10_000 });
}
const ip = (...words: string[]): string => run('ip', ...words);

/** Leaves the host's network, and makes a segment with our interface on it. */
export function openSegment(): void {
  ownNetwork();
  // snooping would want to see who joins a group before it passes anything on to it
  ip('link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0');
  ip('link', 'set', 'br0', 'up');
  plugIn();
}

/** Makes our interface, as it is before `unplug` and after. */
export function plugIn(): void {
  ip('link', 'add', ownInterface, 'address', own.mac, 'type', 'veth', 'peer', 'name', 'tor0-br');
  ip('link', 'set', 'tor0-br', 'master', 'br0', 'up');
  ip('link', 'set', ownInterface, 'up');
  for (const address of own.addresses)
    ip('address', 'add', address, 'dev', ownInterface, ...(address.includes(':') ? ['nodad'] : []));
}

export const unplug = (): string => ip('link', 'delete', ownInterface);

export class Station {
  readonly mac: string;
  readonly #child: ReturnType<typeof spawnResponder>;
  readonly #inside: string[];

  private constructor(mac: string, child: ReturnType<typeof spawnResponder>) {
    this.mac = mac;
    this.#child = child;
    this.#inside = ['nsenter', '--target', String(child.pid), '--net'];
  }

  /** A station with `number` as the last octet of its hardware address, and addresses with their prefix lengths. */
  static async open(number: number, addresses: string[]): Promise<Station> {
    const mac = `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`;
    const child = spawnResponder();
    const station = new Station(mac, child);
    const [name, bridged] = [`n${number}`, `n${number}-br`];
    const before = run('readlink', '/proc/self/ns/net');
    // `unshare` enters its namespace a moment after it was started
    while (run('readlink', `/proc/${child.pid}/ns/net`) === before)
      await new Promise((resolve) => setImmediate(resolve));
    ip('link', 'add', name, 'address', mac, 'type', 'veth', 'peer', 'name', bridged);
    ip('link', 'set', bridged, 'master', 'br0', 'up');
    ip('link', 'set', name, 'netns', String(child.pid));
    station.ip('link', 'set', name, 'name', 'eth0', 'up');
    for (const address of addresses) station.address('add', address);
    return station;
  }

  /** `ip` in its namespace. */
  ip(...words: string[]): void {
    run(...this.#inside, 'ip', ...words);
  }

  /** An address that its kernel answers for. */
  address(action: 'add' | 'delete', address: string): void {
    const nodad = action === 'add' && address.includes(':') ? ['nodad'] : [];
    this.ip('address', action, address, 'dev', 'eth0', ...nodad);
  }

  /** Gratuitous ARP by iputils. */
  arping(address: string): void {
    run(...this.#inside, 'arping', '-A', '-c', '1', '-I', 'eth0', address);
  }

  /** From now on it answers for these addresses and no others, as MetalLB's speaker does. */
  async answer(addresses: string[], { announce = false } = {}): Promise<void> {
    const command: ResponderCommand = { answer: addresses, announce, mac: this.mac };
    const done = once(this.#child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    await done;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

function spawnResponder() {
  const command = ['--pdeathsig', 'KILL', 'unshare', '--net', process.execPath, responder];
  return spawn('setpriv', command, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/**
 * Listening sockets with what BGP wants before the first SYN: TTL 255 (RFC 5082 §3: harmless to everybody else), TCP
 * MD5 keys (RFC 2385) and a filter for neighbors with TTL security. They are made and bound through libc, then
 * handed over by `server.listen({ fd })`; accepted sockets inherit everything.
 */
import net from 'node:net';
import { type Family, formatAddress, type Prefix, parseAddress } from '../ip.ts';
import { gtsmFilter, type TtlRule } from './gtsm.ts';
import { addressFamily, type Libc, libc, Option, SystemCallError } from './libc.ts';

/** Connections that the kernel completes ahead of us: a rack's worth of speakers after a power cut. */
const backlog = 4096;

/** Octets of a key that the kernel takes (TCP_MD5SIG_MAXKEYLEN). */
export const maxPasswordLength = 80;

/** A password for all addresses of a range; the kernel takes the key of the longest range that matches. */
export interface TcpKey {
  range: Prefix;
  password: string;
}

/** What a listening socket can enforce by itself. */
export interface Protection {
  md5: boolean;
  gtsm: boolean;
}

export interface Listener {
  /** `address:port` as bound (port 0 resolved), IPv6 in brackets. */
  readonly address: string;
  readonly family: Family;
  /**
   * Replaces keys and TTL rules of its family; sessions that are up keep what they have. Returns the ranges (as given)
   * that could not be protected, with the reason.
   */
  protect(keys: TcpKey[], ttls: TtlRule[]): { range: Prefix; text: string }[];
  close(): void;
}

/** `address:port` with IPv6 in brackets → its parts; undefined when it is none. */
export function parseListen(text: string): { host: string; port: number; family: Family } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const bytes = host === undefined ? undefined : parseAddress(host);
  const port = Number(match?.[3]);
  if (!host || !bytes || port > 65535) return undefined;
  const family = bytes.length === 4 ? 4 : 6;
  // brackets are what tells the two apart: [1.2.3.4]:179 and ::1:179 are both mistakes
  if ((family === 6) !== text.startsWith('[')) return undefined;
  return { host, port, family };
}

/** A host without IPv6 answers so to an IPv6 address. */
const familyAbsent = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

/**
 * Opens one listener per address. An IPv6 address that this host does not have is skipped as long as another one
 * opens; any other failure closes them all again and rejects.
 */
export async function openListeners(
  addresses: string[],
  onConnection: (socket: net.Socket) => void,
): Promise<{ listeners: Listener[]; skipped: string[] }> {
  const opened = await Promise.allSettled(addresses.map((address) => openListener(address, onConnection)));
  const listeners = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const skipped: string[] = [];
  const failed: string[] = [];
  for (const [i, result] of opened.entries()) {
    if (result.status === 'fulfilled') continue;
    const error = result.reason as NodeJS.ErrnoException;
    const absent = listeners.length > 0 && addresses[i]!.startsWith('[') && familyAbsent.includes(error.code ?? '');
    (absent ? skipped : failed).push(`cannot listen on ${addresses[i]}: ${error.message}`);
  }
  if (failed.length === 0) return { listeners, skipped };
  for (const listener of listeners) listener.close();
  throw new Error(failed.join('; '));
}

/**
 * Opens a listener; rejects with EADDRINUSE, EACCES … Sockets are handed out paused. `system` is null where libc
 * cannot be called.
 */
export async function openListener(
  text: string,
  onConnection: (socket: net.Socket) => void,
  system: Libc | null = libc,
): Promise<Listener> {
  const where = parseListen(text);
  if (!where) throw new Error(`not an address and port: ${text}`);
  const server = net.createServer({ noDelay: true, pauseOnConnect: true }, onConnection);
  const fd = system ? bound(system, where) : undefined;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      // accept(2) failing for want of descriptors is no reason to lose the sessions there are
      server.on('error', () => {});
      resolve();
    });
    if (fd === undefined) server.listen({ host: where.host, port: where.port, ipv6Only: where.family === 6, backlog });
    else server.listen({ fd }, backlog);
  });
  const { address, port } = server.address() as net.AddressInfo;
  let held = new Map<string, TcpKey>();
  return {
    address: where.family === 6 ? `[${address}]:${port}` : `${address}:${port}`,
    family: where.family,
    protect(keys, ttls) {
      const mine = keys.filter(({ range }) => range.family === where.family);
      const rules = ttls.filter(({ range }) => range.family === where.family);
      if (fd === undefined || !system) {
        const text = 'sockets here have no TCP MD5 and no TTL security';
        const wanted = [...mine, ...rules.filter((rule) => rule.least !== undefined)];
        return wanted.map(({ range }) => ({ range, text }));
      }
      const failed: { range: Prefix; text: string }[] = [];
      held = setKeys(system, fd, held, mine, failed);
      setFilter(system, fd, where.family, rules, failed);
      return failed;
    },
    close: () => void server.close(),
  };
}

/** socket(2), options, bind(2); listen(2) is libuv's. */
function bound(system: Libc, { host, port, family }: { host: string; port: number; family: Family }): number {
  const fd = system.tcpSocket(family);
  try {
    system.setOption(fd, Option.reuseAddress, 1);
    // one socket per family: the kernel wants a key in its socket's own family
    if (family === 6) system.setOption(fd, Option.v6Only, 1);
    system.setOption(fd, family === 4 ? Option.ttl : Option.unicastHops, 255);
    system.bind(fd, sockaddr(family, parseAddress(host)!, port));
    return fd;
  } catch (error) {
    system.close(fd);
    throw error;
  }
}

/** Makes the keys of the socket those of `wanted`; returns what it holds now. */
function setKeys(
  system: Libc,
  fd: number,
  held: Map<string, TcpKey>,
  wanted: TcpKey[],
  failed: { range: Prefix; text: string }[],
): Map<string, TcpKey> {
  const now = new Map<string, TcpKey>();
  const named = new Map(wanted.map((key) => [`${formatAddress(key.range.bytes)}/${key.range.length}`, key]));
  for (const [name, key] of held) if (!named.has(name)) setKey(system, fd, { ...key, password: '' });
  for (const [name, key] of named) {
    try {
      if (Buffer.byteLength(key.password) > maxPasswordLength)
        throw new Error(`a TCP MD5 password has at most ${maxPasswordLength} octets`);
      if (held.get(name)?.password !== key.password) setKey(system, fd, key);
      now.set(name, key);
    } catch (error) {
      failed.push({ range: key.range, text: (error as Error).message });
    }
  }
  return now;
}

/**
 * struct tcp_md5sig of <linux/tcp.h>; an empty password deletes.
 *
 *     sockaddr_storage[128] | flags u8 | prefixlen u8 | keylen u16 | ifindex i32 | key[80]
 */
function setKey(system: Libc, fd: number, { range, password }: TcpKey): void {
  const bytes = Buffer.alloc(216);
  const host = range.length === range.bytes.length * 8;
  bytes.set(sockaddr(range.family, range.bytes, 0));
  if (!host) {
    bytes[128] = 1; // TCP_MD5SIG_FLAG_PREFIX
    bytes[129] = range.length;
  }
  const key = Buffer.from(password);
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(130, key.length, true);
  bytes.set(key, 136);
  try {
    system.setOption(fd, host ? Option.tcpMd5 : Option.tcpMd5Ext, bytes);
  } catch (error) {
    // deleting what is not there is what was wanted
    if (!(password === '' && error instanceof SystemCallError && error.code === 'ENOENT')) throw error;
  }
}

function setFilter(
  system: Libc,
  fd: number,
  family: Family,
  rules: TtlRule[],
  failed: { range: Prefix; text: string }[],
): void {
  try {
    const program = gtsmFilter(family, rules);
    if (program) system.setFilter(fd, program);
    else system.setOption(fd, Option.detachFilter, 0);
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'ENOENT') return;
    for (const { range, least } of rules)
      if (least !== undefined) failed.push({ range, text: (error as Error).message });
  }
}

/** struct sockaddr_in or sockaddr_in6; host order is little-endian wherever Node runs. */
function sockaddr(family: Family, address: Uint8Array, port: number): Uint8Array {
  const bytes = new Uint8Array(family === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, addressFamily[family], true);
  view.setUint16(2, port);
  bytes.set(address, family === 4 ? 4 : 8);
  return bytes;
}

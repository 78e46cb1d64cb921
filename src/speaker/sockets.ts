/**
 * Listening sockets with the options that BGP needs before the first SYN: TTL 255 (RFC 5082 §3, harmless without GTSM),
 * TCP MD5 keys (RFC 2385) and a filter for neighbors with TTL security. libc opens and binds them, then Node takes them
 * over with `server.listen({ fd })`. Accepted sockets inherit the options.
 */
import net from 'node:net';
import { type Family, formatAddress, type Prefix, parseAddress } from '../ip.ts';
import { gtsmFilter, type TtlRule } from './gtsm.ts';
import { addressFamily, SystemCallError, socketOptions, type TcpLibc, tcpLibc } from './libc.ts';

/** Connections that the kernel completes before we accept them: a rack of speakers after a power cut. */
const backlog = 4096;

/** Maximum length of a key in the kernel, octets (TCP_MD5SIG_MAXKEYLEN). */
export const maxPasswordLength = 80;

/** The password of a range. The kernel uses the key of the longest matching range. */
export interface TcpKey {
  range: Prefix;
  password: string;
}

export interface Listener {
  readonly family: Family;
  /**
   * Replaces the keys and TTL rules of the listener's family; existing sessions keep theirs. Returns the ranges that
   * cannot be protected, with the reason.
   */
  protect(keys: TcpKey[], ttls: TtlRule[]): Unprotected[];
  /**
   * Starts to accept connections, paused. `onRefused` is called for each connection that found no free descriptor.
   * Resolves to the bound `address:port`, with port 0 resolved, IPv6 in brackets; rejects with EADDRINUSE, EACCES …
   */
  listen(onConnection: (socket: net.Socket) => void, onRefused?: () => void): Promise<string>;
  close(): void;
}

/** A range whose protection cannot be enforced, and why. */
export interface Unprotected {
  range: Prefix;
  text: string;
}

/** An address and port to listen on. */
export interface Endpoint {
  host: string;
  port: number;
  family: Family;
}

/** Parses `address:port`, with IPv6 in brackets; undefined if invalid. */
export function parseListen(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const bytes = host === undefined ? undefined : parseAddress(host);
  const port = Number(match?.[3]);
  if (!host || !bytes || port > 65535) return undefined;
  const family = bytes.length === 4 ? 4 : 6;
  // IPv6 needs brackets and IPv4 must not have them: [1.2.3.4]:179 and ::1:179 are both invalid
  if ((family === 6) !== text.startsWith('[')) return undefined;
  return { host, port, family };
}

/** Error codes for an IPv6 address on a host without IPv6. */
const familyAbsent = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

/** Causes of a failed listen by error code, with the fix. */
const reasons: Record<string, string> = {
  EADDRINUSE: 'address already in use; is another Peerglass running?',
  EACCES: 'a port below 1024 needs root or CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'not an address of this host',
};

/** Open listeners; `addresses[i]` is the address of `listeners[i]`. */
export interface Opened {
  listeners: Listener[];
  addresses: string[];
  /** Addresses skipped because this host lacks their family, with the reason. */
  skipped: string[];
}

/**
 * Opens one listener per address. Calls `protect` when all are bound and none listens yet, so that no SYN is answered
 * without its key. Skips an IPv6 address that this host does not have if another address opens. Any other failure
 * closes all listeners and rejects.
 */
export async function openListeners(
  texts: string[],
  protect: (listeners: Listener[]) => void,
  onConnection: (socket: net.Socket) => void,
  onRefused?: () => void,
): Promise<Opened> {
  const bound: { text: string; listener: Listener }[] = [];
  const failures: { text: string; error: NodeJS.ErrnoException }[] = [];
  for (const text of texts) {
    try {
      bound.push({ text, listener: bindListener(text) });
    } catch (error) {
      failures.push({ text, error: error as Error });
    }
  }
  protect(bound.map(({ listener }) => listener));
  const opened: { address: string; listener: Listener }[] = [];
  for (const { text, listener } of bound) {
    try {
      opened.push({ listener, address: await listener.listen(onConnection, onRefused) });
    } catch (error) {
      failures.push({ text, error: error as Error });
    }
  }
  const fatal = failures.filter(
    ({ text, error }) => opened.length === 0 || !text.startsWith('[') || !familyAbsent.includes(error.code ?? ''),
  );
  const describe = ({ text, error }: (typeof failures)[number]): string =>
    `bgp.listen ${text}: ${reasons[error.code ?? ''] ?? error.message}`;
  if (fatal.length > 0) {
    for (const { listener } of bound) listener.close();
    throw new Error(fatal.map(describe).join('; '));
  }
  return {
    listeners: opened.map(({ listener }) => listener),
    addresses: opened.map(({ address }) => address),
    skipped: failures.map(describe),
  };
}

/** A listener that does not listen yet. Bound already if libc is available (`system` not null). */
export function bindListener(text: string, system: TcpLibc | null = tcpLibc): Listener {
  const where = parseListen(text);
  if (!where) throw new Error('invalid address and port');
  return system ? libcListener(where, system) : plainListener(where);
}

function libcListener(where: Endpoint, system: TcpLibc): Listener {
  const { family } = where;
  const fd = boundSocket(system, where);
  let server: net.Server | undefined;
  let held = new Map<string, TcpKey>();
  return {
    family,
    protect(keys, ttls) {
      const failed: Unprotected[] = [];
      held = setKeys(system, fd, held, ofFamily(family, keys), failed);
      setFilter(system, fd, family, ofFamily(family, ttls), failed);
      return failed;
    },
    async listen(onConnection, onRefused) {
      server = createServer(onConnection);
      return await listening(server, family, () => server!.listen({ fd }, backlog), onRefused);
    },
    close() {
      if (server) server.close();
      else system.close(fd);
    },
  };
}

/** A listener of plain Node, without libc: it reports that MD5 and TTL security are missing. */
function plainListener({ host, port, family }: Endpoint): Listener {
  let server: net.Server | undefined;
  return {
    family,
    protect(keys, ttls) {
      const wanted = [
        ...ofFamily(family, keys),
        ...ofFamily(family, ttls).filter(({ minTtl }) => minTtl !== undefined),
      ];
      return wanted.map(({ range }) => ({ range, text: 'TCP MD5 and TTL security are not available on this system' }));
    },
    async listen(onConnection, onRefused) {
      server = createServer(onConnection);
      const listen = () => server!.listen({ host, port, ipv6Only: family === 6, backlog });
      return await listening(server, family, listen, onRefused);
    },
    close: () => void server?.close(),
  };
}

function createServer(onConnection: (socket: net.Socket) => void): net.Server {
  return net.createServer({ noDelay: true, pauseOnConnect: true }, onConnection);
}

async function listening(
  server: net.Server,
  family: Family,
  listen: () => void,
  onRefused: () => void = () => {},
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', resolve);
    listen();
  });
  // existing sessions survive an accept(2) that fails because no descriptor is free
  server.on('error', onRefused);
  const { address, port } = server.address() as net.AddressInfo;
  return family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function ofFamily<T extends { range: Prefix }>(family: Family, entries: T[]): T[] {
  return entries.filter(({ range }) => range.family === family);
}

/** Opens a socket, sets its options and binds it; libuv calls listen(2). */
function boundSocket(system: TcpLibc, { host, port, family }: Endpoint): number {
  const fd = system.tcpSocket(family);
  try {
    system.setOption(fd, socketOptions.reuseAddress, 1);
    // one socket per family: the kernel takes only keys of the socket's family
    if (family === 6) system.setOption(fd, socketOptions.v6Only, 1);
    system.setOption(fd, family === 4 ? socketOptions.ttl : socketOptions.unicastHops, 255);
    system.bind(fd, sockaddr(family, parseAddress(host)!, port));
    return fd;
  } catch (error) {
    system.close(fd);
    throw error;
  }
}

/** Replaces the socket's keys with `wanted`; returns the keys that it has now. */
function setKeys(
  system: TcpLibc,
  fd: number,
  held: Map<string, TcpKey>,
  wanted: TcpKey[],
  failed: Unprotected[],
): Map<string, TcpKey> {
  const now = new Map<string, TcpKey>();
  const named = new Map(wanted.map((key) => [`${formatAddress(key.range.bytes)}/${key.range.length}`, key]));
  for (const [name, key] of held) if (!named.has(name)) setKey(system, fd, { ...key, password: '' });
  for (const [name, key] of named) {
    try {
      if (Buffer.byteLength(key.password) > maxPasswordLength)
        throw new Error(`a TCP MD5 password can have at most ${maxPasswordLength} octets`);
      if (held.get(name)?.password !== key.password) setKey(system, fd, key);
      now.set(name, key);
    } catch (error) {
      failed.push({ range: key.range, text: (error as Error).message });
    }
  }
  return now;
}

/**
 * struct tcp_md5sig of <linux/tcp.h>; an empty password deletes the key.
 *
 *     sockaddr_storage[128] | flags u8 | prefixlen u8 | keylen u16 | ifindex i32 | key[80]
 */
function setKey(system: TcpLibc, fd: number, { range, password }: TcpKey): void {
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
    system.setOption(fd, host ? socketOptions.tcpMd5 : socketOptions.tcpMd5Ext, bytes);
  } catch (error) {
    // a key that is already deleted is no error
    if (!(password === '' && error instanceof SystemCallError && error.code === 'ENOENT')) throw error;
  }
}

function setFilter(system: TcpLibc, fd: number, family: Family, rules: TtlRule[], failed: Unprotected[]): void {
  try {
    const program = gtsmFilter(family, rules);
    if (program) system.setFilter(fd, program);
    else system.setOption(fd, socketOptions.detachFilter, 0);
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'ENOENT') return;
    for (const { range, minTtl } of rules)
      if (minTtl !== undefined) failed.push({ range, text: (error as Error).message });
  }
}

/** struct sockaddr_in or sockaddr_in6; all architectures of Node are little-endian. */
function sockaddr(family: Family, address: Uint8Array, port: number): Uint8Array {
  const bytes = new Uint8Array(family === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, addressFamily[family], true);
  view.setUint16(2, port);
  bytes.set(address, family === 4 ? 4 : 8);
  return bytes;
}

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

export interface Listener {
  readonly family: Family;
  /**
   * Replaces keys and TTL rules of its family; sessions that are up keep what they have. Returns the ranges (as given)
   * that could not be protected, with the reason.
   */
  protect(keys: TcpKey[], ttls: TtlRule[]): Unprotected[];
  /**
   * From now on connections come in, paused; `onRefused`: one could not be accepted for want of descriptors. Resolves to `address:port` as bound (port 0 resolved), IPv6 in brackets;
   * rejects with EADDRINUSE, EACCES …
   */
  listen(onConnection: (socket: net.Socket) => void, onRefused?: () => void): Promise<string>;
  close(): void;
}

/** A range whose protection cannot be enforced, and why. */
export interface Unprotected {
  range: Prefix;
  text: string;
}

/** Where to listen. */
export interface Endpoint {
  host: string;
  port: number;
  family: Family;
}

/** `address:port` with IPv6 in brackets → its parts; undefined when it is none. */
export function parseListen(text: string): Endpoint | undefined {
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

/** What keeps people from listening, by its error code, and what to do. */
const reasons: Record<string, string> = {
  EADDRINUSE: 'already in use; another Peerglass?',
  EACCES: 'a port below 1024 takes root, or cap_net_bind_service',
  EADDRNOTAVAIL: 'not an address of this host',
};

/** What `openListeners` resolves to; `addresses[i]` is where `listeners[i]` listens. */
export interface Opened {
  listeners: Listener[];
  addresses: string[];
  /** Addresses of a family that this host does not have, with the reason. */
  skipped: string[];
}

/**
 * Opens one listener per address. `protect` is called when all are bound and none listens: no SYN is ever answered
 * without its key. An IPv6 address that this host does not have is skipped as long as another one opens; any other
 * failure closes them all again and rejects.
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

/** A listener that is bound where `system` can do that (null: where libc cannot be called), and that does not listen yet. */
export function bindListener(text: string, system: Libc | null = libc): Listener {
  const where = parseListen(text);
  if (!where) throw new Error('this is no address and port');
  return system ? libcListener(where, system) : plainListener(where);
}

function libcListener(where: Endpoint, system: Libc): Listener {
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

/** What Node has by itself: no MD5, no TTL security, and it says so. */
function plainListener({ host, port, family }: Endpoint): Listener {
  let server: net.Server | undefined;
  return {
    family,
    protect(keys, ttls) {
      const wanted = [...ofFamily(family, keys), ...ofFamily(family, ttls).filter(({ least }) => least !== undefined)];
      return wanted.map(({ range }) => ({ range, text: 'sockets here have no TCP MD5 and no TTL security' }));
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
  // accept(2) failing for want of descriptors is no reason to lose the sessions there are
  server.on('error', onRefused);
  const { address, port } = server.address() as net.AddressInfo;
  return family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function ofFamily<T extends { range: Prefix }>(family: Family, entries: T[]): T[] {
  return entries.filter(({ range }) => range.family === family);
}

/** socket(2), options, bind(2); listen(2) is libuv's. */
function boundSocket(system: Libc, { host, port, family }: Endpoint): number {
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
  failed: Unprotected[],
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

function setFilter(system: Libc, fd: number, family: Family, rules: TtlRule[], failed: Unprotected[]): void {
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

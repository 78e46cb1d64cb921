/**
 * The few calls of libc that Node has no door for: a socket with options set before its first SYN. Through koffi,
 * with symbols that are linked into the node binary already (`load(null)`), so glibc and musl alike.
 *
 * Linux only, by its numbers. Elsewhere, or without koffi's binary, `libc` is null and callers do without.
 */
import os from 'node:os';

/** Option levels and names of <sys/socket.h>, <netinet/in.h>, <linux/tcp.h>; the same on every architecture that Node runs on. */
export const Option = {
  reuseAddress: { level: 1, name: 2 },
  attachFilter: { level: 1, name: 26 },
  detachFilter: { level: 1, name: 27 },
  ttl: { level: 0, name: 2 },
  unicastHops: { level: 41, name: 16 },
  v6Only: { level: 41, name: 26 },
  tcpMd5: { level: 6, name: 14 },
  tcpMd5Ext: { level: 6, name: 32 },
} as const;
export type Option = { level: number; name: number };

export const addressFamily = { 4: 2, 6: 10 } as const;

const sockStream = 1;
const sockCloexec = 0o2000000;
const sockNonblock = 0o4000;

/** One instruction of a classic socket filter (<linux/filter.h>). */
export interface FilterInstruction {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

export interface Libc {
  /** A TCP socket as libuv wants it: non-blocking, close-on-exec. */
  tcpSocket(family: 4 | 6): number;
  bind(fd: number, address: Uint8Array): void;
  setOption(fd: number, option: Option, value: Uint8Array | number): void;
  setFilter(fd: number, program: FilterInstruction[]): void;
  close(fd: number): void;
}

/** A call of libc that failed, e.g. `bind: EADDRINUSE`. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  /** `EADDRINUSE` … */
  readonly code: string;
  constructor(call: string, errno: number) {
    const code = Object.entries(os.constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
    super(`${call}: ${code}`);
    this.code = code;
  }
}

async function openLibc(): Promise<Libc | null> {
  if (process.platform !== 'linux') return null;
  // a missing or foreign binary is a way to live without MD5, not a reason to fail
  const koffi = await import('koffi').then(
    (module) => module.default,
    () => undefined,
  );
  if (!koffi) return null;
  const library = koffi.load(null);
  const sockFilter = koffi.struct({ code: 'uint16_t', jt: 'uint8_t', jf: 'uint8_t', k: 'uint32_t' });
  const sockFprog = koffi.struct({ len: 'uint16_t', filter: koffi.pointer(sockFilter) });
  const socket = library.func('socket', 'int', ['int', 'int', 'int']);
  const bind = library.func('bind', 'int', ['int', 'void *', 'uint32_t']);
  const setsockopt = library.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']);
  const setFilter = library.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(sockFprog), 'uint32_t']);
  const close = library.func('close', 'int', ['int']);
  const check = (call: string, result: number): number => {
    if (result < 0) throw new SystemCallError(call, koffi.errno());
    return result;
  };
  return {
    tcpSocket: (family) =>
      check('socket', socket(addressFamily[family], sockStream | sockCloexec | sockNonblock, 0) as number),
    bind: (fd, address) => void check('bind', bind(fd, address, address.length) as number),
    setOption(fd, option, value) {
      const bytes = typeof value === 'number' ? new Uint8Array(Int32Array.of(value).buffer) : value;
      check(
        `setsockopt ${option.level}/${option.name}`,
        setsockopt(fd, option.level, option.name, bytes, bytes.length),
      );
    },
    setFilter(fd, program) {
      const { level, name } = Option.attachFilter;
      const size = koffi.sizeof(sockFprog);
      check('setsockopt SO_ATTACH_FILTER', setFilter(fd, level, name, { len: program.length, filter: program }, size));
    },
    close: (fd) => void check('close', close(fd) as number),
  };
}

export const libc: Libc | null = await openLibc();

/**
 * The few libc calls that Node does not offer: sockets other than TCP and UDP, and options set before the first packet.
 * Uses koffi with symbols that are linked into the node binary (`load(null)`), so it works with glibc and musl.
 *
 * The constants are for Linux. On other systems, or without koffi's binary, `libc` is null, and callers do without.
 */
import os from 'node:os';

/** <sys/socket.h>: socket flags that libuv expects, combined with the type. */
const sockCloexec = 0o2000000;
const sockNonblock = 0o4000;

/** Level and name of a socket option; the same on all architectures of Node. */
export interface SocketOption {
  level: number;
  name: number;
}

/** <fcntl.h> */
const duplicateCloexec = 1_030;

const attachFilter: SocketOption = { level: 1, name: 26 };

/** One instruction of a classic socket filter (<linux/filter.h>). */
export interface FilterInstruction {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

/** Failed calls throw a SystemCallError unless documented otherwise. */
export interface Libc {
  /** Non-blocking, close-on-exec. `protocol` in the byte order of the domain. */
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array): void;
  setOption(fd: number, option: SocketOption, value: Uint8Array | number): void;
  setFilter(fd: number, program: FilterInstruction[]): void;
  sendTo(fd: number, bytes: Uint8Array, address: Uint8Array): void;
  /** Reads one datagram into `buffer` and its sender into `from`; returns its length, undefined if none is waiting. */
  receive(fd: number, buffer: Uint8Array, from: Uint8Array): number | undefined;
  /** Undefined if the interface does not exist. */
  interfaceIndex(name: string): number | undefined;
  close(fd: number): void;
  /** Duplicates `fd`, with close-on-exec. */
  duplicate(fd: number): number;
  /** Exits at once, without waiting for threads that hang in a system call. */
  exit(code: number): void;
  /** Returns freed memory of all threads to the kernel, in a libuv thread. No effect without glibc. */
  trimHeap(): void;
}

/** A failed libc call, such as `bind: EADDRINUSE`. */
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

/** `process.report` has the version of glibc, and none with musl. */
const isGlibc = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime;

async function openLibc(): Promise<Libc | null> {
  if (process.platform !== 'linux') return null;
  // a missing or foreign binary is no error: callers work without libc
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
  const sendto = library.func('sendto', 'int64_t', ['int', 'void *', 'size_t', 'int', 'void *', 'uint32_t']);
  const recvfrom = library.func('recvfrom', 'int64_t', ['int', 'void *', 'size_t', 'int', 'void *', 'void *']);
  const ifNameToIndex = library.func('if_nametoindex', 'uint32_t', ['str']);
  const close = library.func('close', 'int', ['int']);
  const fcntl = library.func('int fcntl(int, int, ...)');
  const exit = library.func('_exit', 'void', ['int']);
  const mallocTrim = isGlibc ? library.func('malloc_trim', 'int', ['size_t']) : undefined;
  const { EAGAIN, EINTR } = os.constants.errno;
  const fromLength = new Uint32Array(1);
  const check = (call: string, result: number): number => {
    if (result < 0) throw new SystemCallError(call, koffi.errno());
    return result;
  };
  return {
    socket: (domain, type, protocol) =>
      check('socket', socket(domain, type | sockCloexec | sockNonblock, protocol) as number),
    bind: (fd, address) => void check('bind', bind(fd, address, address.length) as number),
    setOption(fd, option, value) {
      const bytes = typeof value === 'number' ? new Uint8Array(Int32Array.of(value).buffer) : value;
      check(
        `setsockopt ${option.level}/${option.name}`,
        setsockopt(fd, option.level, option.name, bytes, bytes.length),
      );
    },
    setFilter(fd, program) {
      const { level, name } = attachFilter;
      const size = koffi.sizeof(sockFprog);
      check('setsockopt SO_ATTACH_FILTER', setFilter(fd, level, name, { len: program.length, filter: program }, size));
    },
    sendTo: (fd, bytes, address) =>
      void check('sendto', Number(sendto(fd, bytes, bytes.length, 0, address, address.length))),
    receive(fd, buffer, from) {
      fromLength[0] = from.length;
      const length = Number(recvfrom(fd, buffer, buffer.length, 0, from, fromLength));
      if (length >= 0) return length;
      const errno = koffi.errno();
      if (errno === EAGAIN || errno === EINTR) return undefined;
      throw new SystemCallError('recvfrom', errno);
    },
    interfaceIndex: (name) => (ifNameToIndex(name) as number) || undefined,
    close: (fd) => void check('close', close(fd) as number),
    duplicate: (fd) => check('fcntl F_DUPFD_CLOEXEC', fcntl(fd, duplicateCloexec, 'int', 0) as number),
    exit: (code) => void exit(code),
    trimHeap: () => void mallocTrim?.async(0, () => {}),
  };
}

export const libc: Libc | null = await openLibc();

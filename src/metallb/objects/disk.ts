/**
 * File system calls with a time limit. A call on a dead NFS or FUSE mount may never return, and keeps a thread of
 * Node's pool until it does: so its path is left alone, and few such calls may wait at once.
 */
import { type BigIntStats, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** ms for one call: opening a file, looking at it, reading some of it. */
export const maxCallTime = 5_000;
/** Calls that have not returned in time; the pool has four threads for everything. */
export const maxHangingCalls = 3;
/** Octets of one read. */
const chunk = 4 * 1024 * 1024;

export class Disk {
  readonly #time: number;
  readonly #hanging = new Set<string>();

  constructor(time = maxCallTime) {
    this.#time = time;
  }

  /** Does any call hang now? Then the process cannot end in the usual way. */
  get isHanging(): boolean {
    return this.#hanging.size > 0;
  }

  /**
   * The result of one call about `path`. Rejects when it takes too long, and at once while an earlier call about this
   * path still hangs. A result that comes too late goes to `release`.
   */
  async call<T>(path: string, start: () => Promise<T>, release?: (late: T) => void): Promise<T> {
    const blocking = this.#blocking(path);
    if (blocking !== undefined) throw new Error(blocking);
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const result = start();
    const timer = setTimeout(() => {
      this.#hanging.add(path);
      void result.then(release, () => {}).finally(() => this.#hanging.delete(path));
      reject(new Error(this.#noAnswer));
    }, this.#time);
    return Promise.race([result, timeout]).finally(() => clearTimeout(timer));
  }

  get #noAnswer(): string {
    return `the file system has not answered within ${this.#time / 1_000} s`;
  }

  #blocking(path: string): string | undefined {
    for (const hanging of this.#hanging) if (path === hanging || path.startsWith(`${hanging}/`)) return this.#noAnswer;
    if (this.#hanging.size >= maxHangingCalls) return `not read: ${this.#hanging.size} other files do not answer`;
    const folder = dirname(path);
    // two files of a folder: the folder is the trouble
    const beside = [...this.#hanging].filter((hanging) => dirname(hanging) === folder).length;
    return beside > 1 ? 'not read: other files of this folder do not answer' : undefined;
  }

  /** A regular file as it is now: pipes and devices are refused without waiting for them. */
  async readFile(path: string, maxLength: number): Promise<{ bytes: Uint8Array<ArrayBuffer>; status: BigIntStats }> {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const handle = await this.call(
      path,
      () => open(path, flags),
      (late) => void late.close(),
    );
    // of a handle whose call hangs only that call's end can be waited for
    const close = () => void handle.close().catch(() => {});
    try {
      const status = await this.call(path, () => handle.stat({ bigint: true }));
      if (!status.isFile()) throw new Error('not a regular file');
      if (status.size > maxLength) throw new TooLarge(`larger than ${maxLength} octets`);
      const bytes = new Uint8Array(Number(status.size));
      let length = 0;
      while (length < bytes.length) {
        const wanted = Math.min(chunk, bytes.length - length);
        const { bytesRead } = await this.call(path, () => handle.read(bytes, length, wanted, length));
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return { bytes: length < bytes.length ? bytes.slice(0, length) : bytes, status };
    } finally {
      close();
    }
  }
}

/** That of the process: its pool of threads is one. */
export const disk = new Disk();

/** Reading the same file again would say the same. */
export class TooLarge extends Error {}

/**
 * SQLite's file format read page by page without SQLite, which refuses a whole table for one bad page. Format:
 * https://www.sqlite.org/fileformat2.html. Nothing is written; the write-ahead log counts up to its last valid commit.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { pageSizeOf } from './files.ts';

export type Value = null | number | bigint | string | Buffer;
export interface TreeRow {
  /** 0 in trees without row ids. */
  rowid: number;
  values: Value[];
}

const kind = { indexInterior: 2, tableInterior: 5, indexLeaf: 10, tableLeaf: 13 } as const;
const defaultPageSize = 16_384;
const walHeaderLength = 32;
const frameHeaderLength = 24;
/** A tree of SQLite is never this deep; a damaged one may lead in circles. */
const maxDepth = 40;

export class Pages {
  readonly count: number;
  readonly pageSize: number;
  /** Pages that belong to a tree or to the free list. */
  readonly visited = new Set<number>();
  /** Pages that should have been part of a tree and could not be read. */
  unreadable = 0;
  readonly #main: number;
  readonly #wal: number | undefined;
  readonly #inWal = new Map<number, number>();

  constructor(file: string) {
    this.#main = openSync(file, 'r');
    const header = Buffer.alloc(100);
    readSync(this.#main, header, 0, 100, 0);
    const size = pageSizeOf(header);
    this.pageSize = size >= 512 && (size & (size - 1)) === 0 ? size : defaultPageSize;
    if (existsSync(`${file}-wal`)) {
      this.#wal = openSync(`${file}-wal`, 'r');
      this.#readWal(this.#wal);
    }
    this.count = Math.max(Math.ceil(fstatSync(this.#main).size / this.pageSize), ...this.#inWal.keys());
  }

  close(): void {
    closeSync(this.#main);
    if (this.#wal !== undefined) closeSync(this.#wal);
  }

  /** The n-th page, from 1 on; undefined where the file ends before it. */
  page(n: number): Buffer | undefined {
    if (n < 1 || n > this.count) return undefined;
    const page = Buffer.alloc(this.pageSize);
    const frame = this.#inWal.get(n);
    const read =
      frame === undefined
        ? readSync(this.#main, page, 0, this.pageSize, (n - 1) * this.pageSize)
        : readSync(this.#wal!, page, 0, this.pageSize, frame + frameHeaderLength);
    return read === this.pageSize ? page : undefined;
  }

  /** Rows of the tree with this root, page by page; what cannot be read is left out and counted. */
  *rows(root: number, depth = 0): Generator<TreeRow> {
    const page = this.visited.has(root) || depth > maxDepth ? undefined : this.page(root);
    if (page === undefined) {
      this.unreadable++;
      return;
    }
    this.visited.add(root);
    const start = root === 1 ? 100 : 0;
    const type = page[start];
    if (type === kind.tableLeaf || type === kind.indexLeaf) yield* this.#leaf(page, start, true);
    else if (type === kind.tableInterior || type === kind.indexInterior) {
      if (type === kind.indexInterior) yield* this.#leaf(page, start, true);
      for (const cell of cellsOf(page, start)) yield* this.rows(page.readUInt32BE(cell), depth + 1);
      yield* this.rows(page.readUInt32BE(start + 8), depth + 1);
    } else this.unreadable++;
  }

  /** Marks the pages of the free list: their rows were deleted. */
  skipFree(): void {
    const header = this.page(1);
    for (let trunk = header?.readUInt32BE(32) ?? 0; trunk !== 0 && !this.visited.has(trunk); ) {
      const page = this.page(trunk);
      if (page === undefined) return;
      this.visited.add(trunk);
      const leaves = Math.min(page.readUInt32BE(4), this.pageSize / 4 - 2);
      for (let i = 0; i < leaves; i++) this.visited.add(page.readUInt32BE(8 + i * 4));
      trunk = page.readUInt32BE(0);
    }
  }

  /** Rows of table leaves that no tree led to: the page above them is lost. */
  *orphans(): Generator<TreeRow> {
    for (let n = 2; n <= this.count; n++) {
      if (this.visited.has(n)) continue;
      const page = this.page(n);
      if (page?.[0] === kind.tableLeaf) yield* this.#leaf(page, 0, false);
    }
  }

  *#leaf(page: Buffer, start: number, counts: boolean): Generator<TreeRow> {
    for (const cell of cellsOf(page, start)) {
      const row = this.#row(page, cell, page[start]!);
      if (row) yield row;
      else if (counts) this.unreadable++;
    }
  }

  #row(page: Buffer, cell: number, type: number): TreeRow | undefined {
    try {
      let at = type === kind.indexInterior ? cell + 4 : cell;
      const length = varint(page, at);
      at = length.next;
      let rowid = 0;
      if (type === kind.tableLeaf) {
        const id = varint(page, at);
        rowid = id.value;
        at = id.next;
      }
      const values = record(this.#payload(page, at, length.value, type === kind.tableLeaf));
      return values && { rowid, values };
    } catch {
      return undefined;
    }
  }

  /** Octets of a cell, those on overflow pages included. Throws when the chain is broken. */
  #payload(page: Buffer, at: number, length: number, isTable: boolean): Buffer {
    const usable = this.pageSize;
    const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
    if (length <= most) return page.subarray(at, at + length);
    const least = Math.floor(((usable - 12) * 32) / 255) - 23;
    const partial = least + ((length - least) % (usable - 4));
    const local = partial <= most ? partial : least;
    if (length > this.count * usable) throw new RangeError('longer than the file');
    const parts = [page.subarray(at, at + local)];
    let missing = length - local;
    for (let next = page.readUInt32BE(at + local); missing > 0; ) {
      const overflow = this.page(next);
      if (overflow === undefined) throw new RangeError('broken chain');
      this.visited.add(next);
      parts.push(overflow.subarray(4, 4 + Math.min(missing, usable - 4)));
      missing -= usable - 4;
      next = overflow.readUInt32BE(0);
    }
    return Buffer.concat(parts);
  }

  /** Frames up to the last commit whose checksums fit. */
  #readWal(wal: number): void {
    const header = Buffer.alloc(walHeaderLength);
    if (readSync(wal, header, 0, walHeaderLength, 0) < walHeaderLength) return;
    const magic = header.readUInt32BE(0);
    if ((magic & ~1) >>> 0 !== 0x377f0682 || header.readUInt32BE(8) !== this.pageSize) return;
    const isBig = (magic & 1) === 1;
    let sums = checksum(header.subarray(0, 24), [0, 0], isBig);
    if (sums[0] !== header.readUInt32BE(24) || sums[1] !== header.readUInt32BE(28)) return;
    const frame = Buffer.alloc(frameHeaderLength + this.pageSize);
    let pending = new Map<number, number>();
    for (let at = walHeaderLength; readSync(wal, frame, 0, frame.length, at) === frame.length; at += frame.length) {
      if (frame.compare(header, 16, 24, 8, 16) !== 0) return;
      sums = checksum(frame.subarray(0, 8), sums, isBig);
      sums = checksum(frame.subarray(frameHeaderLength), sums, isBig);
      if (sums[0] !== frame.readUInt32BE(16) || sums[1] !== frame.readUInt32BE(20)) return;
      pending.set(frame.readUInt32BE(0), at);
      if (frame.readUInt32BE(4) === 0) continue;
      for (const [n, offset] of pending) this.#inWal.set(n, offset);
      pending = new Map();
    }
  }
}

/** Offsets of a page's cells that lie within it. */
function cellsOf(page: Buffer, start: number): number[] {
  const type = page[start];
  const first = start + (type === kind.tableInterior || type === kind.indexInterior ? 12 : 8);
  const count = Math.min(page.readUInt16BE(start + 3), (page.length - first) >> 1);
  const cells = Array.from({ length: count }, (_, i) => page.readUInt16BE(first + 2 * i));
  return cells.filter((cell) => cell >= first && cell + 4 <= page.length);
}

function varint(bytes: Buffer, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const octet = bytes[at + i];
    if (octet === undefined) throw new RangeError('beyond the page');
    if (i === 8) return { value: value * 256 + octet, next: at + 9 };
    value = value * 128 + (octet & 0x7f);
    if (octet < 0x80) return { value, next: at + i + 1 };
  }
  throw new RangeError('no varint');
}

/** Values of a record; undefined when its lengths do not fit. */
function record(payload: Buffer): Value[] | undefined {
  const header = varint(payload, 0);
  if (header.value > payload.length || header.value < 1) return undefined;
  const values: Value[] = [];
  let body = header.value;
  for (let at = header.next; at < header.value; ) {
    const type = varint(payload, at);
    at = type.next;
    const length = lengthOf(type.value);
    if (body + length > payload.length) return undefined;
    values.push(decodeValue(type.value, payload.subarray(body, body + length)));
    body += length;
  }
  return body === payload.length ? values : undefined;
}

const integerLengths = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];
const lengthOf = (type: number): number => integerLengths[type] ?? (type - (type % 2 === 0 ? 12 : 13)) / 2;

function decodeValue(type: number, bytes: Buffer): Value {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 6) {
    const value = bytes.readBigInt64BE(0);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (type < 6) return bytes.readIntBE(0, bytes.length);
  return type % 2 === 0 ? Buffer.from(bytes) : bytes.toString('utf8');
}

/** Checksum of the write-ahead log over 32-bit words. */
function checksum(bytes: Buffer, [a, b]: [number, number], isBig: boolean): [number, number] {
  for (let i = 0; i + 8 <= bytes.length; i += 8) {
    a = (a + (isBig ? bytes.readUInt32BE(i) : bytes.readUInt32LE(i)) + b) >>> 0;
    b = (b + (isBig ? bytes.readUInt32BE(i + 4) : bytes.readUInt32LE(i + 4)) + a) >>> 0;
  }
  return [a, b];
}

/** How large the database is, and how large it may become: the bounds that follow from `retention.maxBytes`. */
import { statSync } from 'node:fs';
import type { Db } from './database.ts';

/** Kinds of history, each with its share of what `retention.maxBytes` leaves beside the present state. */
export const historyShares = { routes: 0.6, sessions: 0.15, findings: 0.1, objects: 0.15 } as const;
export type HistoryKind = keyof typeof historyShares;
export const historyKinds = Object.keys(historyShares) as HistoryKind[];

/** How much of `retention.maxBytes` may be in use; the rest is for free pages and for what one transaction adds. */
const usableShare = 0.85;
const maxWalBytes = 256 * 1024 * 1024;
const minWalBytes = 1024 * 1024;
const maxTransactionBytes = 8 * 1024 * 1024;
const minTransactionBytes = 256 * 1024;

/** What `maxBytes` (Infinity = no bound) means for the parts of the database, octets. */
export interface SizeBounds {
  /** Pages in use. */
  used: number;
  /** Write-ahead log at which it goes into the file. */
  wal: number;
  /** Journal of one transaction; a batch is never split. */
  transaction: number;
}

export function sizeBounds(maxBytes: number): SizeBounds {
  return {
    used: maxBytes * usableShare,
    wal: Math.max(minWalBytes, Math.min(maxWalBytes, maxBytes / 32)),
    transaction: Math.max(minTransactionBytes, Math.min(maxTransactionBytes, maxBytes / 64)),
  };
}

/** Expectation rows that are kept readable; a larger cluster's are answered by REST only. */
export const maxExpectationRows = 200_000;
/** Octets of one of them with its indexes, roughly, and the share of the bound that all may take. */
const expectationRow = { bytes: 2_048, share: 0.1 };

/** Expectation rows that are kept within `maxBytes`. */
export const expectationRows = (maxBytes: number): number =>
  Math.min(maxExpectationRows, Math.floor((maxBytes * expectationRow.share) / expectationRow.bytes));

/** Octets of the free pages of the file. */
export function bytesFree(db: Db): number {
  return (
    (db.pragma('freelist_count', { simple: true }) as number) * (db.pragma('page_size', { simple: true }) as number)
  );
}

/** Octets of the file and its write-ahead log. */
export function bytesOnDisk(file: string): number {
  return sizeOf(file) + walBytes(file);
}

export const walBytes = (file: string): number => sizeOf(`${file}-wal`);

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

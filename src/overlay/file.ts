/** The watched overlay file: its rules, and the last valid version of each. */
import { constants, type FSWatcher, watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type OverlayProblem, readOverlay } from './read.ts';
import type { OverlayRule } from './rule.ts';

/** Larger files are rejected, octets. */
export const maxFileBytes = 1 << 20;
/** Quiet time after a change before the file is read, and poll interval, ms. */
const debounceMs = 100;
const pollMs = 10_000;

export interface FileState {
  rules: readonly OverlayRule[];
  problems: readonly OverlayProblem[];
  /** epoch ms of the last successful read; null: none. */
  readAt: number | null;
}

/**
 * The state after reading a text. An invalid rule keeps its last valid version; a text without a list of rules keeps
 * all rules.
 */
export function advance(before: FileState, text: string, file: string, now: number): FileState {
  const { rules, problems, rejected, unreadable } = readOverlay(text, file, now);
  if (unreadable) return { ...before, problems };
  const kept = before.rules.filter(({ id }) => rejected.has(id) && !rules.some((rule) => rule.id === id));
  return { rules: [...rules, ...kept], problems, readAt: now };
}

const nothing: FileState = { rules: [], problems: [], readAt: null };

/** Reads the file once, without watching. */
export async function readOverlayFile(file: string, now: number): Promise<FileState> {
  try {
    return advance(nothing, await readText(file), file, now);
  } catch (error) {
    return { ...nothing, problems: [{ file, text: `cannot read the file: ${(error as Error).message}` }] };
  }
}

export interface OverlayFile {
  /** Reads the file now. */
  refresh(): Promise<void>;
  close(): void;
}

/** Reads the file now and after each change. Failures become problems, not exceptions. */
export async function watchOverlayFile(
  file: string,
  now: () => number,
  onState: (state: FileState) => void,
): Promise<OverlayFile> {
  const watched = new WatchedFile(file, now, onState);
  await watched.start();
  return watched;
}

class WatchedFile implements OverlayFile {
  readonly #file: string;
  readonly #now: () => number;
  readonly #onState: (state: FileState) => void;
  #state = nothing;
  /** The last text; undefined if the last read failed. */
  #text: string | undefined;
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #pending: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(file: string, now: () => number, onState: (state: FileState) => void) {
    this.#file = file;
    this.#now = now;
    this.#onState = onState;
  }

  async start(): Promise<void> {
    this.#watch();
    this.#poll = setInterval(() => void this.refresh(), pollMs).unref();
    await this.refresh();
  }

  refresh(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      if (this.#closed) return;
      if (this.#watcher === undefined) this.#watch();
      const before = this.#state;
      try {
        const text = await readText(this.#file);
        if (text === this.#text) return;
        this.#text = text;
        this.#state = advance(before, text, this.#file, this.#now());
      } catch (error) {
        this.#text = undefined;
        const text = `cannot read the file: ${(error as Error).message}${before.readAt === null ? '' : '; keeping the rules read last'}`;
        if (before.problems.length === 1 && before.problems[0]!.text === text) return;
        this.#state = { ...before, problems: [{ file: this.#file, text }] };
      }
      if (!this.#closed) this.#onState(this.#state);
    });
    return this.#reading;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#pending);
    this.#watcher?.close();
  }

  /** Watches the folder, since editors and Kubernetes replace the file or its folder. */
  #watch(): void {
    try {
      const watcher = watch(dirname(this.#file), { persistent: false }, (_event, name) => {
        if (name === null || name === basename(this.#file) || name.startsWith('..')) this.#changed();
      });
      this.#watcher = watcher;
      watcher.on('error', () => {
        watcher.close();
        this.#watcher = undefined;
      });
    } catch {
      // the folder is missing or no watches are left: the poll notices changes
    }
  }

  #changed(): void {
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      void this.refresh();
    }, debounceMs);
  }
}

async function readText(file: string): Promise<string> {
  // O_NONBLOCK, since opening a pipe without a writer would block forever
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new Error('not a regular file');
    if (status.size > maxFileBytes) throw new Error(`larger than ${maxFileBytes} octets`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

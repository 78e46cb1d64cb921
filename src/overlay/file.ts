/** The overlay's file, watched: what it says, and what was last good of it. */
import { constants, type FSWatcher, watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type OverlayProblem, readOverlay } from './read.ts';
import type { OverlayRule } from './rule.ts';

/** Larger files are refused, octets. */
export const maxFileBytes = 1 << 20;
/** Quiet time after a change before the file is read, and how often to look without being told, ms. */
const debounceMs = 100;
const pollMs = 10_000;

export interface FileState {
  rules: readonly OverlayRule[];
  problems: readonly OverlayProblem[];
  /** epoch ms of the last read that understood it; null = none yet. */
  readAt: number | null;
}

/**
 * What a file says once its text is read. A rule that cannot be taken keeps to what it was before; a text that is no
 * list of rules leaves all of them as they were.
 */
export function advance(before: FileState, text: string, file: string, now: number): FileState {
  const { rules, problems, refused, unreadable } = readOverlay(text, file, now);
  if (unreadable) return { ...before, problems };
  const kept = before.rules.filter(({ id }) => refused.has(id) && !rules.some((rule) => rule.id === id));
  return { rules: [...rules, ...kept], problems, readAt: now };
}

const nothing: FileState = { rules: [], problems: [], readAt: null };

/** Reads the file once, without watching. */
export async function readOverlayFile(file: string, now: number): Promise<FileState> {
  try {
    return advance(nothing, await readText(file), file, now);
  } catch (error) {
    return { ...nothing, problems: [{ file, text: `cannot be read: ${(error as Error).message}` }] };
  }
}

export interface OverlayFile {
  /** Looks at the file now. */
  refresh(): Promise<void>;
  close(): void;
}

/** Reads the file, and again whenever it changes. What cannot be read is a problem, not an exception. */
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
  /** What was read last; undefined when it could not be. */
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
        const text = `cannot be read: ${(error as Error).message}${before.readAt === null ? '' : '; its last rules stay in force'}`;
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

  /** The folder rather than the file, since editors and Kubernetes put another file, or another folder, in its place. */
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
      // no such folder yet, or no watches left: the poll finds what happens
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
  // a pipe without a writer would keep the call waiting for good
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

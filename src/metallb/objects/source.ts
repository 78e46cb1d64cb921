/**
 * Manifests on disk → snapshots, watched. Files are looked for anew at every change of a directory, so that editors
 * that rename, and the symlink swap by which Kubernetes updates a mounted ConfigMap, come out right.
 */
import { type FSWatcher, watch } from 'node:fs';
import { resolve } from 'node:path';
import type { Disk } from './disk.ts';
import { ManifestFiles, type ManifestFilesOptions, type SourceProblem } from './files.ts';
import type { ReadResult } from './read.ts';
import type { Resources } from './resources.ts';

export type { SourceProblem } from './files.ts';

export interface ManifestSourceOptions {
  /** Files, and directories with everything below them but names that start with a dot. */
  paths: readonly string[];
  /**
   * Each new state. The first one comes when every path could be read: half of what is meant would make the other
   * half look wrong.
   */
  onSnapshot: (resources: Resources, results: readonly ReadResult[]) => void;
  /** Every look at the paths; `isWhole`: each of them could be looked into. */
  onRead?: (isWhole: boolean) => void;
  /** All present problems, whenever they change; an empty list when the last one is gone. */
  onProblems?: (problems: readonly SourceProblem[]) => void;
  /** Quiet time after a change before files are read, ms. */
  debounce?: number;
  /** How files are read; tests set bounds. */
  reading?: Omit<ManifestFilesOptions, 'onLate'>;
  /** How often to look without being told, ms: for file systems that do not tell. */
  pollInterval?: number;
}

export interface ManifestSource {
  readonly resources: Resources;
  readonly problems: readonly SourceProblem[];
  /** Looks at all files now. */
  refresh(): Promise<void>;
  close(): void;
}

/** Longest time that a stream of changes can put off reading, ms. */
const maxDelay = 2_000;

/**
 * Reads everything once and watches from then on. What cannot be read is a problem, not an exception: a file keeps
 * its last good objects, and so does a path that is gone.
 */
export async function createManifestSource(options: ManifestSourceOptions): Promise<ManifestSource> {
  const source = new WatchedFiles(options);
  await source.start();
  return source;
}

/** Reads manifests once, without watching. `complete`: none of the paths is missing or cannot be looked into. */
export async function readManifests(
  paths: readonly string[],
  disk?: Disk,
): Promise<Pick<ManifestFiles, 'resources' | 'results' | 'problems' | 'complete'>> {
  const files = new ManifestFiles(
    paths.map((path) => resolve(path)),
    { patience: Number.POSITIVE_INFINITY, ...(disk && { disk }) },
  );
  await files.read();
  return files;
}

class WatchedFiles implements ManifestSource {
  readonly #files: ManifestFiles;
  readonly #options: ManifestSourceOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #poll: NodeJS.Timeout | undefined;
  #pending: NodeJS.Timeout | undefined;
  #pendingSince = 0;
  #reading: Promise<void> = Promise.resolve();
  /** The first snapshot is out. */
  #told = false;
  #closed = false;

  constructor(options: ManifestSourceOptions) {
    this.#options = options;
    this.#files = new ManifestFiles(
      options.paths.map((path) => resolve(path)),
      { ...options.reading, onLate: () => void this.refresh() },
    );
  }

  get resources(): Resources {
    return this.#files.resources;
  }

  get problems(): readonly SourceProblem[] {
    return this.#files.problems;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#poll = setInterval(() => void this.refresh(), this.#options.pollInterval ?? 10_000).unref();
    // what changed between the first look and the watch
    await this.refresh();
  }

  /** Reads one after the other; a change during a read is found by the next. */
  refresh(): Promise<void> {
    this.#reading = this.#reading.then(async () => {
      if (this.#closed) return;
      const changed = await this.#files.read();
      if (this.#closed) return;
      this.#watch();
      if (this.#files.complete && (changed.snapshot || !this.#told)) {
        this.#told = true;
        this.#options.onSnapshot(this.resources, this.#files.results);
      }
      this.#options.onRead?.(this.#files.whole);
      if (changed.problems) this.#options.onProblems?.(this.problems);
    });
    return this.#reading;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#pending);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Watches what the last read looked at, and nothing else. */
  #watch(): void {
    const wanted = new Map(
      this.#files.watched.map((watched) => [`${watched.directory}\0${watched.inode}\0${watched.entry ?? ''}`, watched]),
    );
    for (const [key, watcher] of this.#watchers) {
      if (wanted.has(key)) continue;
      watcher.close();
      this.#watchers.delete(key);
    }
    for (const [key, { directory, entry }] of wanted) {
      if (this.#watchers.has(key)) continue;
      try {
        const watcher = watch(directory, { persistent: false }, (_event, name) => {
          if (entry === undefined || name === null || name === entry) this.#changed();
        });
        watcher.on('error', () => {
          watcher.close();
          this.#watchers.delete(key);
        });
        this.#watchers.set(key, watcher);
      } catch {
        // no watches left, or the directory went away: the poll finds what happens
      }
    }
  }

  #changed(): void {
    const now = performance.now();
    if (this.#pending === undefined) this.#pendingSince = now;
    clearTimeout(this.#pending);
    const quiet = Math.min(this.#options.debounce ?? 100, Math.max(0, this.#pendingSince + maxDelay - now));
    this.#pending = setTimeout(() => {
      this.#pending = undefined;
      void this.refresh();
    }, quiet);
  }
}

/** Manifest files as they are on disk, and what was last good of each. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type Disk, disk, TooLarge } from './disk.ts';
import { type Bounds, largeFrom, readLargeText } from './large-text.ts';
import { assembleResources, type ReadResult, unknownKind } from './read.ts';
import { type AnyObject, place, type Resources } from './resources.ts';
import { maxJsonLength, readObjects } from './yaml.ts';

/** Manifest files of all paths together. */
export const maxFiles = 10_000;
/** Directories below a given one. */
export const maxDirectoryDepth = 16;
/** Files that are read at once, and large ones among them that are parsed at once. */
export const maxReads = 8;
export const maxParsers = 2;
/** Problems that are told of all files together. */
export const maxFileProblems = 1_000;
/** ms for which the other files wait for one that takes long. */
const patience = 1_000;
const extensions = new Set(['.yaml', '.yml', '.json']);

/** Something that cannot be read or is no valid object; the state goes on without it, or with what it was before. */
export interface SourceProblem {
  file: string;
  /** 1-based. */
  line?: number;
  message: string;
}

/** A directory that was looked at, and by which of its entries it matters (undefined: all). */
export interface Watched {
  directory: string;
  /** Changes when the path comes to mean another directory. */
  inode: bigint;
  entry?: string;
}

/** One file as it was read last. */
interface FileState {
  /** Changes when the file does. */
  signature: string;
  results: readonly ReadResult[];
  /** Digest → object, to know it again. */
  known: ReadonlyMap<string, AnyObject>;
  problem?: SourceProblem;
  /** Whether reading the same content again may go better. */
  retry?: boolean;
}

export interface ManifestFilesOptions {
  disk?: Disk;
  /** Of parsing one file. */
  bounds?: Bounds;
  /** ms; see `patience`. */
  patience?: number;
  /** A file has been read that `read` did not wait for. */
  onLate?: () => void;
  maxFiles?: number;
  readLarge?: typeof readLargeText;
}

export class ManifestFiles {
  resources: Resources = assembleResources([]);
  problems: readonly SourceProblem[] = [];
  /** Directories whose changes matter, as of the last read. */
  watched: readonly Watched[] = [];
  /** Every given path was read at least once: what is not there is not meant to be there. */
  complete = false;
  /** Every given path could be looked into at the last read. */
  whole = false;
  readonly #paths: readonly string[];
  readonly #disk: Disk;
  readonly #bounds: Bounds | undefined;
  readonly #patience: number;
  readonly #onLate: () => void;
  readonly #maxFiles: number;
  readonly #seen = new Set<string>();
  #files: ReadonlyMap<string, FileState> = new Map();
  /** Files that are being read; a state waits here for the next `read`. */
  readonly #reading = new Map<string, { state?: FileState; done: Promise<void> }>();
  readonly #readLarge: typeof readLargeText;
  readonly #reads = new Slots(maxReads);
  readonly #parsers = new Slots(maxParsers);

  constructor(paths: readonly string[], options: ManifestFilesOptions = {}) {
    this.#paths = paths;
    this.#disk = options.disk ?? disk;
    this.#bounds = options.bounds;
    this.#patience = options.patience ?? patience;
    this.#onLate = options.onLate ?? (() => {});
    this.#maxFiles = options.maxFiles ?? maxFiles;
    this.#readLarge = options.readLarge ?? readLargeText;
  }

  /** What `resources` was put together from. */
  get results(): ReadResult[] {
    return [...this.#files.values()].flatMap(({ results }) => results);
  }

  /**
   * Looks at every file and reads those that changed; tells what is different from before. One that takes long counts
   * as it was until it has been read; the others do not wait for it.
   */
  async read(): Promise<{ snapshot: boolean; problems: boolean }> {
    const scan = new Scan(this.#disk, this.#maxFiles);
    for (const path of this.#paths) await scan.path(path);
    scan.end();
    this.whole = scan.blind.length === 0;

    for (const [file, status] of scan.files) this.#start(file, signatureOf(status));
    let areAllKnown = true;
    const all = Promise.all(Array.from(this.#reading.values(), ({ done }) => done));
    const enough = new AbortController();
    if (Number.isFinite(this.#patience))
      await Promise.race([all, setTimeout(this.#patience, undefined, { signal: enough.signal }).catch(() => {})]);
    else await all;
    enough.abort();

    const files = new Map<string, FileState>();
    for (const file of scan.files.keys()) {
      const state = this.#reading.get(file)?.state ?? this.#files.get(file);
      if (state) files.set(file, state);
      else areAllKnown = false;
    }
    for (const [file, { state }] of this.#reading) if (state) this.#reading.delete(file);
    // what cannot be looked into is not gone
    for (const [file, state] of this.#files)
      if (!files.has(file) && scan.blind.some((path) => file === path || file.startsWith(join(path, '/'))))
        files.set(file, state);

    if (areAllKnown) for (const path of this.#paths) if (!scan.blind.includes(path)) this.#seen.add(path);
    this.complete = this.#paths.every((path) => this.#seen.has(path));
    const changed =
      files.size !== this.#files.size ||
      [...files].some(([file, state]) => this.#files.get(file)?.results !== state.results);
    this.#files = new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.watched = scan.watched;
    if (changed) this.resources = assembleResources(this.results, this.resources);
    const before = JSON.stringify(this.problems);
    this.problems = bounded([
      ...scan.problems,
      ...[...this.#files.values()].flatMap(({ problem }) => problem ?? []),
      ...this.resources.refusals.map(({ object, error }) => ({
        file: object.file ?? place(object),
        ...(object.line !== undefined && { line: object.line }),
        message: object.kind === unknownKind ? error : `${object.kind}/${object.name}: ${error}`,
      })),
    ]);
    return { snapshot: changed, problems: JSON.stringify(this.problems) !== before };
  }

  /** Begins to read a file, unless it is known as it is or is being read. */
  #start(file: string, signature: string): void {
    const before = this.#files.get(file);
    if (this.#reading.has(file) || (before?.signature === signature && before.retry !== true)) return;
    const started = performance.now();
    const reading: { state?: FileState; done: Promise<void> } = { done: Promise.resolve() };
    reading.done = this.#reads.run(async () => {
      reading.state = await this.#readFile(file, signature, before);
      if (performance.now() - started >= this.#patience) this.#onLate();
    });
    this.#reading.set(file, reading);
  }

  async #readFile(file: string, looked: string, before: FileState | undefined): Promise<FileState> {
    let signature = looked;
    let retry = true;
    try {
      const { bytes, status } = await this.#disk.readFile(file, maxJsonLength);
      signature = signatureOf(status);
      retry = false;
      const results =
        bytes.length < largeFrom
          ? await unhurried(readObjects(bytes, file))
          : await this.#parsers.run(() => this.#readLarge(bytes, file, this.#bounds));
      return remember(signature, results, before);
    } catch (error) {
      const problem = { file, message: (error as Error).message };
      return {
        results: [],
        known: new Map(),
        ...before,
        signature,
        problem,
        retry: retry && !(error instanceof TooLarge),
      };
    }
  }
}

const signatureOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(':');

/** The first problems, and how many there are besides. */
function bounded(problems: SourceProblem[]): SourceProblem[] {
  const more = problems.length - maxFileProblems;
  if (more <= 0) return problems;
  const { file } = problems[maxFileProblems]!;
  return [...problems.slice(0, maxFileProblems), { file, message: `${more} more problems from here on` }];
}

/** Lets so many tasks run at once; the others wait in the order in which they came. */
class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** How long to work at a stretch, ms: sessions and requests share the thread. */
const stretch = 10;

/** All items, with pauses in which others have their turn. */
async function unhurried<T>(items: Iterable<T>): Promise<T[]> {
  const list: T[] = [];
  let pause = performance.now() + stretch;
  for (const item of items) {
    list.push(item);
    if (performance.now() < pause) continue;
    await setImmediate();
    pause = performance.now() + stretch;
  }
  return list;
}

/**
 * The new state of a file. Objects with the content that they had stay the same objects; if part of the file cannot
 * be parsed, objects that are missing from the rest of it stay too, since nobody can tell whether they were deleted.
 */
function remember(signature: string, read: readonly ReadResult[], before: FileState | undefined): FileState {
  const known = new Map<string, AnyObject>();
  const results = read.map((result) => {
    if (!result.object) return result;
    const digest = digestOf(result.object);
    const same = before?.known.get(digest);
    // it is the same object, it only moved: whoever holds it sees where it is now
    if (same) {
      Object.assign(same.ref, result.object.ref);
      Object.assign(same, { lines: result.object.lines });
    }
    const object = same ?? result.object;
    known.set(digest, object);
    return { ...result, object };
  });
  if (before && results.some(({ refusal }) => refusal?.stage === 'yaml')) {
    const present = new Set(results.map(({ object }) => object && `${object.ref.kind}/${object.key}`));
    for (const [digest, object] of before.known) {
      if (present.has(`${object.ref.kind}/${object.key}`)) continue;
      known.set(digest, object);
      results.push({ object, lint: [] });
    }
  }
  return { signature, results, known };
}

function digestOf({ ref, labels, spec, unknownFields }: AnyObject): string {
  const content = JSON.stringify([
    ref.kind,
    ref.namespace,
    ref.name,
    labels,
    spec,
    unknownFields.map(({ path }) => path),
  ]);
  return createHash('sha1').update(content).digest('base64');
}

/** One walk over the given paths. */
class Scan {
  readonly files = new Map<string, BigIntStats>();
  readonly watched: Watched[] = [];
  readonly problems: SourceProblem[] = [];
  /** Paths that exist no more or cannot be entered. */
  readonly blind: string[] = [];
  readonly #visited = new Set<string>();
  readonly #disk: Disk;

  readonly #maxFiles: number;
  #leftOut = { count: 0, first: '' };

  constructor(disk: Disk, most: number) {
    this.#disk = disk;
    this.#maxFiles = most;
  }

  /** Reports the files that were left out, in one problem. */
  end(): void {
    const { count, first } = this.#leftOut;
    if (count > 0)
      this.problems.push({
        file: first,
        message: `more than ${this.#maxFiles} files; left out from here on: ${count}`,
      });
  }

  /** A path as it was given. Its own directory is watched for it too: it may be replaced, or appear later. */
  async path(path: string): Promise<void> {
    const parent = join(path, '..');
    await this.#watch(parent, path.slice(join(parent, '/').length) || undefined);
    try {
      const status = await this.#disk.call(path, () => stat(path, { bigint: true }));
      if (status.isDirectory()) return await this.#directory(path, 0);
      this.#file(path, status);
      const target = await this.#disk.call(path, () => realpath(path));
      if (target !== path) await this.#watch(join(target, '..'));
    } catch (error) {
      this.#cannot(path, error);
    }
  }

  async #directory(path: string, depth: number): Promise<void> {
    try {
      const target = await this.#disk.call(path, () => realpath(path));
      if (this.#visited.has(target)) return; // a symlink that leads back
      this.#visited.add(target);
      if (depth > maxDirectoryDepth) throw new Error(`more than ${maxDirectoryDepth} directories deep`);
      await this.#watch(path);
      for (const name of (await this.#disk.call(path, () => readdir(path))).sort()) {
        // among them the ..data of a mounted ConfigMap, whose files show up under their own names
        if (name.startsWith('.')) continue;
        await this.#entry(join(path, name), depth);
      }
    } catch (error) {
      this.#cannot(path, error);
    }
  }

  async #entry(path: string, depth: number): Promise<void> {
    try {
      const status = await this.#disk.call(path, () => stat(path, { bigint: true }));
      if (status.isDirectory()) await this.#directory(path, depth + 1);
      else if (extensions.has(extname(path).toLowerCase())) this.#file(path, status);
    } catch (error) {
      // deleted since readdir, or a symlink into nothing
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#cannot(path, error);
    }
  }

  #file(path: string, status: BigIntStats): void {
    if (this.files.has(path)) return;
    if (!status.isFile()) return void this.problems.push({ file: path, message: 'not a regular file' });
    if (this.files.size >= this.#maxFiles) {
      if (this.#leftOut.count++ === 0) this.#leftOut.first = path;
      return;
    }
    this.files.set(path, status);
  }

  #cannot(path: string, error: unknown): void {
    this.problems.push({ file: path, message: (error as Error).message });
    this.blind.push(path);
  }

  async #watch(directory: string, entry?: string): Promise<void> {
    try {
      const { ino } = await this.#disk.call(directory, () => stat(directory, { bigint: true }));
      this.watched.push({ directory, inode: ino, ...(entry !== undefined && { entry }) });
    } catch {
      // told by whoever needs something in it
    }
  }
}

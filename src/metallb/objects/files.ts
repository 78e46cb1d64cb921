/** Manifest files as they are on disk, and what was last good of each. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { largeFrom, readLargeText } from './large-text.ts';
import { type AnyObject, assembleResources, place, type ReadResult, type Resources, unknownKind } from './resources.ts';
import { maxTextLength, readObjects } from './yaml.ts';

/** Manifest files of all paths together. */
const maxFiles = 10_000;
/** Directories below a given one. */
const maxDirectoryDepth = 16;
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
  readonly #seen = new Set<string>();
  #files: ReadonlyMap<string, FileState> = new Map();

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** What `resources` was put together from. */
  get results(): ReadResult[] {
    return [...this.#files.values()].flatMap(({ results }) => results);
  }

  /** Looks at every file and parses those that changed; tells what is different from before. */
  async read(): Promise<{ snapshot: boolean; problems: boolean }> {
    const scan = new Scan();
    for (const path of this.#paths) await scan.path(path);
    for (const path of this.#paths) if (!scan.blind.includes(path)) this.#seen.add(path);
    this.whole = scan.blind.length === 0;
    this.complete = this.#paths.every((path) => this.#seen.has(path));

    const files = new Map<string, FileState>();
    for (const [file, status] of scan.files) files.set(file, await this.#readFile(file, status));
    // what cannot be looked into is not gone
    for (const [file, state] of this.#files)
      if (!files.has(file) && scan.blind.some((path) => file === path || file.startsWith(join(path, '/'))))
        files.set(file, state);

    const changed =
      files.size !== this.#files.size ||
      [...files].some(([file, state]) => this.#files.get(file)?.results !== state.results);
    this.#files = new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.watched = scan.watched;
    if (changed) this.resources = assembleResources(this.results, this.resources);
    const before = JSON.stringify(this.problems);
    this.problems = [
      ...scan.problems,
      ...[...this.#files.values()].flatMap(({ problem }) => problem ?? []),
      ...this.resources.refusals.map(({ object, error }) => ({
        file: object.file ?? place(object),
        ...(object.line !== undefined && { line: object.line }),
        message: object.kind === unknownKind ? error : `${object.kind}/${object.name}: ${error}`,
      })),
    ];
    return { snapshot: changed, problems: JSON.stringify(this.problems) !== before };
  }

  async #readFile(file: string, status: BigIntStats): Promise<FileState> {
    const before = this.#files.get(file);
    const signature = `${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}`;
    if (before && before.signature === signature && !before.problem) return before;
    const keep = (message: string): FileState => ({
      results: [],
      known: new Map(),
      ...before,
      signature,
      problem: { file, message },
    });
    if (status.size > maxTextLength) return keep(`larger than ${maxTextLength} octets`);
    try {
      const text = new Uint8Array(await readFile(file));
      const isLarge = text.length >= largeFrom;
      const results = isLarge ? await readLargeText(text, file) : await unhurried(readObjects(text, file));
      return remember(signature, results, before);
    } catch (error) {
      return keep((error as Error).message);
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

  /** A path as it was given. Its own directory is watched for it too: it may be replaced, or appear later. */
  async path(path: string): Promise<void> {
    const parent = join(path, '..');
    await this.#watch(parent, path.slice(join(parent, '/').length) || undefined);
    try {
      const status = await stat(path, { bigint: true });
      if (status.isDirectory()) return await this.#directory(path, 0);
      this.#file(path, status);
      const target = await realpath(path);
      if (target !== path) await this.#watch(join(target, '..'));
    } catch (error) {
      this.#cannot(path, error);
    }
  }

  async #directory(path: string, depth: number): Promise<void> {
    try {
      const target = await realpath(path);
      if (this.#visited.has(target)) return; // a symlink that leads back
      this.#visited.add(target);
      if (depth > maxDirectoryDepth) throw new Error(`more than ${maxDirectoryDepth} directories deep`);
      await this.#watch(path);
      for (const name of (await readdir(path)).sort()) {
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
      const status = await stat(path, { bigint: true });
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
    if (this.files.size >= maxFiles) {
      if (this.files.size === maxFiles)
        this.problems.push({
          file: path,
          message: `more than ${maxFiles} files; this one and those behind it are left out`,
        });
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
      const { ino } = await stat(directory, { bigint: true });
      this.watched.push({ directory, inode: ino, ...(entry !== undefined && { entry }) });
    } catch {
      // told by whoever needs something in it
    }
  }
}

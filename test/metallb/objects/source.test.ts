import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Disk } from '../../../src/metallb/objects/disk.ts';
import { ManifestFiles, maxDirectoryDepth, maxFileProblems } from '../../../src/metallb/objects/files.ts';
import type { Resources } from '../../../src/metallb/objects/resources.ts';
import {
  createManifestSource,
  type ManifestSource,
  type ManifestSourceOptions,
  readManifests,
  type SourceProblem,
} from '../../../src/metallb/objects/source.ts';
import { maxJsonLength } from '../../../src/metallb/objects/yaml.ts';
import { within } from '../../support/wait.ts';

const pool = (name: string, addresses = '10.0.0.0/24'): string =>
  `apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: { name: ${name}, namespace: metallb-system }\nspec: { addresses: [${addresses}] }\n`;
const broken = 'apiVersion: v1\nkind: [unclosed\n';
const names = (resources: Resources): string[] =>
  Array.from(resources.IPAddressPool.values(), ({ ref }) => ref.name).sort();

let folder: string;
let source: Watching | undefined;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'manifests-'))));
afterEach(async () => {
  source?.close();
  source = undefined;
  await rm(folder, { recursive: true });
});
const at = (...parts: string[]): string => join(folder, ...parts);

/** A source that remembers what it said; `next` waits for it to say more. */
class Watching {
  readonly snapshots: Resources[] = [];
  readonly problems: (readonly SourceProblem[])[] = [];
  #source!: ManifestSource;
  #waiting: (() => void)[] = [];

  static async of(
    given: string | readonly string[],
    reading: NonNullable<ManifestSourceOptions['reading']> = {},
  ): Promise<Watching> {
    const paths = [given].flat();
    const watching = new Watching();
    const told =
      <T>(list: T[]) =>
      (item: T): void => {
        list.push(item);
        for (const resolve of watching.#waiting.splice(0)) resolve();
      };
    // no polling: what is seen is seen by watching
    const quiet = { debounce: 20, pollInterval: 3_600_000 };
    watching.#source = await createManifestSource({
      paths,
      onSnapshot: told(watching.snapshots),
      onProblems: told(watching.problems),
      ...quiet,
      reading,
    });
    return watching;
  }
  get latest(): Resources {
    return this.snapshots.at(-1)!;
  }
  get latestProblems(): readonly SourceProblem[] {
    return this.problems.at(-1) ?? [];
  }
  /** Waits until `condition` holds after something was said. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition())
      await within('something new', 10_000, new Promise<void>((resolve) => this.#waiting.push(resolve)));
  }
  refresh = (): Promise<void> => this.#source.refresh();
  close = (): void => this.#source.close();
}

describe('manifests are read', () => {
  it('from files of any name and from folders with everything below, in the order of names', async () => {
    await mkdir(at('dir/deeper'), { recursive: true });
    await writeFile(at('dir/b.yml'), pool('b', '10.0.1.0/24'));
    await writeFile(
      at('dir/deeper/c.json'),
      JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }),
    );
    await writeFile(at('dir/notes.txt'), broken);
    await writeFile(at('dir/.hidden.yaml'), broken);
    await writeFile(at('given'), pool('a'));
    const { resources, problems } = await readManifests([at('given'), at('dir')]);
    expect(names(resources)).toEqual(['a', 'b']);
    expect([...resources.Node.keys()]).toEqual(['n']);
    expect(resources.size).toBe(3);
    expect(problems).toEqual([]);
  });

  it('with every problem at once', async () => {
    await writeFile(at('a.yaml'), `${pool('a')}---\n${broken}`);
    await writeFile(at('b.yaml'), pool('B'));
    await writeFile(at('huge.yaml'), '');
    await truncate(at('huge.yaml'), maxJsonLength + 1);
    const { resources, problems } = await readManifests([folder, at('none')]);
    expect(names(resources)).toEqual(['a']);
    expect(problems.map(({ file, line, message }) => [file.slice(folder.length + 1), line, message])).toEqual([
      ['none', undefined, expect.stringContaining('ENOENT')],
      ['huge.yaml', undefined, expect.stringContaining('larger than')],
      ['a.yaml', 8, expect.stringContaining('YAML parse error')],
      ['b.yaml', 3, expect.stringContaining('metadata.name')],
    ]);
  });

  it('once each, also where a symlink leads back', async () => {
    await writeFile(at('a.yaml'), pool('a'));
    await symlink(folder, at('loop'));
    expect((await readManifests([folder])).resources.lint).toEqual([]);
  });

  it('with a word about objects that are defined twice: the later one counts', async () => {
    await writeFile(at('a.yaml'), pool('p', '10.0.0.0/24'));
    await writeFile(at('b.yaml'), pool('p', '10.0.9.0/24'));
    const { resources } = await readManifests([folder]);
    expect(resources.IPAddressPool.get('metallb-system/p')!.spec.addresses).toEqual(['10.0.9.0/24']);
    expect(resources.lint).toMatchObject([
      { object: { file: at('b.yaml') }, message: expect.stringContaining(`${at('a.yaml')}:1`) },
    ]);
  });
});

describe('manifests are watched', () => {
  it('written in place', async () => {
    await writeFile(at('a.yaml'), pool('a'));
    source = await Watching.of(folder);
    await writeFile(at('a.yaml'), pool('a2'));
    await source.until(() => names(source!.latest).includes('a2'));
    expect(names(source.latest)).toEqual(['a2']);
  });

  it('replaced by rename, as editors do, also where the file itself was given', async () => {
    await writeFile(at('a.yaml'), pool('a'));
    source = await Watching.of(at('a.yaml'));
    for (const name of ['a2', 'a3']) {
      await writeFile(at('a.yaml.tmp'), pool(name));
      await rename(at('a.yaml.tmp'), at('a.yaml'));
      await source.until(() => names(source!.latest)[0] === name);
    }
  });

  it('added and deleted, in folders that were not there before', async () => {
    source = await Watching.of(folder);
    expect(source.snapshots).toHaveLength(1);
    await mkdir(at('new'));
    await writeFile(at('new/b.yaml'), pool('b'));
    await source.until(() => names(source!.latest).includes('b'));
    await writeFile(at('new/c.yaml'), pool('c', '10.0.3.0/24'));
    await source.until(() => names(source!.latest).includes('c'));
    await unlink(at('new/b.yaml'));
    await source.until(() => !names(source!.latest).includes('b'));
    expect(names(source.latest)).toEqual(['c']);
  });

  it('swapped as a mounted ConfigMap is: ..data points to another folder', async () => {
    const mount = at('mount');
    for (const [version, name] of [
      ['..2026_1', 'old'],
      ['..2026_2', 'new'],
    ] as const) {
      await mkdir(join(mount, version), { recursive: true });
      await writeFile(join(mount, version, 'pools.yaml'), pool(name));
    }
    await symlink('..2026_1', join(mount, '..data'));
    await symlink('..data/pools.yaml', join(mount, 'pools.yaml'));
    source = await Watching.of(mount);
    expect(names(source.latest)).toEqual(['old']);
    await symlink('..2026_2', join(mount, '..data_tmp'));
    await rename(join(mount, '..data_tmp'), join(mount, '..data'));
    await source.until(() => names(source!.latest)[0] === 'new');
  });

  it('and nothing is said of a file that was only touched', async () => {
    await writeFile(at('a.yaml'), pool('a'));
    source = await Watching.of(folder);
    const [before] = source.latest.IPAddressPool.values();
    await writeFile(at('a.yaml'), `# a comment more\n${pool('a')}`);
    await source.refresh();
    const [after] = source.latest.IPAddressPool.values();
    expect(after).toBe(before);
    expect(after!.ref.line).toBe(2);
  });
});

describe('half of what is meant', () => {
  it('is no state: the first snapshot waits for a path that is not there yet', async () => {
    await writeFile(at('a.yaml'), pool('a'));
    source = await Watching.of([at('a.yaml'), at('later')]);
    expect(source.snapshots).toEqual([]);
    expect(source.latestProblems).toMatchObject([{ file: at('later') }]);
    await mkdir(at('later'));
    await source.until(() => source!.snapshots.length > 0);
    expect(names(source.latest)).toEqual(['a']);
  });
});

describe('what was good last stays', () => {
  it('of a file that does not parse any more, until it does', async () => {
    await writeFile(at('a.yaml'), pool('a'));
    await writeFile(at('b.yaml'), pool('b', '10.0.1.0/24'));
    source = await Watching.of(folder);
    await writeFile(at('a.yaml'), broken);
    await source.until(() => source!.latestProblems.length === 1);
    expect(source.latestProblems).toMatchObject([{ file: at('a.yaml'), line: 3 }]);
    expect(source.latest.refusals).toMatchObject([{ stage: 'yaml' }]);
    expect(names(source.latest)).toEqual(['a', 'b']);
    await writeFile(at('a.yaml'), pool('c'));
    await source.until(() => source!.latestProblems.length === 0);
    expect(names(source.latest)).toEqual(['b', 'c']);
  });

  it('of the broken document alone, when others of the file parse', async () => {
    await writeFile(at('a.yaml'), `${pool('a')}---\n${pool('b', '10.0.1.0/24')}`);
    source = await Watching.of(folder);
    await writeFile(at('a.yaml'), `${pool('a', '10.0.7.0/24')}---\n${broken}`);
    await source.until(() => source!.latestProblems.length === 1);
    expect(Array.from(source.latest.IPAddressPool.values(), ({ spec }) => spec.addresses[0]).sort()).toEqual([
      '10.0.1.0/24',
      '10.0.7.0/24',
    ]);
  });

  it('of a folder that is gone', async () => {
    await mkdir(at('dir'));
    await writeFile(at('dir/a.yaml'), pool('a'));
    source = await Watching.of(at('dir'));
    await rename(at('dir'), at('away'));
    await source.until(() => source!.latestProblems.length === 1);
    expect(names(source.latest)).toEqual(['a']);
    await mkdir(at('dir'));
    await writeFile(at('dir/b.yaml'), pool('b'));
    await source.until(() => names(source!.latest).includes('b'));
    expect(source.latestProblems).toEqual([]);
    expect(names(source.latest)).toEqual(['b']);
  });
});

describe('a file that cannot be read in time, or at all', () => {
  it('is a pipe, which nobody waits for', async () => {
    execFileSync('mkfifo', [at('pipe.yaml')]);
    await symlink('/dev/zero', at('zero.yaml'));
    await writeFile(at('a.yaml'), pool('a'));
    const { resources, problems } = await readManifests([folder]);
    expect(names(resources)).toEqual(['a']);
    expect(problems.map(({ message }) => message)).toEqual(['not a regular file', 'not a regular file']);
  });

  it('does not keep the others waiting, and is in the next state once it has been read', async () => {
    const disk = new SlowDisk();
    await writeFile(at('a.yaml'), pool('a'));
    await writeFile(at('slow.yaml'), pool('slow', '10.0.1.0/24'));
    source = await Watching.of([at('a.yaml'), folder], { disk, patience: 1 });
    expect(source.snapshots).toEqual([]);
    disk.end();
    await source.until(() => source!.snapshots.length > 0);
    expect(names(source.latest)).toEqual(['a', 'slow']);
    disk.begin();
    await writeFile(at('slow.yaml'), pool('slower', '10.0.1.0/24'));
    await writeFile(at('a.yaml'), pool('a2'));
    await source.until(() => names(source!.latest).includes('a2'));
    expect(names(source.latest)).toEqual(['a2', 'slow']);
    disk.end();
    await source.until(() => names(source!.latest).includes('slower'));
  });

  it('is not read again before it changes when it holds too much', async () => {
    const disk = new SlowDisk();
    const large = `data: [${'a, '.repeat(40_000)}]`;
    await writeFile(at('a.yaml'), large);
    const files = new ManifestFiles([folder], { disk, bounds: { time: 0, heap: 512 } });
    disk.end();
    for (let look = 0; look < 3; look++) await files.read();
    expect(files.problems).toMatchObject([{ message: 'parsing takes longer than 0 s' }]);
    expect(disk.reads).toBe(1);
    await writeFile(at('a.yaml'), `${large}\n`);
    await files.read();
    expect(disk.reads).toBe(2);
  });

  it('is left out beyond maxFiles, with one problem for all such files', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await writeFile(at(`${name}.yaml`), pool(name));
    const files = new ManifestFiles([folder], { maxFiles: 2 });
    await files.read();
    expect(names(files.resources)).toEqual(['a', 'b']);
    expect(files.problems).toEqual([{ file: at('c.yaml'), message: 'more than 2 files; left out from here on: 2' }]);
  });

  it('is left out below maxDirectoryDepth directories, with a problem', async () => {
    const deep = (depth: number): string => at(...Array<string>(depth).fill('d'));
    await mkdir(deep(maxDirectoryDepth + 1), { recursive: true });
    for (const depth of [maxDirectoryDepth, maxDirectoryDepth + 1])
      await writeFile(join(deep(depth), 'a.yaml'), pool(`p${depth}`));
    const { resources, problems } = await readManifests([folder]);
    expect(names(resources)).toEqual([`p${maxDirectoryDepth}`]);
    expect(problems).toEqual([{ file: deep(maxDirectoryDepth + 1), message: 'more than 16 directories deep' }]);
  });

  it('counts among the problems, of which so many are told', async () => {
    await writeFile(at('a.yaml'), '- 1\n---\n'.repeat(maxFileProblems + 5));
    const { problems } = await readManifests([folder]);
    expect(problems).toHaveLength(maxFileProblems + 1);
    expect(problems.at(-1)).toEqual({ file: at('a.yaml'), message: '5 more problems from here on' });
  });
});

/** Holds back reads of files with `slow` in their name between `begin` and `end`. */
class SlowDisk extends Disk {
  reads = 0;
  #held = Promise.withResolvers<void>();

  begin = (): void => void (this.#held = Promise.withResolvers());
  end = (): void => this.#held.resolve();
  override async readFile(path: string, maxLength: number): ReturnType<Disk['readFile']> {
    this.reads++;
    if (path.includes('slow')) await this.#held.promise;
    return super.readFile(path, maxLength);
  }
}

describe('a snapshot', () => {
  it('shares the objects and the maps that did not change with the one before', async () => {
    await writeFile(at('a.yaml'), pool('a'));
    await writeFile(at('n.yaml'), 'apiVersion: v1\nkind: Node\nmetadata: { name: n }\n');
    source = await Watching.of(folder);
    const before = source.latest;
    await writeFile(at('b.yaml'), pool('b', '10.0.1.0/24'));
    await source.until(() => names(source!.latest).includes('b'));
    expect(source.latest.Node).toBe(before.Node);
    expect(source.latest.IPAddressPool).not.toBe(before.IPAddressPool);
    expect(source.latest.IPAddressPool.get('metallb-system/a')).toBe(before.IPAddressPool.get('metallb-system/a'));
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Disk } from '../../../src/metallb/objects/disk.ts';
import { ManifestFiles, maxParsers, maxReads } from '../../../src/metallb/objects/files.ts';
import { largeFrom } from '../../../src/metallb/objects/large-text.ts';

/** Counts work that runs at the same time. */
class Load {
  peak = 0;
  #running = 0;

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.peak = Math.max(this.peak, ++this.#running);
    await turn();
    return work().finally(() => this.#running--);
  }
}

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'manifests-'))));
afterEach(() => rm(folder, { recursive: true }));

async function write(files: number, length: number): Promise<void> {
  for (let i = 0; i < files; i++) await writeFile(join(folder, `${i}.yaml`), '#'.repeat(length));
}

it('reads maxReads files at a time', async () => {
  await write(2 * maxReads, 10);
  const load = new Load();
  class CountingDisk extends Disk {
    override readFile(path: string, maxLength: number) {
      return load.during(() => super.readFile(path, maxLength));
    }
  }
  await new ManifestFiles([folder], { disk: new CountingDisk() }).read();
  expect(load.peak).toBe(maxReads);
});

it('parses maxParsers large files at a time', async () => {
  await write(2 * maxParsers, largeFrom);
  const load = new Load();
  let parsed = 0;
  const readLarge = () =>
    load.during(async () => {
      parsed++;
      return [];
    });
  await new ManifestFiles([folder], { readLarge }).read();
  expect([load.peak, parsed]).toEqual([maxParsers, 2 * maxParsers]);
});

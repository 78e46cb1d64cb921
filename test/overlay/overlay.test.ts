/** The two layers of rules: a watched file and the stored rules of the API. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { maxFileBytes } from '../../src/overlay/file.ts';
import { type Overlay, openOverlay } from '../../src/overlay/overlay.ts';
import { loadStored, storedName } from '../../src/overlay/stored.ts';
import { overlayRules, readAt } from './rules.ts';

class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'peerglass-overlay-'));
  readonly file = join(this.path, 'expectations.yaml');
  now = readAt;
  changes = 0;
  #wake = () => {};

  constructor() {
    onTestFinished(() => rmSync(this.path, { recursive: true, force: true }));
  }

  write(text: string, file = this.file): void {
    writeFileSync(file, text);
  }

  async open(file: string | null = this.file): Promise<Overlay> {
    const overlay = await openOverlay({
      file,
      folder: this.path,
      now: () => this.now,
      onChange: () => {
        this.changes++;
        this.#wake();
      },
    });
    onTestFinished(() => overlay.close());
    return overlay;
  }

  /** Resolves at the next reported change. */
  nextChange(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

const rule = (id: string, more = ''): string =>
  `  - { id: ${id}, rule: must, prefix: 203.0.113.1/32, reason: r, owner: o${more} }\n`;
const text = (...rules: string[]): string => `rules:\n${rules.join('')}`;
const ids = (overlay: Overlay): string[] => overlay.rules.map(({ id }) => id);
const problems = (overlay: Overlay, now = readAt): string[] => overlay.view(now).problems.map((one) => one.text);

describe('the file', () => {
  test('is read at start and after changes', async () => {
    const folder = new Folder();
    folder.write(text(rule('one')));
    const overlay = await folder.open();
    expect(ids(overlay)).toEqual(['one']);
    expect(overlay).toMatchObject({ synced: true, readAt });
    const changed = folder.nextChange();
    folder.write(text(rule('one'), rule('two')));
    await changed;
    expect(ids(overlay)).toEqual(['one', 'two']);
  });

  test('is read when it is replaced, as by editors and Kubernetes', async () => {
    const folder = new Folder();
    for (const version of ['..v1', '..v2']) {
      mkdirSync(join(folder.path, version));
      folder.write(text(rule(version.slice(2))), join(folder.path, version, 'expectations.yaml'));
    }
    symlinkSync('..v1', join(folder.path, '..data'));
    symlinkSync(join('..data', 'expectations.yaml'), folder.file);
    const overlay = await folder.open();
    expect(ids(overlay)).toEqual(['v1']);
    const changed = folder.nextChange();
    symlinkSync('..v2', join(folder.path, '..next'));
    renameSync(join(folder.path, '..next'), join(folder.path, '..data'));
    await changed;
    expect(ids(overlay)).toEqual(['v2']);
  });

  const broken: [string, string, string[], RegExp][] = [
    ['a text that is not YAML keeps all rules', 'rules:\n  - { id: x', ['one', 'two'], /^YAML: /],
    ['a text without rules keeps all rules', 'rule: 1', ['one', 'two'], /^expected `rules:`/],
    [
      'an invalid rule keeps its last version, a removed rule goes',
      text(rule('two', ', node: [x], atLeast: 2'), rule('three')),
      ['three', 'two'],
      /exceeds the 1 listed/,
    ],
    ['a rule that was never valid is absent', text(rule('one'), rule('new', ', oops: 1')), ['one'], /unknown key/],
  ];
  test.each(broken)('%s', async (_, changed, left, problem) => {
    const folder = new Folder();
    folder.write(text(rule('one'), rule('two')));
    const overlay = await folder.open();
    folder.write(changed);
    await overlay.refresh();
    expect(ids(overlay)).toEqual(left);
    expect(problems(overlay)).toEqual([expect.stringMatching(problem)]);
    folder.write(text(rule('one')));
    await overlay.refresh();
    expect([ids(overlay), problems(overlay)]).toEqual([['one'], []]);
  });

  test('keeps its rules when it is removed; a missing file is a problem', async () => {
    const folder = new Folder();
    const overlay = await folder.open();
    expect(overlay.synced).toBe(false);
    expect(problems(overlay)).toEqual([expect.stringMatching(/^cannot read the file: ENOENT.*'$/)]);
    folder.write(text(rule('one')));
    await overlay.refresh();
    rmSync(folder.file);
    const before = folder.changes;
    await overlay.refresh();
    await overlay.refresh();
    expect(folder.changes).toBe(before + 1);
    expect(ids(overlay)).toEqual(['one']);
    expect(problems(overlay)).toEqual([expect.stringMatching(/ENOENT.*; keeping the rules read last$/)]);
  });

  const unreadable: [string, (path: string) => void, RegExp][] = [
    ['a folder', (path) => mkdirSync(path), /not a regular file/],
    [
      'a file that is too large',
      (path) => writeFileSync(path, ' '.repeat(maxFileBytes + 1)),
      /larger than 1048576 octets/,
    ],
  ];
  test.each(unreadable)('%s is a problem', async (_, make, problem) => {
    const folder = new Folder();
    make(folder.file);
    expect(problems(await folder.open())).toEqual([expect.stringMatching(problem)]);
  });
});

describe('rules of the API', () => {
  const put = overlayRules(
    { rule: 'must-not', prefix: '::/0', id: 'put' },
    { rule: 'ignore', prefix: '::/0', id: 'gone' },
  );

  test('survive a restart and leave no other files', async () => {
    const folder = new Folder();
    await (await folder.open(null)).put(put, readAt + 5);
    const again = await folder.open(null);
    expect(again.rules.map(({ written }) => written)).toEqual(put.map(({ written }) => written));
    expect(again.view(readAt)).toMatchObject({ file: null, updatedAt: readAt + 5, problems: [] });
    expect(readdirSync(folder.path)).toEqual([storedName]);
  });

  test('are in effect only when durable', async () => {
    const folder = new Folder();
    const overlay = await folder.open(null);
    rmSync(folder.path, { recursive: true });
    await expect(overlay.put(put, readAt)).rejects.toThrow('ENOENT');
    expect(overlay.rules).toEqual([]);
    mkdirSync(folder.path);
    await overlay.put(put, readAt);
    expect(ids(overlay)).toEqual(['put', 'gone']);
  });

  test('are the last of several PUTs', async () => {
    const folder = new Folder();
    const overlay = await folder.open(null);
    await Promise.all([overlay.put(put, 1), overlay.put([], 2), overlay.put(put.slice(1), 3)]);
    expect(ids(overlay)).toEqual(['gone']);
    expect(loadStored(join(folder.path, storedName), readAt)).toMatchObject({ updatedAt: 3, rules: [{ id: 'gone' }] });
  });

  test("replace the file's rule with their id, which returns when they are removed", async () => {
    const folder = new Folder();
    folder.write(text(rule('put'), rule('other')));
    const overlay = await folder.open();
    await overlay.put(put.slice(0, 1), readAt);
    expect(overlay.rules.map(({ id, rule: kind }) => `${id} ${kind}`)).toEqual(['put must-not', 'other must']);
    expect(overlay.view(readAt).rules.map((one) => [one.rule.id, one.layer, one.replaced])).toEqual([
      ['put', 'api', false],
      ['put', 'file', true],
      ['other', 'file', false],
    ]);
    await overlay.put([], readAt);
    expect(overlay.rules.map(({ id, rule: kind }) => `${id} ${kind}`)).toEqual(['put must', 'other must']);
  });

  test.each([
    ['half a file', '{"rules": [', /is damaged/],
    ['an invalid rule', '{"updatedAt":1,"rules":[{"id":"x"}]}', /expected/],
  ])('%s is a problem but does not prevent the start', async (_, content, problem) => {
    const folder = new Folder();
    folder.write(content, join(folder.path, storedName));
    expect(problems(await folder.open(null))[0]).toMatch(problem);
  });
});

test('an expired rule becomes a problem with its owner, reported once', async () => {
  const folder = new Folder();
  const expires = new Date(readAt + 1_000).toISOString();
  folder.write(text(rule('one', `, expires: "${expires}"`)));
  const overlay = await folder.open();
  expect(problems(overlay)).toEqual([]);
  const before = folder.changes;
  folder.now = readAt + 999;
  overlay.tick();
  expect(folder.changes).toBe(before);
  folder.now = readAt + 1_000;
  overlay.tick();
  overlay.tick();
  expect(folder.changes).toBe(before + 1);
  expect(overlay.view(folder.now)).toMatchObject({
    rules: [{ expired: true }],
    problems: [
      {
        file: folder.file,
        line: 2,
        text: `rule one (must) of o expired at ${expires}: renew or remove it`,
      },
    ],
  });
});

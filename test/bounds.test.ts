/** The table of bounds in src/README.md: complete, true, and with a test for each bound. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { limits } from '../src/api/limits.ts';

/**
 * Exported constants and keys of `limits` that bound nothing that comes from outside: sizes of pieces of work, pauses
 * between two looks, and how much of a list one sentence names. They have no row.
 */
const notBounds: readonly string[] = [
  'limits.defaultRows',
  'limits.firstPiece',
  'limits.pieceRows',
  'limits.pieceBytes',
  'limits.sliceRows',
  'limits.sliceCheck',
  'limits.timelineAge',
  'limits.timelineExamples',
  'limits.timelineNames',
  'limits.verdictSlice',
  'limits.chainSteps',
  'limits.l2Objects',
  'limits.suggestions',
  'limits.simulationChunk',
  'limits.connectionsCheck',
  'limits.checkPoll',
  'limits.lagPoll',
  'limits.durablePoll',
  'limits.streamTick',
  'limits.shareTime',
  'limits.coalesce',
  'maxNamed of src/metallb/frr-k8s/conflicts.ts',
  'maxErrorLength of src/metallb/refusals.ts',
];

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const has = (file: string, word: string): boolean => new RegExp(`\\b${word}\\b`).test(read(file));

interface Bound {
  /** As in the table: `maxX`, or `limits.x`. */
  name: string;
  file: string;
  effect: string;
  tests: string[];
}

/** Rows of the tables: "| `name` (value), `another` | `file` | effect | `test` |". */
const bounds: Bound[] = read('src/README.md')
  .split('\n## Bounds\n')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => {
    const [names, [file], , tests] = line.split(' | ').map(quoted) as [string[], string[], string[], string[]];
    const effect = line.split(' | ')[2] ?? '';
    const prefix = names[0]!.startsWith('limits.') ? 'limits.' : '';
    return names.map((name) => ({ name: prefix + lastWord(name), file: `src/${file}`, effect, tests }));
  });

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);
}

function lastWord(name: string): string {
  return name.split('.').at(-1)!;
}

/** Exported constants `max…` of the sources with their files, and the keys of `limits`. */
const declared: [name: string, file: string | undefined][] = [
  ...readdirSync(new URL('../src', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) =>
      [...read(`src/${file}`).matchAll(/^export const (max[A-Z]\w*)/gm)].map(([, name]): [string, string] => [
        name!,
        `src/${file}`,
      ]),
    ),
  ...Object.keys(limits).map((key): [string, undefined] => [`limits.${key}`, undefined]),
];

const label = (name: string, file: string | undefined): string => (file ? `${name} of ${file}` : name);

test('every exported bound has a row', () => {
  const isInTable = (name: string, file: string | undefined) =>
    bounds.some((bound) => bound.name === name && (file === undefined || bound.file === file));
  const missing = declared.filter(([name, file]) => !isInTable(name, file) && !notBounds.includes(label(name, file)));
  expect(missing.map(([name, file]) => label(name, file))).toEqual([]);
});

test('the list above has names of bounds that exist', () => {
  const labels = new Set(declared.map(([name, file]) => label(name, file)));
  expect(notBounds.filter((name) => !labels.has(name))).toEqual([]);
  const rows = new Set(bounds.map(({ name, file }) => (name.startsWith('limits.') ? name : label(name, file))));
  expect(notBounds.filter((name) => rows.has(name))).toEqual([]);
});

describe.each(bounds)('$name of $file', ({ name, file, effect, tests }) => {
  test('exists, and the table says what happens there', () => {
    expect(existsSync(new URL(`../${file}`, import.meta.url)), file).toBe(true);
    if (name.startsWith('limits.')) expect(limits).toHaveProperty(lastWord(name));
    expect(has(file, lastWord(name)), file).toBe(true);
    expect(effect.trim()).not.toBe('');
  });

  test('has a test that names it', () => {
    expect(tests).not.toEqual([]);
    for (const each of tests) expect(has(each, lastWord(name)), each).toBe(true);
  });
});

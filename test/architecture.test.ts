/** The picture in src/README.md is the tree: who may import whom, and that nothing it names is gone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  circlesOf,
  deadPaths,
  edgesOf,
  fileCircles,
  importsOf,
  parseImportTable,
  partsOf,
  sharedTypeNames,
  sourceFiles,
} from './support/import-table.ts';

const project = join(import.meta.dirname, '..');
const rows = parseImportTable(readFileSync(join(project, 'src/README.md'), 'utf8'));
const edges = edgesOf(project);

describe('the import table of src/README.md', () => {
  it('has one row for every part of the tree, and no other', () => {
    expect(rows.map(({ from }) => from).sort()).toEqual(partsOf(project));
  });

  it('allows every import that there is', () => {
    const refused = edges.filter(({ from, to, typesOnly }) => {
      const row = rows.find((each) => each.from === from);
      const allowed = row?.to.find(({ part }) => part === to);
      return !row?.everything && !(allowed && (typesOnly || !allowed.typesOnly));
    });
    expect(refused.map(({ file, to, typesOnly }) => `${file} imports ${to}${typesOnly ? ' (types)' : ''}`)).toEqual([]);
  });

  it('allows nothing that nobody needs', () => {
    const stale = rows.flatMap(({ from, to }) =>
      to
        .filter(
          ({ part, typesOnly }) =>
            !edges.some((edge) => edge.from === from && edge.to === part && (typesOnly || !edge.typesOnly)),
        )
        .map(
          ({ part, typesOnly }) => `${from} → ${part}${typesOnly ? ' (types)' : ' is not imported, or for types only'}`,
        ),
    );
    expect(stale).toEqual([]);
  });

  it('has no circle, types included', () => {
    expect(circlesOf(new Map(rows.map(({ from, to }) => [from, to.map(({ part }) => part)])))).toEqual([]);
  });
});

/** Circles that are still to be cut. */
const knownCircles: string[] = [
  [
    'src/api/stream/catch-ups.ts',
    'src/api/stream/client.ts',
    'src/api/stream/distribute.ts',
    'src/api/stream/hub.ts',
  ].join(' '),
];

describe('imports between files', () => {
  it('have no circle, types included', () => {
    expect(fileCircles(project)).toEqual(knownCircles);
  });

  it.each<[string, Record<string, string[]>, string[]]>([
    ['no circle', { a: ['b', 'c'], b: ['c'], c: [] }, []],
    ['two files that import each other', { a: ['b'], b: ['a'], c: ['a'] }, ['a b']],
    ['a file that imports itself', { a: ['a'] }, ['a']],
    ['a longer circle', { a: ['b'], b: ['c'], c: ['a', 'd'], d: [] }, ['a b c']],
  ])('finds %s', (_, graph, circles) => {
    expect(circlesOf(new Map(Object.entries(graph)))).toEqual(circles);
  });
});

describe('exported types', () => {
  it('have names of their own; a schema of the API has the name of what it describes', () => {
    expect(sharedTypeNames(project, 'src/api/schemas/')).toEqual([]);
  });
});

describe('the wall clock', () => {
  it('is read in src/clock.ts only: it may be set at any time', () => {
    const readers = sourceFiles(project).filter((file) =>
      /\bDate\.now\b|new Date\(\)/.test(readFileSync(join(project, file), 'utf8')),
    );
    expect(readers).toEqual(['src/clock.ts']);
  });
});

describe('src/README.md', () => {
  it('names no path that does not exist', () => {
    expect(deadPaths(project, 'src/README.md')).toEqual([]);
  });
});

describe('how imports are read', () => {
  it.each([
    ["import { a } from './a.ts';", './a.ts', false],
    ["import type { A } from './a.ts';", './a.ts', true],
    ["import { type A, type B } from './a.ts';", './a.ts', true],
    ["import { type A, b } from './a.ts';", './a.ts', false],
    ["import {\n  a,\n  b,\n} from './a.ts';", './a.ts', false],
    ["export * from './a.ts';", './a.ts', false],
    ["export type { A } from './a.ts';", './a.ts', true],
    ["import './a.css';", './a.css', false],
    ["const a = await import('./a.ts');", './a.ts', false],
    ["new Worker(new URL('./thread.ts', import.meta.url))", './thread.ts', false],
  ])('%s', (text, specifier, typesOnly) => {
    expect(importsOf(text)).toEqual([{ specifier, typesOnly }]);
  });
});

/** The picture in src/README.md is the tree: who may import whom, and that nothing it names is gone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deadPaths, edgesOf, importsOf, parseImportTable, partsOf, sourceFiles } from './support/import-table.ts';

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

  it('has no circle among what is left at run time', () => {
    const needs = new Map(
      rows.map(({ from, to }) => [from, to.filter(({ typesOnly }) => !typesOnly).map(({ part }) => part)]),
    );
    const circle = (part: string, path: string[]): string[] | undefined =>
      path.includes(part)
        ? [...path, part]
        : needs
            .get(part)
            ?.map((next) => circle(next, [...path, part]))
            .find(Boolean);
    expect(rows.map(({ from }) => circle(from, [])).find(Boolean)).toBeUndefined();
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

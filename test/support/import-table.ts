/** Who imports whom: the table that src/README.md draws, and what the files really do. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** One import between two parts of the tree. A part is a folder or file directly under src, or `web`. */
export interface Edge {
  from: string;
  to: string;
  /** Nothing of it is left at run time. */
  typesOnly: boolean;
  file: string;
}

/** `part → part part (types)`; `–` for none, `everything` without limit. */
export interface Row {
  from: string;
  to: { part: string; typesOnly: boolean }[];
  everything: boolean;
}

/** The rows of the block fenced as ```imports. @throws on a line that is no row. */
export function parseImportTable(markdown: string): Row[] {
  const block = /^```imports\n(.*?)^```/ms.exec(markdown)?.[1];
  if (block === undefined) throw new Error('src/README.md has no block fenced as ```imports');
  return block
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, from, words] = /^\s*([\w-]+)\s*→\s*(.+?)\s*$/.exec(line) ?? [];
      if (from === undefined || words === undefined) throw new Error(`no row of an import table: ${line}`);
      if (words === '–' || words === '-') return { from, to: [], everything: false };
      if (words === 'everything') return { from, to: [], everything: true };
      const to = [...words.matchAll(/([\w-]+)(\s*\(types\))?/g)].map(([, part, types]) => ({
        part: part!,
        typesOnly: types !== undefined,
      }));
      return { from, to, everything: false };
    });
}

/** Parts of the tree: what is directly under src, without extension, and `web`. */
export function partsOf(project: string): string[] {
  const inSource = readdirSync(join(project, 'src')).filter((name) => !name.endsWith('.md'));
  return [...new Set([...inSource.map((name) => name.replace(/\.(ts|mjs)$/, '')), 'web'])].sort();
}

/** Files of `src`, relative to the project. */
export function sourceFiles(project: string): string[] {
  return [...walk(join(project, 'src'))].map((path) => relative(project, path));
}

/** Every import that crosses from one part into another. */
export function edgesOf(project: string): Edge[] {
  const files = [...walk(join(project, 'src')), ...walk(join(project, 'web', 'src'))].filter((path) =>
    /\.(tsx?|mjs)$/.test(path),
  );
  return files.flatMap((file) =>
    importsOf(readFileSync(file, 'utf8')).flatMap(({ specifier, typesOnly }) => {
      if (!specifier.startsWith('.')) return [];
      const target = resolve(dirname(file), specifier);
      const [from, to] = [partOf(project, file), partOf(project, target)];
      return from === to ? [] : [{ from, to, typesOnly, file: relative(project, file) }];
    }),
  );
}

/** Groups of files of `src` that import each other in a circle, types included: each sorted and joined by a space. */
export function fileCircles(project: string): string[] {
  const imports = new Map(
    sourceFiles(project)
      .filter((file) => /\.(ts|mjs)$/.test(file))
      .map((file) => {
        const all = importsOf(readFileSync(join(project, file), 'utf8'));
        const own = all.filter(({ specifier }) => specifier.startsWith('.'));
        return [file, own.map(({ specifier }) => join(dirname(file), specifier))];
      }),
  );
  return circlesOf(imports);
}

/** Names of types that several files outside `except` export, each with these files. */
export function sharedTypeNames(project: string, except: string): string[] {
  const exported = sourceFiles(project)
    .filter((file) => !file.startsWith(except))
    .flatMap((file) => {
      const text = readFileSync(join(project, file), 'utf8');
      return [...text.matchAll(/^export (?:abstract )?(?:interface|type|class) (\w+)/gm)].map(([, name]) => ({
        name,
        file,
      }));
    });
  return [...Map.groupBy(exported, ({ name }) => name)]
    .filter(([, { length }]) => length > 1)
    .map(([name, files]) => `${name}: ${files.map(({ file }) => file).join(' ')}`);
}

/** Strongly connected components of more than one node, each sorted and joined by a space. */
export function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>();
    const open = [from];
    for (let node = open.pop(); node !== undefined; node = open.pop())
      for (const next of graph.get(node) ?? []) if (!seen.has(next)) seen.add(next) && open.push(next);
    return seen;
  };
  const reached = new Map(Array.from(graph.keys(), (node) => [node, reach(node)]));
  const circles = [...graph.keys()].map((node) =>
    [...reached.get(node)!].filter((other) => reached.get(other)?.has(node)).sort(),
  );
  return [...new Set(circles.filter(({ length }) => length > 0).map((circle) => circle.join(' ')))].sort();
}

/** Static, dynamic and URL imports of a module's text. */
export function importsOf(text: string): { specifier: string; typesOnly: boolean }[] {
  const code = text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const fixed = [...code.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:([^;'"]*?)\s*from\s*)?'([^']+)'/gm)];
  const late = [...code.matchAll(/(?:\bimport|new URL)\(\s*'([^']+\.(?:ts|mjs))'/g)];
  return [
    ...fixed.map(([, type, names = '', specifier]) => ({
      specifier: specifier!,
      typesOnly: type !== undefined || allTypes(names),
    })),
    ...late.map(([, specifier]) => ({ specifier: specifier!, typesOnly: false })),
  ];
}

/** Paths that a document names in code spans and that do not exist, tried from the document's folder and from the project. */
export function deadPaths(project: string, document: string): string[] {
  const text = readFileSync(join(project, document), 'utf8').replaceAll(/^```.*?^```/gms, '');
  const named = [...text.matchAll(/`([\w.@-]+(?:\/[\w.@-]+)*\/?)`/g)].map(([, path]) => path!);
  const paths = named.filter((path) => path.includes('/') || /\.(ts|tsx|sql|md|json|yaml)$/.test(path));
  const bases = [join(project, dirname(document)), project];
  return paths.filter((path) => !bases.some((base) => existsSync(join(base, path))));
}

/** `{ type A, type B }` leaves nothing behind; an import for its effect does. */
function allTypes(names: string): boolean {
  const [, list] = /^\{(.*)\}$/s.exec(names.trim()) ?? [];
  const each = (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return each.length > 0 && each.every((name) => name.startsWith('type '));
}

function partOf(project: string, path: string): string {
  const [top, next] = relative(project, path).split('/');
  return top === 'src' && next !== undefined ? next.replace(/\.(ts|mjs)$/, '') : (top ?? '');
}

function* walk(folder: string): Generator<string> {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* walk(path);
    else yield path;
  }
}

/** The configuration file as a value, with the line of each key. */
import { readFileSync, statSync } from 'node:fs';
import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument } from 'yaml';

/** A problem and its place. */
export interface ConfigProblem {
  /** The file, or the name of the variable. */
  file: string;
  /** 1-based. */
  line?: number;
  /** `bgp.neighbors[0].asn` */
  path?: string;
  /** What is wrong and what to do. */
  text: string;
}

export const maxFileBytes = 1 << 20;

export interface ConfigSource {
  name: string;
  value: Record<string, unknown>;
  problems: ConfigProblem[];
  line(path: PropertyKey[]): number | undefined;
}

/** Reads and parses the file; without a file the value is empty. `problems` has what failed. */
export function readSource(file: string | undefined): ConfigSource {
  const nothing = { name: 'configuration', value: {}, problems: [], line: () => undefined };
  if (file === undefined) return nothing;
  let text: string;
  try {
    if (statSync(file).size > maxFileBytes)
      return { ...nothing, name: file, problems: [{ file, text: `larger than ${maxFileBytes} octets` }] };
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { ...nothing, name: file, problems: [{ file, text: `cannot read the file: ${(error as Error).message}` }] };
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const problems = document.errors.map(({ pos, message }) => ({
    file,
    line: counter.linePos(pos[0]).line,
    text: message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, ''),
  }));
  const value = problems.length === 0 ? (document.toJS() ?? {}) : {};
  if (typeof value !== 'object' || Array.isArray(value))
    return { ...nothing, name: file, problems: [{ file, line: 1, text: 'expected keys such as bgp: and http:' }] };
  return { name: file, value, problems, line: (path) => lineOf(document, counter, path) };
}

/** Line of the key at the end of `path`, or of its nearest parent that has one. */
function lineOf(document: Document, counter: LineCounter, path: PropertyKey[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent)
      ? parent.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(path[depth - 1]),
        )
      : undefined;
    const node = (pair?.key ?? document.getIn(path.slice(0, depth), true)) as
      | { range?: [number, number, number] }
      | undefined;
    if (node?.range) return counter.linePos(node.range[0]).line;
  }
  return undefined;
}

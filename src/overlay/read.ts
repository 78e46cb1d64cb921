/** Reads rules from YAML or JSON. Reports all problems at once, with lines; an invalid rule does not affect others. */
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../suggest.ts';
import { issuesOf, maxRules, type OverlayRule, RuleInput, ruleOf, type WrittenRule } from './rule.ts';

/** An invalid or expired rule, or an unreadable text. */
export interface OverlayProblem {
  file: string;
  /** 1-based. */
  line?: number;
  /** `rules[3].expires` */
  path?: string;
  text: string;
}

export interface ReadRules {
  rules: OverlayRule[];
  problems: OverlayProblem[];
  /** Ids of invalid rules. */
  rejected: Set<string>;
  /** The text has no list of rules. */
  unreadable: boolean;
}

/** Problems reported per text. */
export const maxProblems = 100;

const knownKeys = Object.keys(RuleInput.shape);

/** Reads the rules of a YAML text; JSON is YAML. `file`: for problems; `now`: epoch ms. */
export function readOverlay(text: string, file: string, now: number): ReadRules {
  const lines = new LineCounter();
  // uniqueKeys compares every pair of keys, which takes minutes for a large mapping
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  if (document.errors.length > 0)
    return unreadable(
      bounded(
        document.errors.map(({ pos, message }) => ({
          file,
          line: lines.linePos(pos[0]).line,
          text: `YAML: ${message}`,
        })),
      ),
    );
  let value: unknown;
  try {
    const duplicates = repeatedKeys(document, lines, file);
    if (duplicates.length > 0) return unreadable(bounded(duplicates));
    value = document.toJS();
  } catch (error) {
    return unreadable([{ file, line: 1, text: `YAML: ${(error as Error).message}` }]);
  }
  return readRules(value ?? { rules: [] }, file, now, (path) => lineOf(document, lines, path));
}

/** Reads the rules of a parsed value. */
export function readRules(
  value: unknown,
  file: string,
  now: number,
  line: (path: readonly PropertyKey[]) => number | undefined = () => undefined,
): ReadRules {
  const at = (path: PropertyKey[], text: string): OverlayProblem => {
    const found = line(path);
    const shown = path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`));
    return {
      file,
      ...(found !== undefined && { line: found }),
      ...(shown.length > 0 && { path: shown.join('') }),
      text,
    };
  };
  const { rules: list, ...others } = isRecord(value) ? value : { rules: undefined };
  if (!Array.isArray(list)) return unreadable([at([], 'expected `rules:` with a list of rules')]);
  if (list.length > maxRules)
    return unreadable([at(['rules'], `${list.length} rules exceed the maximum of ${maxRules}`)]);

  const problems = Object.keys(others).map((key) => at([key], `unknown key${suggestion(key, ['rules'])}`));
  const rules = new Map<string, OverlayRule>();
  const rejected = new Set<string>();
  for (const [i, written] of list.entries()) {
    const id = isRecord(written) && typeof written['id'] === 'string' ? written['id'] : '';
    const parsed = RuleInput.safeParse(written);
    const issues = parsed.success
      ? issuesOf(parsed.data, now).map(({ key, text }) => at(key === null ? ['rules', i] : ['rules', i, key], text))
      : parsed.error.issues.flatMap((issue) => issueProblems(issue, ['rules', i], at));
    if (parsed.success && rules.has(parsed.data.id))
      issues.push(at(['rules', i, 'id'], `duplicate id ${id}: only the first rule counts; give each rule its own id`));
    else if (issues.length > 0) rejected.add(id);
    problems.push(...issues);
    if (!parsed.success || issues.length > 0) continue;
    const where = line(['rules', i]);
    rules.set(id, ruleOf(parsed.data, written as WrittenRule, { file, ...(where !== undefined && { line: where }) }));
  }
  return { rules: [...rules.values()], problems: bounded(problems), rejected, unreadable: false };
}

/** Duplicate keys of mappings, since it is ambiguous which one counts. */
function repeatedKeys(document: Document, lines: LineCounter, file: string): OverlayProblem[] {
  const problems: OverlayProblem[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = String(isScalar(key) ? key.value : key);
        const line = isNode(key) && key.range ? { line: lines.linePos(key.range[0]).line } : {};
        if (seen.has(name)) problems.push({ file, ...line, text: `YAML: duplicate key ${name.slice(0, 100)}` });
        seen.add(name);
      }
    },
  });
  return problems;
}

/** The first problems, and the number of further ones. */
function bounded(problems: OverlayProblem[]): OverlayProblem[] {
  const more = problems.length - maxProblems;
  if (more <= 0) return problems;
  const { file } = problems[0]!;
  return [...problems.slice(0, maxProblems), { file, text: `and ${more} more problems` }];
}

const unreadable = (problems: OverlayProblem[]): ReadRules => ({
  rules: [],
  problems,
  rejected: new Set(),
  unreadable: true,
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function issueProblems(
  issue: z.core.$ZodIssue,
  base: PropertyKey[],
  at: (path: PropertyKey[], text: string) => OverlayProblem,
): OverlayProblem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .slice(0, maxProblems)
      .map((key) => at([...path, key], `unknown key${suggestion(key, knownKeys)}`));
  // a value or a list: the alternative that matched further has the better message
  if (issue.code === 'invalid_union') {
    const closest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    if (closest.length > 0) return closest.flatMap((inner) => issueProblems(inner, path, at));
  }
  const text = issue.message.replace(/^(Invalid input|Invalid option|Too small|Too big): /, '');
  return [at(path, text.replace(/^(.*), received undefined$/, 'missing: $1'))];
}

/** How deep issues lie in a value; one of our own checks counts as deeper than a type error. */
const depth = (issues: z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map(({ path, code }) => path.length + (code === 'invalid_type' ? 0 : 1)));

function suggestion(word: string, known: string[]): string {
  const near = didYouMean(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** Line of the key or item at `path`, or of the nearest node around it. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const key = path[depth - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && String(item.key) === String(key))
      : undefined;
    const node = (pair?.key ?? document.getIn(path.slice(0, depth), true)) as {
      range?: [number, number, number];
    } | null;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

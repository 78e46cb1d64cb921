/** What is posted to `/simulate`: manifests, or an object with `objects` and objects to `delete`. */
import { z } from 'zod';
import { kindNames } from '../../metallb/objects/kinds.ts';
import type { ReadResult } from '../../metallb/objects/read.ts';
import type { AnyObject, Kind } from '../../metallb/objects/resources.ts';
import { readText } from '../../metallb/objects/yaml.ts';
import { YamlDocument } from '../../metallb/objects/yaml-values.ts';
import { didYouMean } from '../../suggest.ts';
import { limits } from '../limits.ts';

/** What objects of a request have for a file name. */
const source = 'request';

/** Names above which none is suggested: each is compared with what was written. */
const maxSuggested = 5_000;

/** One object that is to be deleted. */
export const Deletion = z.strictObject({
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
});
export type Deletion = z.infer<typeof Deletion>;

const Changes = z.strictObject({
  objects: z.array(z.unknown()).optional(),
  delete: z.array(Deletion).max(limits.simulatedDeletions).optional(),
});

/** One thing that is wrong with a request, and where. */
export interface RequestProblem {
  path: string;
  text: string;
}

export class RequestError extends Error {
  readonly problems: RequestProblem[];

  constructor(problems: RequestProblem[]) {
    super(problems.map(({ path, text }) => `${path}: ${text}`).join('; '));
    this.problems = problems;
  }
}

export interface Posted {
  results: ReadResult[];
  deletions: Deletion[];
}

/** @throws RequestError when it is neither manifests nor changes as they are to be written. */
export function readRequest(text: string): Posted {
  const changes = changesIn(text);
  if (changes === undefined) return { results: readText(asManifests(text), source), deletions: [] };
  const parsed = Changes.safeParse(changes);
  if (!parsed.success)
    throw new RequestError(
      parsed.error.issues.map(({ path, message }) => ({
        path: path
          .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
          .join(''),
        text: message.replace(/^(Invalid input|Too big): /, ''),
      })),
    );
  const { objects = [], delete: deletions = [] } = parsed.data;
  return { results: readText(asManifests(textOf(objects)), source), deletions };
}

/** What could be read can be nested too deeply to be written; by its aliases YAML even in itself. */
function textOf(objects: readonly unknown[]): string {
  try {
    return JSON.stringify(objects);
  } catch {
    throw new RequestError([{ path: 'objects', text: 'nested too deeply, or in itself' }]);
  }
}

/** An array of objects is no manifest, but what people have in their programs. */
const asManifests = (text: string): string =>
  text.trimStart().startsWith('[') ? `{"apiVersion":"v1","kind":"List","items":${text}}` : text;

/** The value of a body that is changes; undefined when it is manifests, or cannot be read: then it is told as these are. */
function changesIn(text: string): object | undefined {
  const isJson = text.trimStart().startsWith('{');
  if (!isJson && !/^(objects|delete)\s*:/m.test(text)) return undefined;
  try {
    const value = isJson ? JSON.parse(text) : new YamlDocument(text).build();
    const isChanges = value !== null && typeof value === 'object' && !('kind' in value) && !('apiVersion' in value);
    return isChanges && ('objects' in value || 'delete' in value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The objects that are meant. @throws RequestError that names each deletion of something that is not there. */
export function findDeleted(deletions: readonly Deletion[], objects: readonly AnyObject[]): Set<AnyObject> {
  const problems: RequestProblem[] = [];
  const byKind = Map.groupBy(objects, ({ ref }) => ref.kind);
  const found = deletions.flatMap(({ kind, namespace, name }, i) => {
    const path = `delete[${i}]`;
    if (!kindNames.includes(kind as Kind)) {
      problems.push({
        path: `${path}.kind`,
        text: `${kind} is no kind that plays a part${suggestion(kind, kindNames)}`,
      });
      return [];
    }
    const known = byKind.get(kind) ?? [];
    const meant = known.filter(
      ({ ref }) => ref.name === name && (namespace === undefined || (ref.namespace ?? '') === namespace),
    );
    if (meant.length === 1) return meant;
    const asked = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
    const text =
      meant.length === 0
        ? `there is no ${asked}${suggestion(
            namespace === undefined ? name : `${namespace}/${name}`,
            known.map(({ ref, key }) => (namespace === undefined ? ref.name : key)),
          )}`
        : `there are ${meant.length} of ${asked}: say which namespace`;
    problems.push({ path, text });
    return [];
  });
  if (problems.length > 0) throw new RequestError(problems);
  return new Set(found);
}

function suggestion(word: string, known: readonly string[]): string {
  if (known.length > maxSuggested) return '';
  const near = didYouMean(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** Reads objects of any kind, and puts them together as one snapshot. */
import { problem, type RefusalCode } from '../codes.ts';
import { firstFindings } from '../max-findings.ts';
import { leftOut, refusal } from '../refusals.ts';
import type { Lint, ObjectRef, Refusal } from '../types.ts';
import { baseSixty } from './base-sixty.ts';
import { maxConfigured, sizeProblem } from './bounds.ts';
import { isConfigMapOfMetalLB, isOldConfiguration, oldConfiguration } from './config-map.ts';
import { checkFields, type FieldProblem, type SourceObject, specLines } from './fields.ts';
import { isOwn, kindNames, listProblem, schemaOf } from './kinds.ts';
import {
  type AnyObject,
  type Kind,
  keyOf,
  type Labels,
  type ObjectOrigin,
  type ObjectsByKind,
  place,
  type Resources,
} from './resources.ts';

/** What became of one object of a source. All undefined: a kind that plays no part here. */
export interface ReadResult {
  object?: AnyObject;
  refusal?: Refusal;
  lint: Lint[];
}

/** Reads one object of any kind; never throws. */
export function readObject(source: SourceObject): ReadResult {
  const raw = source.raw as { apiVersion?: unknown; kind?: unknown; metadata?: Record<string, unknown> } | null;
  const ref = refOf(source);
  const line = (problem: FieldProblem): ObjectRef =>
    problem.line === undefined ? ref : { ...ref, line: problem.line };
  const refuse = (code: RefusalCode, error: string, at?: FieldProblem, effect?: string): ReadResult => ({
    refusal: refusal('schema', at ? line(at) : ref, problem(code, error), source.admitted ? unreadable : effect),
    lint: [],
  });
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return refuse('not-an-object', 'not an object');
  if (raw.kind === 'ConfigMap' && !isConfigMapOfMetalLB(ref.name))
    return isOldConfiguration(raw)
      ? refuse('old-configuration', oldConfiguration, undefined, 'MetalLB ignores it')
      : { lint: [] };
  const tooLarge = sizeProblem(raw);
  if (tooLarge) return refuse(tooLarge.code, tooLarge.error);
  if (typeof raw.kind !== 'string' || typeof raw.apiVersion !== 'string')
    return refuse('not-an-object', 'apiVersion and kind must be set');

  const misplaced = raw.kind.endsWith('List') ? listProblem(raw) : undefined;
  if (misplaced !== undefined) return refuse('nested-list', misplaced);
  const kindSchema = schemaOf(raw.kind, raw.apiVersion);
  if (kindSchema === undefined) return { lint: [] };
  if ('error' in kindSchema) return refuse('unknown-kind', kindSchema.error);

  const { value, unknown, errors } = checkFields(kindSchema, source);
  const lint: Lint[] = unknown.map((problem) => ({
    code: 'unknown-field',
    object: line(problem),
    path: problem.path,
    message: `${problem.message}: ${source.admitted ? newerField : strayField}`,
    ...(problem.hint && { hint: problem.hint }),
  }));
  if (isOwn(raw.kind) && raw.metadata?.['namespace'] === undefined)
    lint.push({
      code: 'no-namespace',
      object: ref,
      path: 'metadata.namespace',
      message: 'no namespace: the object goes where the client happens to point, usually "default"',
    });
  lint.push(...firstFindings(baseSixty(source, ref)));
  if (errors.length > 0) {
    const first = errors[0]!;
    const text = errors.map((error) => (error.path ? `${error.path}: ${error.message}` : error.message)).join('; ');
    return { ...refuse('invalid-field', text, first), lint };
  }
  return {
    object: {
      ref,
      key: keyOf(ref),
      labels: labelsOf(raw.metadata),
      spec: value,
      unknownFields: source.admitted ? [] : unknown,
      ...(source.admitted && { admitted: true }),
      lines: isOwn(raw.kind) ? specLines(source) : noLines,
      ...originOf(raw.metadata),
    },
    lint,
  };
}

const strayField =
  'an API server that validates strictly refuses the object, a lax one drops the field as if it were not there';
const newerField =
  'the cluster has it, so its MetalLB is newer than this Peerglass; what is expected does not take it into account';
/** Effect of a refusal that is our own. */
const unreadable =
  'the cluster has it, but it cannot be read here: what is expected goes by what was read of it before, if anything was';

const noLines: ReadonlyMap<string, number> = new Map();

/** Words of an API server are cut to a sane length. */
function originOf(metadata: Record<string, unknown> | undefined): { origin?: ObjectOrigin } {
  const resourceVersion = wordOf(metadata?.['resourceVersion']);
  const writes = Array.isArray(metadata?.['managedFields']) ? (metadata['managedFields'] as unknown[]) : [];
  let last = { manager: undefined as string | undefined, time: '' };
  for (const write of writes) {
    const { manager, time } = (write ?? {}) as { manager?: unknown; time?: unknown };
    const at = wordOf(time) ?? '';
    if (at >= last.time) last = { manager: wordOf(manager), time: at };
  }
  if (resourceVersion === undefined && last.manager === undefined) return {};
  return {
    origin: { ...(resourceVersion && { resourceVersion }), ...(last.manager && { manager: last.manager }) },
  };
}

const wordOf = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 253) : undefined);

/** Labels of an object that passed its schema. A label without a value is an empty one. */
function labelsOf(metadata: Record<string, unknown> | undefined): Labels {
  const labels = (metadata?.['labels'] ?? {}) as Record<string, string | null>;
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, value ?? '']));
}

/** Kinds whose objects are in no namespace. */
const clusterScoped = new Set(['Node', 'Namespace', 'Network', 'MachineConfig', 'FRRNodeState']);

/** Kind of something of which no kind could be read. */
export const unknownKind = 'unknown';

/** kind, namespace, name and place of whatever that is; words of the object are cut to a sane length. */
export function refOf(source: SourceObject): ObjectRef {
  const raw = (source.raw ?? {}) as { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } };
  const word = (value: unknown, otherwise: string): string =>
    typeof value === 'string' && value !== '' ? value.slice(0, 253) : otherwise;
  const kind = word(raw.kind, unknownKind);
  const ref: ObjectRef = { kind, name: word(raw.metadata?.name, 'unnamed') };
  if (!clusterScoped.has(kind)) ref.namespace = word(raw.metadata?.namespace, 'default');
  if (source.file !== undefined) ref.file = source.file;
  const line = source.line?.([]);
  if (line !== undefined) ref.line = line;
  return ref;
}

/**
 * Puts read objects together. Of two with the same kind and key the later one counts, as with `kubectl apply`. A map
 * in which nothing changed since `previous` is that same map.
 */
export function assembleResources(results: Iterable<ReadResult>, previous?: Resources): Resources {
  const maps = Object.fromEntries(kindNames.map((kind) => [kind, new Map<string, AnyObject>()])) as Record<
    Kind,
    Map<string, AnyObject>
  >;
  const given: AnyObject[] = [];
  const refusals: Refusal[] = [];
  /** By object; those that a valid version of the object follows are replaced by it. */
  const unreadable = new Map<string, Refusal[]>();
  const replaced = new Set<Refusal>();
  const lint: Lint[] = [];
  for (const result of results) {
    if (result.object) {
      const { kind } = result.object.ref;
      const map = maps[kind as Kind];
      const earlier = map.get(result.object.key);
      if (isOwn(kind)) {
        if (!earlier && map.size >= maxConfigured(kind)) {
          const error = `more than ${maxConfigured(kind)} objects of this kind`;
          refusals.push(refusal('schema', result.object.ref, problem('too-many-objects', error), leftOut));
          continue;
        }
        given.push(result.object);
      }
      if (earlier)
        lint.push({
          code: 'defined-twice',
          object: result.object.ref,
          path: 'metadata.name',
          message: `defined twice; this one replaces that of ${place(earlier.ref)}`,
        });
      map.set(result.object.key, result.object);
      for (const refusal of unreadable.get(idOf(result.object.ref)) ?? []) replaced.add(refusal);
    }
    if (result.refusal) {
      refusals.push(result.refusal);
      const id = idOf(result.refusal.object);
      unreadable.set(id, [...(unreadable.get(id) ?? []), result.refusal]);
    }
    lint.push(...result.lint);
  }
  if (previous)
    for (const kind of kindNames)
      if (sameEntries(maps[kind], previous[kind])) maps[kind] = previous[kind] as Map<string, AnyObject>;
  const size = kindNames.reduce((sum, kind) => sum + maps[kind].size, 0);
  return {
    ...(maps as unknown as ObjectsByKind),
    configuration: given,
    size,
    refusals: refusals.filter((one) => !replaced.has(one)),
    lint,
  };
}

const idOf = (ref: ObjectRef): string => `${ref.kind}/${keyOf(ref)}`;

/** Same objects in the same order: the order says which of two that exclude each other came first. */
function sameEntries(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  if (a.size !== b.size) return false;
  const others = b.values();
  for (const value of a.values()) if (others.next().value !== value) return false;
  return true;
}

/** The cluster as it is and as it would be with other objects, worked out one after the other as speakers would live it. */
import { createCalculator } from '../../metallb/calculator.ts';
import {
  type AnyObject,
  assembleResources,
  keyOf,
  kindNames,
  type ReadResult,
  type Resources,
} from '../../metallb/resources.ts';
import type { ExpectationTable, ExpectOptions, Lint, NotAnnounced, ObjectRef, Refusal } from '../../metallb/types.ts';
import { readText } from '../../metallb/yaml.ts';
import { limits } from '../limits.ts';
import type { RouteDifference, Simulation } from '../schemas.ts';
import { compareTexts, differenceOf, pairsOf, sessionDifferences } from './difference.ts';

/** A place in the order of the expectations. */
export interface Place {
  node: string;
  bgpPeer: string;
  prefix: string;
}

export interface Question {
  options: ExpectOptions;
  /** Manifests: YAML documents, a JSON object or an array of them. */
  text: string;
  /** The posted objects are all there are; otherwise they come to those that are there, as with `kubectl apply`. */
  replace: boolean;
  /** Expectations behind this one, … */
  after: Place | undefined;
  /** … and how many of them. */
  limit: number;
}

/** The cluster as it is. */
export interface Present {
  objects: readonly AnyObject[];
  refusals: readonly Refusal[];
  lint: readonly Lint[];
}

/** Every object; MetalLB's own ones first, in the order in which they were given. */
export function objectsOf(resources: Resources): AnyObject[] {
  const own = new Set(resources.configuration);
  const others = kindNames.flatMap((kind) => [...resources[kind].values()] as AnyObject[]);
  return [...own, ...others.filter((object) => !own.has(object))];
}

/** What objects of a request have for a file name. */
const source = 'request';

/**
 * What would be different. Present and future are states of one cluster: what is in force stays in force where the
 * new objects are refused, as far as the present objects tell what that is.
 */
export function simulate(question: Question, present: Present): { simulation: Simulation; next: Place | null } {
  const { options, text, replace, after: behind, limit } = question;
  const posted = readText(text.trimStart().startsWith('[') ? listOf(text) : text, source);
  const accepted = new Set(posted.flatMap(({ object }) => (object ? [idOf(object.ref)] : [])));
  const refused = new Set(posted.flatMap(({ refusal }) => (refusal ? [idOf(refusal.object)] : [])));
  const isSaidOf = ({ object }: { object: ObjectRef }): boolean =>
    !replace && !accepted.has(idOf(object)) && !refused.has(idOf(object));

  const calculator = createCalculator(options);
  const now = assembleResources(resultsOf(present));
  const before = calculator.update(now).table;
  const next = assembleResources(
    [
      ...resultsOf({
        // what is posted but refused leaves what is there
        objects: replace ? [] : present.objects.filter(({ ref }) => !accepted.has(idOf(ref))),
        refusals: present.refusals.filter(isSaidOf),
        lint: present.lint.filter(isSaidOf),
      }),
      ...posted,
    ],
    now,
  );
  const { table: after, change } = calculator.update(next);

  const routes = compareRoutes(before, after, change.prefixes, behind, limit);
  const lists = {
    refusals: onlyIn(after.refusals, before.refusals),
    settled: onlyIn(before.refusals, after.refusals),
    lint: onlyIn(after.lint, before.lint),
    notAnnounced: notAnnouncedOf(after, posted),
    sessions: sessionDifferences(before, after),
  };
  const { appears, disappears, changes, expectations, complete } = routes;
  return {
    simulation: {
      objects: {
        ...changesOf(now, next),
        ignored: posted.filter(({ object, refusal }) => !object && !refusal).length,
      },
      refusals: lists.refusals.slice(0, limits.notes),
      settled: lists.settled.slice(0, limits.notes),
      lint: lists.lint.slice(0, limits.notes),
      notAnnounced: lists.notAnnounced.slice(0, limits.notes),
      sessions: lists.sessions.slice(0, limits.notes),
      counts: { appears, disappears, changes },
      expectations,
      complete,
      truncated: Object.values(lists).some(({ length }) => length > limits.notes),
    },
    next: routes.next,
  };
}

/** An array of objects is no manifest, but what people have in their programs. */
const listOf = (text: string): string => `{"apiVersion":"v1","kind":"List","items":${text}}`;

const idOf = (ref: ObjectRef): string => `${ref.kind}/${keyOf(ref)}`;

function resultsOf({ objects, refusals, lint }: Present): ReadResult[] {
  return [
    ...objects.map((object) => ({ object, lint: [] })),
    ...refusals.map((refusal) => ({ refusal, lint: [] })),
    { lint: [...lint] },
  ];
}

interface Comparison {
  appears: number;
  disappears: number;
  changes: number;
  expectations: RouteDifference[];
  next: Place | null;
  complete: boolean;
}

function compareRoutes(
  before: ExpectationTable,
  after: ExpectationTable,
  scope: ReadonlySet<string> | 'all',
  behind: Place | undefined,
  limit: number,
): Comparison {
  const found: Comparison = {
    appears: 0,
    disappears: 0,
    changes: 0,
    expectations: [],
    next: null,
    complete: true,
  };
  let compared = 0;
  for (const pair of pairsOf(before, after, scope)) {
    if (++compared > limits.simulatedRoutes) return { ...found, complete: false };
    const difference = differenceOf(pair);
    if (!difference) continue;
    found[difference.difference]++;
    if (behind && comparePlaces(pair, behind) <= 0) continue;
    const { expectations } = found;
    if (expectations.length < limit) expectations.push(difference);
    else found.next ??= placeOf(expectations.at(-1)!);
  }
  return found;
}

const placeOf = ({ node, bgpPeer, prefix }: Place): Place => ({ node, bgpPeer, prefix });
const comparePlaces = (a: Place, b: Place): number =>
  compareTexts(a.node, b.node) || compareTexts(a.bgpPeer, b.bgpPeer) || compareTexts(a.prefix, b.prefix);

/** Why the posted Services are not announced. */
function notAnnouncedOf(table: ExpectationTable, posted: readonly ReadResult[]): NotAnnounced[] {
  const found: NotAnnounced[] = [];
  for (const { object } of posted) {
    if (object?.ref.kind === 'Service') found.push(...table.notAnnouncedOf(object.key));
    if (found.length > limits.notes) break;
  }
  return found;
}

/** Those of `list` that `others` does not say, whatever line they are on. */
function onlyIn<T extends { object: ObjectRef }>(list: readonly T[], others: readonly T[]): T[] {
  const words = ({ object, ...rest }: T): string => JSON.stringify([idOf(object), Object.entries(rest).sort()]);
  const known = new Set(others.map(words));
  return list.filter((one) => !known.has(words(one)));
}

function changesOf(now: Resources, next: Resources): { added: number; replaced: number; removed: number } {
  const changes = { added: 0, replaced: 0, removed: 0 };
  const [before, after] = [byId(now), byId(next)];
  for (const [id, object] of after) {
    const old = before.get(id);
    if (!old) changes.added++;
    else if (old !== object) changes.replaced++;
  }
  for (const id of before.keys()) if (!after.has(id)) changes.removed++;
  return changes;
}

const byId = (resources: Resources): Map<string, AnyObject> =>
  new Map(objectsOf(resources).map((object) => [idOf(object.ref), object]));

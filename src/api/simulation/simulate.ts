/** The cluster as it is and as it would be with other objects, worked out one after the other as speakers would live it. */

import { l2Differences, newIn, sessionDifferences } from '../../metallb/answers/side-by-side.ts';
import { createCalculator } from '../../metallb/calculator.ts';
import { type PrefixScope, prefixesOf } from '../../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../../metallb/expectations/table.ts';
import { kindNames } from '../../metallb/objects/kinds.ts';
import { assembleResources, type ReadResult } from '../../metallb/objects/read.ts';
import { type AnyObject, type Kind, keyOf, type Resources } from '../../metallb/objects/resources.ts';
import type { ExpectOptions, Lint, NotAnnounced, ObjectRef, Refusal } from '../../metallb/types.ts';
import { type Breach, breachesOf } from '../../overlay/breaches.ts';
import { RulesInEffect } from '../../overlay/in-effect.ts';
import type { OverlayRule } from '../../overlay/rule.ts';
import { limits } from '../limits.ts';
import type { Simulation } from '../schemas.ts';
import { findDeleted, type Posted, readRequest } from './request.ts';
import { compareRoutes, type PageRequest, type Place, type RouteAsked } from './routes.ts';

export interface SimulationRequest {
  /** How expectations are worked out now, … */
  options: ExpectOptions;
  /** … and what of it would be otherwise. */
  overrides: Partial<ExpectOptions>;
  /** What the posted objects come to: what there is, or nothing. */
  base: 'current' | 'empty';
  /** Of these kinds the posted objects are all there are; others are applied to those that are there, as with `kubectl apply`. */
  replace: readonly Kind[] | 'all';
  /** Manifests (YAML documents, a JSON object or an array of them), or an object with `objects` and `delete`. */
  text: string;
  /** Hand-written rules that hold now. */
  rules: readonly OverlayRule[];
  asked: RouteAsked;
  page: PageRequest;
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

/**
 * What would be different. Present and future are states of one cluster: what is in force stays in force where the
 * new objects are refused, as far as the present objects tell what that is.
 * @throws RequestError when the request is not as it should be.
 */
export function simulate(question: SimulationRequest, given: Present): { simulation: Simulation; next: Place | null } {
  const present = question.base === 'empty' ? { objects: [], refusals: [], lint: [] } : given;
  const posted = readRequest(question.text);
  const now = assembleResources(resultsOf(present));
  const next = assembleResources(nextResults(question, present, posted), now);
  const { before, after, prefixes } = calculate(question, now, next);

  const { asked } = question;
  const routes = compareRoutes(before, after, prefixes, asked, question.page);
  const broken = breaches(question.rules, before, after);
  const lists = {
    refusals: newIn(after.refusals, before.refusals),
    settled: newIn(before.refusals, after.refusals),
    lint: newIn(after.lint, before.lint),
    lintSettled: newIn(before.lint, after.lint),
    notAnnounced: notAnnouncedOf(after, posted.results, asked),
    sessions: sessionDifferences(before, after, asked),
    l2: l2Differences(before, after).filter((one) => isAskedFor(one, asked)),
    breaches: broken.list,
  };
  const first = Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, list.slice(0, limits.notes)]),
  ) as typeof lists;
  const { appears, disappears, changes, expectations, complete } = routes;
  return {
    simulation: {
      objects: {
        ...changesOf(now, next),
        ignored: posted.results.filter(({ object, refusal }) => !object && !refusal).length,
      },
      ...first,
      counts: { appears, disappears, changes },
      expectations,
      complete: complete && broken.complete,
      truncated: Object.values(lists).some(({ length }) => length > limits.notes),
    },
    next: routes.next,
  };
}

/** Rules that would be broken, those first that are kept now. */
function breaches(
  rules: readonly OverlayRule[],
  before: ExpectationTable,
  after: ExpectationTable,
): { list: Simulation['breaches']; complete: boolean } {
  const held = new RulesInEffect(rules, Number.NEGATIVE_INFINITY);
  const idOf = ({ rule, prefix }: Breach): string => `${rule.id} ${prefix}`;
  const now = breachesOf(before, held);
  const then = breachesOf(after, held);
  const known = new Set(now.list.map(idOf));
  const list = then.list.map((one) => ({ ...one, isNew: !known.has(idOf(one)) }));
  return {
    list: list.sort((a, b) => Number(b.isNew) - Number(a.isNew)),
    complete: now.complete && then.complete,
  };
}

const idOf = (ref: ObjectRef): string => `${ref.kind}/${keyOf(ref)}`;

/** Everything that there would be: what is there and stays, then what is posted. */
function nextResults({ replace }: SimulationRequest, present: Present, { results, deletions }: Posted): ReadResult[] {
  const accepted = new Set(results.flatMap(({ object }) => (object ? [idOf(object.ref)] : [])));
  const refused = new Set(results.flatMap(({ refusal }) => (refusal ? [idOf(refusal.object)] : [])));
  const deleted = findDeleted(deletions, present.objects);
  const isReplaced = ({ kind }: ObjectRef): boolean => replace === 'all' || replace.some((one) => one === kind);
  const isSaidOf = ({ object }: { object: ObjectRef }): boolean =>
    !isReplaced(object) && !accepted.has(idOf(object)) && !refused.has(idOf(object));
  const stays = (object: AnyObject): boolean =>
    // what is posted but refused leaves what is there
    !isReplaced(object.ref) && !accepted.has(idOf(object.ref)) && !deleted.has(object);
  return [
    ...resultsOf({
      objects: present.objects.filter(stays),
      refusals: present.refusals.filter(isSaidOf),
      lint: present.lint.filter(isSaidOf),
    }),
    ...results,
  ];
}

function resultsOf({ objects, refusals, lint }: Present): ReadResult[] {
  return [
    ...objects.map((object) => ({ object, lint: [] })),
    ...refusals.map((refusal) => ({ refusal, lint: [] })),
    { lint: [...lint] },
  ];
}

interface Tables {
  before: ExpectationTable;
  after: ExpectationTable;
  prefixes: PrefixScope;
}

function calculate({ options: given, overrides }: SimulationRequest, now: Resources, next: Resources): Tables {
  const options = { ...given, appliesOnce: true };
  const calculator = createCalculator(options);
  const before = calculator.update(now).table;
  if (Object.keys(overrides).length === 0) {
    const { table: after, change } = calculator.update(next);
    return { before, after, prefixes: prefixesOf(change) };
  }
  // speakers of another mode or version start with the objects that are there
  const other = createCalculator({ ...options, ...overrides });
  other.update(now);
  return { before, after: other.update(next).table, prefixes: 'all' };
}

/** Why the posted Services, and the one that is asked for, are not announced. */
function notAnnouncedOf(
  table: ExpectationTable,
  posted: readonly ReadResult[],
  { service, node }: RouteAsked,
): NotAnnounced[] {
  const services = new Set(posted.flatMap(({ object }) => (object?.ref.kind === 'Service' ? [object.key] : [])));
  const found: NotAnnounced[] = [];
  for (const one of service === undefined ? services : [service]) {
    found.push(...table.notAnnouncedOf(one, node));
    if (found.length > limits.notes) break;
  }
  return found;
}

function isAskedFor(
  one: { service: string; before: { node: string } | null; after: { node: string } | null },
  { service, node }: RouteAsked,
): boolean {
  if (service !== undefined && service !== one.service) return false;
  return node === undefined || one.before?.node === node || one.after?.node === node;
}

function changesOf(now: Resources, next: Resources): { added: number; replaced: number; removed: number } {
  const changes = { added: 0, replaced: 0, removed: 0 };
  const [before, after] = [byId(now), byId(next)];
  for (const [id, object] of after) {
    const old = before.get(id);
    if (!old) changes.added++;
    else if (old !== object && contentOf(old) !== contentOf(object)) changes.replaced++;
  }
  for (const id of before.keys()) if (!after.has(id)) changes.removed++;
  return changes;
}

const contentOf = ({ labels, spec }: AnyObject): string => JSON.stringify([labels, spec]);

const byId = (resources: Resources): Map<string, AnyObject> =>
  new Map(objectsOf(resources).map((object) => [idOf(object.ref), object]));

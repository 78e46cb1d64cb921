/**
 * What the cluster's objects were, and which edit changed what is expected. Object changes are told to the store at
 * once. What they did to the expectations is worked out behind them, in slices: two tables are compared for what is
 * alike (metallb/answers/differences.ts), so nothing here grows with the number of routes. Only then are the objects themselves
 * kept: a crash in between makes the next run compare again, and no difference is lost.
 */
import { type Difference, Differences } from '../metallb/answers/differences.ts';
import {
  allExpectations,
  type ExpectationChange,
  prefixesOf,
  union,
} from '../metallb/expectations/expectation-change.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import { assembleResources } from '../metallb/objects/read.ts';
import type { AnyObject, EndpointSlice, Kind, Resources } from '../metallb/objects/resources.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import { Slices } from '../slices.ts';
import type {
  ChangeSetWrite,
  HistoryCommand,
  Hold,
  ObjectChangeWrite,
  ObjectState,
  Occasion,
  RestoredHistory,
} from '../store/history.ts';
import { type Earlier, type Known, keepsSomethingOf } from './earlier.ts';
import { Frequent } from './frequent.ts';
import { cutFields, type ObjectChange, objectChanges } from './object-changes.ts';
import { byId, ruleChanges } from './rule-changes.ts';

/** Prefixes of one change set that are recorded; how many more there may be is recorded too. */
export const maxPrefixesPerSet = 100_000;
/** Object changes that one change set names. */
export const maxObjectsPerSet = 2_000;
/** Change sets that wait to be worked out; beyond it the last two are taken as one. */
export const maxWaitingSets = 32;
/** Octets of an object that are kept for the next run; a larger one will be new to it. */
export const maxContentLength = 1024 * 1024;
/** Longest stretch of comparing in one turn, ms; looked at every so many prefixes. */
const sliceMs = 5;
const prefixesPerLook = 4;

/** A new state of the objects, and what is expected because of it. */
export interface ClusterUpdate extends Known {
  change: ExpectationChange;
}

export interface HistoryOptions {
  post: (command: HistoryCommand) => void;
  /** epoch ms */
  now: () => number;
  /** Runs `work` in a later turn of the event loop. */
  schedule: (work: () => void) => void;
  restored: RestoredHistory;
  /** Where an earlier run ended; null = there was none to compare with. */
  earlier: Earlier | null;
  /** Names the form in which objects are kept; those of another form cannot be compared with. */
  form: string;
  /** Hears of every difference while it is news; `at` is when its cause was seen. */
  onDifference: (difference: Difference, prefixes: readonly string[], at: number) => void;
  maxPrefixes?: number;
}

/** A change set to be worked out. */
interface Job {
  set: Omit<ChangeSetWrite, 'differences' | 'unrecordedPrefixes'>;
  before: ExpectationTable | null;
  after: ExpectationTable;
  change: ExpectationChange;
  /** Objects to be kept when it is done. */
  states: readonly ObjectState[];
  /** What becomes of those that are held, then. */
  hold: Hold | undefined;
}

export class ExpectationHistory {
  readonly #o: HistoryOptions;
  /** The last state; null before the first. */
  #last: Known | null = null;
  /** Where an earlier run ended, until the first state of this one. */
  #earlier: Known | null;
  /** The objects of an earlier run, until then. */
  #left: RestoredHistory['objects'];
  /** The state of which something is in force although it is not the last one. */
  #held: Known | null;
  #nextChange: number;
  #nextSet: number;
  readonly #jobs: Job[] = [];
  readonly #slices: Slices;
  #running: Generator<void> | undefined;
  readonly #frequent = new Frequent();
  #rules: ReadonlyMap<string, OverlayRule> | undefined;

  constructor(options: HistoryOptions) {
    this.#o = options;
    const { objects, nextObjectChange, nextChangeSet } = options.restored;
    this.#left = objects;
    this.#earlier = options.earlier?.last ?? null;
    this.#held = options.earlier?.held ?? null;
    this.#nextChange = nextObjectChange;
    this.#nextSet = nextChangeSet;
    this.#slices = new Slices({ schedule: options.schedule, budgetMs: sliceMs, step: () => this.#step() });
  }

  /** The change sets that are not worked out yet. */
  get waiting(): number {
    return this.#jobs.length + Number(this.#running !== undefined);
  }

  update({ table, change, resources }: ClusterUpdate): void {
    const at = this.#o.now();
    const last = this.#last ?? this.#earlier;
    const occasion: Occasion = this.#last ? 'change' : last ? 'away' : 'first';
    const changes = last ? [...objectChanges(last.resources, resources)] : [];
    const writes = changes.map((each) => this.#write(each, at, last!.resources, resources));
    const states = last ? changes.map((each) => this.#stateAfter(each)) : this.#states(resources);
    if (writes.length > 0) this.#o.post({ kind: 'objects', changes: writes, states: [] });
    const hold = this.#holdAfter({ resources, table }, last);
    // an earlier run's table is another one for the same objects
    const isSame = occasion === 'away' && changes.length === 0;
    const prefixes = prefixesOf(change);
    if (states.length > 0 || hold || occasion !== 'change' || prefixes === 'all' || prefixes.size > 0) {
      const ids = [...new Set(writes.map(({ id }) => id))];
      const objects = ids.slice(0, maxObjectsPerSet);
      this.#add({
        set: { id: this.#nextSet++, at, occasion, objects, moreObjects: ids.length - objects.length },
        before: isSame ? table : (last?.table ?? null),
        after: table,
        change: occasion === 'change' ? change : allExpectations,
        states,
        hold,
      });
    }
    this.#last = { resources, table };
    this.#earlier = null;
    this.#left = [];
  }

  /** Hands over all objects again, for a database that was opened again. */
  rewrite(): void {
    const post = (states: ObjectState[], hold?: Hold): void => {
      this.#o.post({ kind: 'objects', changes: [], states });
      if (hold) this.#o.post({ kind: 'objects', changes: [], states: [], hold });
    };
    if (!this.#last) return;
    if (this.#held) {
      post(this.#states(this.#held.resources), 'begin');
      const changes = objectChanges(this.#held.resources, this.#last.resources);
      post(Array.from(changes, (change) => this.#stateAfter(change)));
    } else post(this.#states(this.#last.resources));
  }

  /** Works out what waits, without a pause. */
  close(): void {
    while (this.#step());
  }

  /** What becomes of the objects that are held when the state after `last` is `now`. */
  #holdAfter(now: Known, last: Known | null): Hold | undefined {
    const before = this.#held ?? last;
    const isHeld = before !== null && keepsSomethingOf(before, now);
    const wasHeld = this.#held !== null;
    this.#held = isHeld ? before : null;
    // what a run left of which nothing can be made is not held any more, either
    if (!isHeld) return wasHeld || !last ? 'end' : undefined;
    return wasHeld ? undefined : 'begin';
  }

  /** The hand-written rules as they are when everything starts: no news. */
  startRules(rules: readonly OverlayRule[]): void {
    this.#rules = byId(rules);
  }

  /** Other rules are in force. What they made of verdicts is in the verdicts. */
  rulesChanged(rules: readonly OverlayRule[]): void {
    if (!this.#rules) return;
    const before = this.#rules;
    this.#rules = byId(rules);
    const at = this.#o.now();
    const changes = Array.from(ruleChanges(before, this.#rules), ({ action, rule, fields }) =>
      this.#numbered({
        at,
        action,
        object: { kind: 'OverlayRule', name: rule.id, ...rule.place },
        key: rule.id,
        source: 'overlay',
        ...unknownWriter,
        ...cutFields(fields),
        addresses: [],
        prefix: rule.prefix,
      }),
    );
    if (changes.length > 0) this.#o.post({ kind: 'objects', changes, states: [] });
  }

  #write(change: ObjectChange, at: number, before: Resources, after: Resources): ObjectChangeWrite {
    const { action, object, fields, moreFields } = change;
    const { ref, key, origin } = object;
    return this.#numbered({
      at,
      action,
      object: { ...ref, ...lineOf(object, fields[0]?.path) },
      key,
      source: ref.file === undefined ? 'kubernetes' : 'manifests',
      // what deleted it wrote nothing any more
      ...(action === 'deleted'
        ? unknownWriter
        : { resourceVersion: origin?.resourceVersion ?? null, manager: origin?.manager ?? null }),
      fields,
      moreFields,
      addresses: addressesOf(change, before, after),
    });
  }

  /** The change as it is told, or the one before it of the same object with this one in it. */
  #numbered(change: Omit<ObjectChangeWrite, 'id' | 'lastAt' | 'times' | 'occasion'>): ObjectChangeWrite {
    // of rules only what happens while somebody looks is told
    const occasion = this.#last || change.source === 'overlay' ? 'change' : 'away';
    const write: ObjectChangeWrite = { id: this.#nextChange, lastAt: change.at, times: 1, occasion, ...change };
    const taken = this.#frequent.take(`${change.object.kind}/${change.key}`, write);
    if (taken === write) this.#nextChange++;
    return taken;
  }

  /** All objects, in place of what an earlier run left. */
  #states(resources: Resources): ObjectState[] {
    const gone = this.#left.map(({ kind, key }): ObjectState => ({ kind, key, content: null }));
    const all = objectChanges(assembleResources([]), resources);
    return [...gone, ...Array.from(all, (change) => this.#stateAfter(change))];
  }

  #stateAfter({ action, object }: ObjectChange): ObjectState {
    const { ref, key } = object;
    if (action === 'deleted') return { kind: ref.kind, key, content: null };
    const { lines: _, ...rest } = object;
    const content = JSON.stringify({ form: this.#o.form, object: rest });
    return { kind: ref.kind, key, content: content.length > maxContentLength ? null : content };
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    if (this.#jobs.length > maxWaitingSets) {
      const last = this.#jobs.pop()!;
      const other = this.#jobs.pop()!;
      this.#jobs.push(asOne(other, last));
    }
    this.#slices.wake();
  }

  /** Answers whether more waits. */
  #step(): boolean {
    const job = this.#running ? undefined : this.#jobs.shift();
    if (job) this.#running = this.#run(job);
    if (this.#running?.next().done) this.#running = undefined;
    return this.waiting > 0;
  }

  *#run(job: Job): Generator<void> {
    if (job.before !== job.after) yield* this.#compare(job);
    const { states, hold } = job;
    if (states.length === 0 && !hold) return;
    this.#o.post({ kind: 'objects', changes: [], states: [...states], ...(hold && { hold }) });
  }

  *#compare({ set, before, after, change }: Job): Generator<void> {
    const prefixes = prefixesOf(change);
    if (prefixes !== 'all' && prefixes.size === 0) return;
    const differences = new Differences(before, after);
    const byDifference = new Map<Difference, string[]>();
    let looked = 0;
    let unrecorded = 0;
    let recorded = 0;
    for (const prefix of prefixes === 'all' ? differences.prefixes() : prefixes) {
      if (++looked % prefixesPerLook === 0) yield;
      if (recorded >= (this.#o.maxPrefixes ?? maxPrefixesPerSet)) {
        unrecorded++;
        continue;
      }
      const found = differences.of(prefix);
      if (found.length > 0) recorded++;
      for (const difference of found) {
        const own = byDifference.get(difference);
        if (own) own.push(prefix);
        else byDifference.set(difference, [prefix]);
      }
    }
    if (byDifference.size === 0 && unrecorded === 0) return;
    const list = Array.from(byDifference, ([difference, own]) => ({ difference, prefixes: own }));
    this.#o.post({ kind: 'expectation-changes', set: { ...set, differences: list, unrecordedPrefixes: unrecorded } });
    if (set.occasion !== 'change') return;
    for (const { difference, prefixes: own } of list) this.#o.onDifference(difference, own, set.at);
  }
}

const unknownWriter = { resourceVersion: null, manager: null };

/** Two change sets, one right after the other, as one. */
function asOne(first: Job, second: Job): Job {
  const ids = [...first.set.objects, ...second.set.objects];
  const objects = [...new Set(ids)].slice(0, maxObjectsPerSet);
  const moreObjects = first.set.moreObjects + second.set.moreObjects + new Set(ids).size - objects.length;
  return {
    set: { ...first.set, objects, moreObjects },
    before: first.before,
    after: second.after,
    states: [...first.states, ...second.states],
    // what is between the two was never kept: what was held before goes on to be
    hold: first.hold && second.hold ? undefined : (first.hold ?? second.hold),
    change: union(first.change, second.change),
  };
}

/** Addresses of a Service, or of the one that an EndpointSlice is of, before and after: what ties them to prefixes. */
function addressesOf({ object, before }: ObjectChange, old: Resources, now: Resources): string[] {
  const kind = object.ref.kind as Kind;
  const addresses = new Set<string>();
  const add = (service: AnyObject | undefined): void => {
    for (const address of (service as Resources['Service'] extends ReadonlyMap<string, infer S> ? S : never)?.spec
      .ingress ?? [])
      if (address !== '') addresses.add(address);
  };
  if (kind === 'Service') for (const one of [object, before]) add(one);
  if (kind === 'EndpointSlice')
    for (const one of [object, before] as (EndpointSlice | undefined)[]) {
      const key = one && `${one.ref.namespace}/${one.spec.service}`;
      for (const resources of [old, now]) if (key) add(resources.Service.get(key));
    }
  return [...addresses];
}

/** The line of the field, or of what it is in, where lines are known. */
function lineOf({ lines }: AnyObject, path: string | undefined): { line?: number } {
  for (let at = path ?? ''; at !== ''; at = at.slice(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['), 0))) {
    const line = lines.get(at);
    if (line !== undefined) return { line };
  }
  return {};
}

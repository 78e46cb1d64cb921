/**
 * Runs the checks in slices and keeps what they find: a diagnosis that is found again keeps its `since`. A pass goes
 * through all checks over one set of facts; its result replaces the last one check by check.
 */

import { type DiagnosisSeverity, severities } from '../metallb/problems/rule.ts';
import { workFor } from '../slices.ts';
import type { CatalogRow, Check, Diagnosis, DiagnosisView, Facts, Trouble } from './types.ts';

/** Diagnoses listed of one code; of more of them the number tells enough. */
export const maxPerCode = 100;
/** Troubles counted of one code, so that a check that finds one everywhere comes to an end. */
export const maxFoundPerCode = 10_000;

interface Kept {
  /** Listed, by identity, in the order found. */
  readonly listed: Map<string, Diagnosis>;
  /** How many there are of each severity, the listed included. */
  readonly found: Record<DiagnosisSeverity, number>;
  /** What `ofObjects` was found over. */
  readonly cluster: unknown;
}

/** What a pass changed, for the log. */
export interface Turn {
  found: Diagnosis[];
  gone: Diagnosis[];
}

export class Diagnosing implements DiagnosisView {
  readonly #checks: readonly Check[];
  readonly #kept = new Map<Check, Kept>();
  #job: Generator<void, Turn> | undefined;
  #list: readonly Diagnosis[] | undefined;
  evaluatedAt: number | null = null;

  constructor(checks: readonly Check[]) {
    this.#checks = checks;
  }

  get isRunning(): boolean {
    return this.#job !== undefined;
  }

  /** Starts a pass; the one that is under way, if there is one, is given up. */
  begin(facts: Facts): void {
    this.#job = this.#pass(facts);
  }

  /** Works on the pass for about `budgetMs`. Answers what changed when it is through, undefined while it is not. */
  step(budgetMs: number): Turn | undefined {
    let turn: Turn | undefined;
    workFor(budgetMs, () => {
      const next = this.#job?.next();
      if (!next?.done) return next !== undefined;
      this.#job = undefined;
      turn = next.value;
      return false;
    });
    return turn;
  }

  list(): readonly Diagnosis[] {
    return (this.#list ??= [...this.#kept.values()].flatMap(({ listed }) => [...listed.values()]).sort(byUrgency));
  }

  catalog(): CatalogRow[] {
    return this.#checks.map((check) => {
      const { code, aliases = [], severity, title, looksFor } = check;
      const kept = this.#kept.get(check);
      const foundBySeverity = kept?.found ?? noneFound();
      const found = severities.reduce((sum, each) => sum + foundBySeverity[each], 0);
      const notListed = found - (kept?.listed.size ?? 0);
      return { code, aliases, severity, title, looksFor, found, foundBySeverity, notListed };
    });
  }

  counts(): Record<DiagnosisSeverity, number> {
    const counts = noneFound();
    for (const { found } of this.#kept.values()) for (const severity of severities) counts[severity] += found[severity];
    return counts;
  }

  *#pass(facts: Facts): Generator<void, Turn> {
    const turn: Turn = { found: [], gone: [] };
    for (const check of this.#checks) {
      const before = this.#kept.get(check);
      if (check.ofObjects && before?.cluster === facts.cluster) continue;
      const listed = new Map<string, Diagnosis>();
      const found = noneFound();
      let total = 0;
      for (const trouble of check.find(facts)) {
        yield;
        if (!trouble) continue;
        const key = identityOf(trouble);
        if (listed.has(key)) continue;
        found[trouble.severity ?? check.severity]++;
        if (++total === maxFoundPerCode) break;
        if (listed.size === maxPerCode) continue;
        listed.set(key, diagnosisOf(check, trouble, before?.listed.get(key)?.since ?? facts.now));
      }
      for (const [key, diagnosis] of listed) if (!before?.listed.has(key)) turn.found.push(diagnosis);
      for (const [key, diagnosis] of before?.listed ?? []) if (!listed.has(key)) turn.gone.push(diagnosis);
      this.#kept.set(check, { listed, found, cluster: facts.cluster });
      this.#list = undefined;
      yield;
    }
    this.evaluatedAt = facts.now;
    return turn;
  }
}

const noneFound = (): Record<DiagnosisSeverity, number> => ({ critical: 0, warning: 0, info: 0 });

function diagnosisOf(check: Check, trouble: Trouble, since: number): Diagnosis {
  const { severity = check.severity, text, hint, objects = [], evidence = [] } = trouble;
  return {
    code: check.code,
    severity,
    title: check.title,
    text,
    hint,
    node: trouble.node ?? null,
    bgpPeer: trouble.bgpPeer ?? null,
    neighbor: trouble.neighbor ?? null,
    prefix: trouble.prefix ?? null,
    service: trouble.service ?? null,
    objects,
    evidence,
    since,
  };
}

/** What a trouble is about; figures in its text may change while it stays the same trouble. */
function identityOf({ node, bgpPeer, neighbor, prefix, service, objects, about }: Trouble): string {
  const refs = (objects ?? []).map(({ kind, namespace, name }) => [kind, namespace, name]);
  return JSON.stringify([node, bgpPeer, neighbor, prefix, service, about, refs]);
}

const byUrgency = (a: Diagnosis, b: Diagnosis): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.since - a.since;

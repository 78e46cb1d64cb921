/** The JSON of one verdict: sentence, evidence, both sides. Made when a verdict changes or somebody asks. */

import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { ChainLink, ExpectedRoute, ObjectRef } from '../metallb/types.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import { formatTime, formatWall } from '../rib/time.ts';
import type { RibView, RouteHandle } from '../rib/types.ts';
import { fieldNames } from './compare.ts';
import type { Evaluation } from './evaluate.ts';
import type { RowOwner } from './neighbor-matches.ts';
import { type ReasonCode, reasons } from './reasons.ts';
import type { Circumstances } from './sentences.ts';
import type { Evidence, RuleRef, RuleTally, Verdict } from './types.ts';

/** Objects named as evidence of one verdict: an aggregate can stand for hundreds of services. */
const maxObjectsAsEvidence = 20;

export interface Assessment {
  evaluation: Evaluation;
  /** The route that decided it. */
  received: RouteHandle | undefined;
  /** Who keeps the rule, where it is a rule's own row. */
  tally?: RuleTally;
}

export interface Subject {
  rib: RibView;
  table: ExpectationTable | null;
  owner: RowOwner;
  prefix: string;
  /** The hand-written rule that decided, or whose own row it is. */
  rule: OverlayRule | undefined;
  expected?: ExpectedRoute | undefined;
  /** What objects ask for although a rule forbids it. */
  asked?: ExpectedRoute | undefined;
  /** undefined = neither expected nor received. */
  judgement: Assessment | undefined;
  /** epoch ms */
  since: number;
}

export function describe(subject: Subject): Verdict {
  const { owner, prefix, judgement, rule } = subject;
  const { node, bgpPeer } = owner;
  const code: ReasonCode = judgement?.evaluation.reason ?? 'gone';
  const c = circumstances(subject);
  return {
    prefix,
    neighbor: owner.neighbor,
    node,
    bgpPeer,
    verdict: reasons[code].verdict,
    fields: fieldNames(c.fields),
    expected: c.expected,
    received: c.received,
    reasonCode: code,
    reasonText: reasons[code].sentence(c),
    evidence: [...evidence(c)],
    overlay: rule ? ruleRef(rule) : null,
    rule: owner.rule,
    since: sinceText(subject.since),
    deadline: c.deadline,
  };
}

function ruleRef({ id, rule, reason, owner, expires }: OverlayRule): RuleRef {
  return { id, rule, reason, owner, expires: expires === null ? null : formatWall(expires) };
}

function circumstances({ rib, table, owner, prefix, rule, expected, asked, judgement }: Subject): Circumstances {
  const { node, bgpPeer } = owner;
  const evaluation = judgement?.evaluation;
  const received = judgement?.received;
  const unexpected = evaluation?.underlying === 'no-expectation' && node !== null && bgpPeer !== null;
  const c: Circumstances = {
    prefix,
    node,
    bgpPeer,
    neighbor: owner.neighbor === null ? null : (rib.neighbors.get(owner.neighbor) ?? null),
    expected: expected ?? null,
    received: received ? rib.json(received) : null,
    fields: evaluation?.fields ?? 0,
    underlying: null,
    deadline: evaluation?.deadline ? deadlineText(evaluation.deadline) : null,
    whyNot: (unexpected && table?.whyNot(node, bgpPeer, prefix)) || null,
    foreign:
      (evaluation?.reason === 'foreign-prefix' && node !== null && table?.foreign(node, bgpPeer, prefix)) || null,
    staleConfig: (node !== null && table?.nodes.get(node)?.staleConfig) || null,
    rule: rule ?? null,
    asked: asked ?? null,
    tally: judgement?.tally ?? null,
  };
  if (evaluation && evaluation.underlying !== evaluation.reason)
    c.underlying = reasons[evaluation.underlying].sentence(c);
  return c;
}

function* evidence(c: Circumstances): Generator<Evidence> {
  if (c.rule) yield { kind: 'object', ref: `OverlayRule/${c.rule.id}`, ...(c.rule.place && where(c.rule.place)) };
  if (c.foreign) yield* evidenceOf([c.foreign]);
  else if (c.whyNot) yield* evidenceOf(c.whyNot.objects);
  else if (c.expected) yield* evidenceOfChain(c.expected.chain);
  if (c.received) yield { kind: 'message', ref: String(c.received.seq), text: `received ${c.received.receivedAt}` };
  if (c.neighbor) {
    const { id, state, stateSince, remoteAddress } = c.neighbor;
    yield { kind: 'session', ref: String(id), text: `${remoteAddress} ${state} since ${formatTime(stateSince)}` };
    if (c.neighbor.lastDown && state !== 'established')
      yield { kind: 'time', ref: formatTime(c.neighbor.lastDown.at), text: c.neighbor.lastDown.text };
  }
}

const known = new WeakMap<readonly ChainLink[], readonly Evidence[]>();

/** A chain is shared by the routes of all sessions that get the same, and so is what it says. */
function evidenceOfChain(chain: readonly ChainLink[]): readonly Evidence[] {
  let found = known.get(chain);
  if (!found) known.set(chain, (found = evidenceOf(chain.flatMap((link) => link.objects))));
  return found;
}

function evidenceOf(refs: readonly ObjectRef[]): Evidence[] {
  const objects = new Map<string, Evidence>();
  for (const object of refs) {
    if (objects.size === maxObjectsAsEvidence) break;
    const ref = objectText(object);
    objects.set(ref, { kind: 'object', ref, ...where(object) });
  }
  return [...objects.values()];
}

/** `formatTime` that remembers the last answer: of a thousand rows that change, all change at the same time. */
function rememberingTime(): (at: number) => string {
  let last = Number.NaN;
  let text = '';
  return (at) => {
    if (at !== last) {
      last = at;
      text = formatTime(at);
    }
    return text;
  };
}

const sinceText = rememberingTime();
const deadlineText = rememberingTime();

/** `BGPAdvertisement/metallb-system/adv-1` */
const objectText = ({ kind, namespace, name }: ObjectRef): string => [kind, namespace, name].filter(Boolean).join('/');

function where({ file, line }: Pick<ObjectRef, 'file' | 'line'>): { text?: string } {
  if (file === undefined) return {};
  return { text: line === undefined ? file : `${file}:${line}` };
}

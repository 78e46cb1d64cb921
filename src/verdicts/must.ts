/**
 * Whether a `must` rule is kept: a question about all sessions that it selects at once, since "two of these three
 * nodes" is nothing that one of them could break alone.
 */
import type { MustRule } from '../overlay/rule.ts';
import type { AttributesJson } from '../rib/types.ts';
import { type ComparedField, type FieldMask, fieldBit, fieldNames } from './compare.ts';
import type { Evaluation, SessionCondition } from './evaluate.ts';
import type { Lacking, RuleTally } from './types.ts';

/** One session that a rule selects, as it is now. */
export interface Selected {
  node: string | null;
  bgpPeer: string | null;
  address: string | null;
  session: Pick<SessionCondition, 'status' | 'changedAt'>;
  /** Attributes of its paths of the prefix (RFC 7911: maybe several). */
  received: readonly AttributesJson[];
}

/** Until when somebody is excused, epoch ms, 0 = no more; of `cannot-tell` and `syncing` the end is not known. */
type Excuse = 'cannot-tell' | 'syncing' | number;

interface MemberState extends Lacking {
  state: 'announces' | 'differs' | 'absent';
  fields: FieldMask;
  excuse: Excuse;
}

export interface MustSituation {
  rule: MustRule;
  selected: readonly Selected[];
  /** epoch ms since when the rule asks for what it asks for. */
  askedAt: number;
  graceMs: number;
  now: number;
}

export function evaluateMust(situation: MustSituation): { evaluation: Evaluation; tally: RuleTally } {
  const { rule } = situation;
  const members = membersOf(situation);
  const lacking = members.filter(({ state }) => state !== 'announces');
  const announcing = members.length - lacking.length;
  const tally: RuleTally = {
    announcing,
    named: rule.nodes.length || rule.neighbors.length,
    unit: rule.nodes.length > 0 || rule.neighbors.length === 0 ? 'node' : 'neighbor',
    lacking: lacking.map(({ who, what }) => ({ who, what })),
  };
  return { evaluation: evaluationOf(situation, announcing, lacking), tally };
}

function evaluationOf(situation: MustSituation, announcing: number, lacking: readonly MemberState[]): Evaluation {
  const { rule, askedAt, now } = situation;
  const needed = rule.atLeast - announcing;
  if (needed <= 0) return { reason: 'must-kept', fields: 0, underlying: 'must-kept', deadline: null };
  const differing = lacking.filter(({ state }) => state === 'differs');
  const isThere = differing.length >= needed;
  const underlying = isThere ? 'must-mismatch' : 'must-missing';
  const fields = isThere ? differing.reduce((mask, one) => mask | one.fields, 0) : 0;
  // it is excused as long as enough of them are
  const excuses = lacking.map(({ excuse }) => excuse).sort((a, b) => lengthOf(b) - lengthOf(a));
  const last = excuses[needed - 1] ?? graceFrom(situation, askedAt);
  if (last === 'cannot-tell') return { reason: 'must-unknown', fields, underlying: 'must-unknown', deadline: null };
  if (last === 'syncing') return { reason: 'not-synced', fields, underlying, deadline: null };
  if (now < last) return { reason: 'grace', fields, underlying, deadline: last };
  return { reason: underlying, fields, underlying, deadline: null };
}

const lengthOf = (excuse: Excuse): number =>
  excuse === 'cannot-tell' ? Number.MAX_VALUE : excuse === 'syncing' ? Number.MAX_SAFE_INTEGER : excuse;

/** Those that are counted: the nodes that the rule names, or else the neighbors, or else whoever is there. */
function membersOf(situation: MustSituation): MemberState[] {
  const { rule, selected } = situation;
  const nameOf =
    rule.nodes.length > 0 || rule.neighbors.length === 0
      ? ({ node, address }: Selected) => node ?? address
      : ({ address }: Selected) => address;
  const found = Map.groupBy(
    selected.filter((one) => nameOf(one) !== null),
    (one) => nameOf(one)!,
  );
  const names = rule.nodes.length > 0 ? rule.nodes : rule.neighbors.length > 0 ? rule.neighbors : [...found.keys()];
  return names.map((name) => memberStateOf(situation, name, found.get(name) ?? []));
}

/** A member keeps the rule when each BGPPeer named gets the prefix from it; without one, when anybody does. */
function memberStateOf(situation: MustSituation, who: string, sessions: readonly Selected[]): MemberState {
  const { bgpPeers } = situation.rule;
  if (bgpPeers.length === 0) return bestOf(situation, who, sessions, null);
  const each = bgpPeers.map((peer) =>
    bestOf(
      situation,
      who,
      sessions.filter(({ bgpPeer }) => bgpPeer === peer),
      peer,
    ),
  );
  const lacking = each.filter(({ state }) => state !== 'announces');
  if (lacking.length === 0) return each[0]!;
  return {
    who,
    what: lacking.map(({ what }) => what).join(', '),
    state: lacking.some(({ state }) => state === 'absent') ? 'absent' : 'differs',
    fields: lacking.reduce((mask, { fields }) => mask | fields, 0),
    excuse: lacking.map(({ excuse }) => excuse).sort((a, b) => lengthOf(a) - lengthOf(b))[0]!,
  };
}

/** One of several sessions is enough. Which of them is spoken of does not depend on the time. */
function bestOf(
  situation: MustSituation,
  who: string,
  sessions: readonly Selected[],
  peer: string | null,
): MemberState {
  const each = sessions.map((session) => sessionStateOf(situation, who, session));
  const excuse = each.map((one) => one.excuse).sort((a, b) => lengthOf(b) - lengthOf(a))[0];
  const shown = (['announces', 'differs', 'absent'] as const)
    .map((state) => each.find((one) => one.state === state))
    .find((one) => one !== undefined);
  if (shown && excuse !== undefined) return { ...shown, excuse };
  const what = peer === null ? 'no session of it is known' : `no session of it with ${peer} is known`;
  return { who, what, state: 'absent', fields: 0, excuse: graceFrom(situation, situation.askedAt) };
}

function sessionStateOf(situation: MustSituation, who: string, one: Selected): MemberState {
  const { rule, askedAt } = situation;
  const { session, received, bgpPeer } = one;
  const [first, ...others] = received.map((attributes) => ruleDifferences(rule, attributes));
  const until: Excuse =
    session.status === 'syncing' ? 'syncing' : graceFrom(situation, Math.max(session.changedAt, askedAt));
  if (first === undefined) {
    const isUnclear = session.status === 'restoring' || session.status === 'maybe';
    const to = rule.bgpPeers.length > 1 && bgpPeer !== null ? ` (to ${bgpPeer})` : '';
    const what = `${words[session.status]}${to}`;
    return { who, what, state: 'absent', fields: 0, excuse: isUnclear ? 'cannot-tell' : until };
  }
  const fields = others.includes(0) ? 0 : first;
  if (fields === 0) return { who, what: 'announces it', state: 'announces', fields, excuse: until };
  const what = `announces it with ${differing(fields, received[0]!)}`;
  return { who, what, state: 'differs', fields, excuse: until };
}

/** The end of grace, 0 when it is over. */
function graceFrom({ graceMs, now }: MustSituation, at: number): number {
  return now < at + graceMs ? at + graceMs : 0;
}

const words: Record<SessionCondition['status'], string> = {
  'never-seen': 'no session of it was ever established here',
  maybe: 'which of its sessions is which cannot be told',
  restoring: 'it did not come back yet since this collector restarted',
  down: 'its session is down',
  syncing: 'it does not announce it, its table is not complete yet',
  up: 'it does not announce it',
};

/** Attributes that are others than the rule asks for. Communities may be more than those. */
export function ruleDifferences(rule: MustRule, received: AttributesJson): FieldMask {
  const { communities, largeCommunities, localPref, nextHops, asPath } = rule;
  let mask = 0;
  if (nextHops.length > 0 && !nextHops.includes(received.nextHop ?? '')) mask |= fieldBit.nextHop;
  if (asPath !== null && asPath.join(' ') !== received.asPath.join(' ')) mask |= fieldBit.asPath;
  if (localPref !== null && localPref !== received.localPref) mask |= fieldBit.localPref;
  if (!communities.every((one) => received.communities.includes(one))) mask |= fieldBit.communities;
  if (!largeCommunities.every((one) => received.largeCommunities.includes(one))) mask |= fieldBit.largeCommunities;
  return mask;
}

function differing(fields: FieldMask, received: AttributesJson): string {
  return fieldNames(fields)
    .map((field) => `${field} ${shown(received[field as ComparedField])}`)
    .join(', ');
}

const shown = (value: unknown): string =>
  Array.isArray(value) ? value.join(' ') || 'none' : value === null ? 'none' : String(value);

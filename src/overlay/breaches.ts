/**
 * Compares rules with expected routes instead of received ones, so that a pipeline can check objects before applying
 * them: a `must-not` that forbids an expected route, and a `must` that expected routes do not meet.
 */
import { parsePrefix } from '../ip.ts';
import type { ExpectationTable } from '../metallb/expectations/table.ts';
import type { ExpectedRoute, ExpectedSession } from '../metallb/types.ts';
import { fits, type RulesInEffect, selects } from './in-effect.ts';
import type { MustNotRule, MustRule, OverlayRule, RulePlace } from './rule.ts';

/** One broken rule for one prefix. */
export interface Breach {
  rule: { id: string; rule: 'must' | 'must-not'; reason: string; owner: string };
  place: RulePlace | null;
  prefix: string;
  /** The first nodes that would announce a forbidden prefix, or would not announce a required one. */
  nodes: string[];
  text: string;
}

export interface Breaches {
  list: Breach[];
  /** All rules and routes were checked. */
  complete: boolean;
}

/** Nodes named in one breach. */
const maxNodes = 20;
/** Breaches reported. */
export const maxBreaches = 1_000;
/** Routes checked; a range in a large cluster has millions. */
export const maxRoutes = 500_000;

/**
 * The rules that the expected routes of `table` would break. A `must` rule for a neighbor that is not a node's address
 * counts as met, since that router is not MetalLB's. Without nodes, `must` rules are not checked.
 */
export function breachesOf(
  table: ExpectationTable,
  rules: RulesInEffect,
  bounds = { breaches: maxBreaches, routes: maxRoutes },
): Breaches {
  const budget = { routes: bounds.routes };
  const list: Breach[] = [];
  for (const breach of found(table, rules, budget)) {
    if (list.length === bounds.breaches) return { list, complete: false };
    list.push(breach);
  }
  return { list, complete: budget.routes > 0 };
}

interface Budget {
  routes: number;
}

function* found(table: ExpectationTable, { rules }: RulesInEffect, budget: Budget): Generator<Breach> {
  for (const rule of rules) {
    if (budget.routes <= 0) return;
    if (rule.rule === 'must-not') yield* forbidden(table, rule, budget);
    if (rule.rule === 'must' && table.nodes.size > 0) yield* unkept(table, rule, budget);
  }
}

function* forbidden(table: ExpectationTable, rule: MustNotRule, budget: Budget): Generator<Breach> {
  const sessions = selected(table, rule);
  const own = parsePrefix(rule.prefix)!;
  for (const prefix of rule.match === 'exact' ? [rule.prefix] : table.prefixes()) {
    if (rule.match !== 'exact' && !fits(rule, own, parsePrefix(prefix)!)) continue;
    const announcing = sessions.filter((session) => routeOf(table, session, prefix, budget) !== undefined);
    if (announcing.length === 0) continue;
    const nodes = [...new Set(announcing.map(({ node }) => node))];
    const peers = [...new Set(announcing.map(({ bgpPeer }) => bgpPeer))];
    const text = `${some(nodes)} would announce ${prefix} to ${some(peers)}, which the rule forbids: ${rule.reason}`;
    yield breach(rule, prefix, nodes, text);
  }
}

function* unkept(table: ExpectationTable, rule: MustRule, budget: Budget): Generator<Breach> {
  const sessions = selected(table, rule);
  const byNode = Map.groupBy(sessions, ({ node }) => node);
  const keeps = (node: string): boolean => {
    const own = byNode.get(node) ?? [];
    const goesTo = (peer: string | null): boolean =>
      own.some((session) => (peer === null || session.bgpPeer === peer) && isKept(table, rule, session, budget));
    if (table.nodes.get(node)?.configurationUnknown) return true;
    return rule.bgpPeers.length === 0 ? goesTo(null) : rule.bgpPeers.every(goesTo);
  };
  const named = membersOf(table, rule);
  const members = named ?? [...byNode.keys()].map((node) => ({ who: node, node }));
  const lacking = members.filter(({ node }) => node !== null && !keeps(node)).map(({ who }) => who);
  const kept = members.length - lacking.length;
  if (kept >= rule.atLeast || budget.routes <= 0) return;
  const who = named ? `of ${some(members.map((member) => member.who))}` : `node${kept === 1 ? '' : 's'}`;
  const route = `${rule.prefix}${attributesOf(rule)}`;
  const why = `${rule.reason}${whyOf(table, rule, lacking, byNode)}`;
  const text = `${kept} ${who} would announce ${route}, but at least ${rule.atLeast} must: ${why}`;
  yield breach(rule, rule.prefix, named ? lacking : [], text);
}

/** The announcers that the rule counts, each with its node; null: a router that is not in the objects. */
function membersOf(table: ExpectationTable, rule: MustRule): { who: string; node: string | null }[] | undefined {
  if (rule.nodes.length > 0) return rule.nodes.map((who) => ({ who, node: who }));
  if (rule.neighbors.length === 0) return undefined;
  const owners = [...table.nodes.values()];
  return rule.neighbors.map((who) => ({
    who,
    node: owners.find(({ addresses }) => addresses.includes(who))?.name ?? null,
  }));
}

/** Sessions that the rule selects. A session's source address is known only if it is configured. */
function selected(table: ExpectationTable, rule: OverlayRule): ExpectedSession[] {
  return table.sessions.filter((session) => {
    const { node, bgpPeer, sourceAddress } = session;
    const own = (): string | null =>
      sourceAddress ?? table.nodes.get(node)?.addresses.find((address) => rule.neighbors.includes(address)) ?? null;
    return selects(rule, { node, bgpPeer, address: own });
  });
}

function routeOf(
  table: ExpectationTable,
  { node, bgpPeer }: ExpectedSession,
  prefix: string,
  budget: Budget,
): ExpectedRoute | undefined {
  return budget.routes-- > 0 ? table.route(node, bgpPeer, prefix) : undefined;
}

/** True if the session meets the rule. A route of an FRRConfiguration may have any attributes. */
function isKept(table: ExpectationTable, rule: MustRule, session: ExpectedSession, budget: Budget): boolean {
  const { node, bgpPeer } = session;
  const route = routeOf(table, session, rule.prefix, budget);
  if (!route) return table.foreign(node, bgpPeer, rule.prefix) !== undefined;
  const sets = route.communitiesAnyOf ?? [route.communities];
  const addresses = session.sourceAddress === undefined ? table.nodes.get(node)!.addresses : [session.sourceAddress];
  return (
    sets.some((set) => rule.communities.every((one) => set.includes(one))) &&
    rule.largeCommunities.every((one) => route.largeCommunities.includes(one)) &&
    (rule.localPref === null || (route.localPrefAnyOf ?? [route.localPref]).includes(rule.localPref)) &&
    (rule.asPath === null || rule.asPath.join(' ') === route.asPath.join(' ')) &&
    (rule.nextHops.length === 0 || addresses.length === 0 || rule.nextHops.some((one) => addresses.includes(one)))
  );
}

const attributesOf = ({ communities, largeCommunities, localPref, nextHops, asPath }: MustRule): string =>
  communities.length + largeCommunities.length + nextHops.length > 0 || localPref !== null || asPath !== null
    ? ' with the attributes of the rule'
    : '';

/** MetalLB's reason on the first session without the route. */
function whyOf(
  table: ExpectationTable,
  rule: MustRule,
  lacking: readonly string[],
  byNode: ReadonlyMap<string, readonly ExpectedSession[]>,
): string {
  for (const node of lacking)
    for (const { bgpPeer } of byNode.get(node) ?? []) {
      const why = table.whyNot(node, bgpPeer, rule.prefix);
      if (why) return ` (${node}: ${why.text})`;
    }
  return '';
}

const some = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');

function breach(rule: MustRule | MustNotRule, prefix: string, nodes: readonly string[], text: string): Breach {
  const { id, rule: word, reason, owner, place } = rule;
  return { rule: { id, rule: word, reason, owner }, place, prefix, nodes: nodes.slice(0, maxNodes), text };
}

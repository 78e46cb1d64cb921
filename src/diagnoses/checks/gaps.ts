/** Routes that go and come back while their session stays up (MetalLB issues 2900, 2803, 1354 and 1292). */
import type { Neighbor } from '../../rib/types.ts';
import type { Gap } from '../history.ts';
import type { Facts, Finds } from '../types.ts';
import { count, names, sessionEvidence, span, subject, who } from '../words.ts';

/** A gap that began so soon after the session came up belongs to its coming up, ms. */
const returnMs = 60_000;
/** Gaps of one route within ten minutes that make it flap. */
const leastGaps = 3;
const flapWindowMs = 600_000;
/** Gaps that begin within so many ms of one another are of one reload. */
const stormMs = 10_000;
/** Routes that a reload takes along before it is a storm, and their share of all that the neighbor has. */
const leastRoutes = 10;
const leastShare = 0.5;

/** How long a passed event is still worth telling, ms. */
const tellMs = 1_800_000;

/** A node that is back: its routes appear, vanish and appear again, so traffic is drawn before it can be served. */
export function* returningNode(facts: Facts): Finds {
  const { rib, history, now, startedAt } = facts;
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const { establishedAt, flaps } = neighbor;
    if (establishedAt === null || neighbor.state !== 'established' || now - establishedAt > tellMs) continue;
    // sessions that begin just after our own start: it was us that came back
    if (flaps === 0 && establishedAt < startedAt + returnMs) continue;
    const early = history
      .gaps(neighbor.id)
      .filter(({ from }) => from >= establishedAt && from <= establishedAt + returnMs);
    if (early.length === 0 || stormsOf(early, neighbor).length > 0) continue;
    const longest = Math.max(...early.map(({ from, to }) => to - from));
    yield {
      ...subject(neighbor),
      text:
        `After ${who(neighbor)} came up, ${count(new Set(early.map(({ nlri }) => nlri)).size, 'route')} ` +
        `(${prefixes(facts, early)}) ` +
        `appeared, vanished within ${span(returnMs)} and came back, gone for up to ${span(longest)}.`,
      hint:
        'The speaker announced before it knew all services or endpoints of the node. Look at its log from the ' +
        'start of the session; newer versions of MetalLB wait for that.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** Routes that keep going and coming. */
export function* prefixFlapping(facts: Facts): Finds {
  const { rib, history, now } = facts;
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const recent = history.gaps(neighbor.id).filter(({ to }) => to > now - flapWindowMs);
    if (recent.length < leastGaps) continue;
    const byRoute = Map.groupBy(recent, ({ nlri }) => nlri);
    const flapping = [...byRoute.values()].filter((gaps) => gaps.length >= leastGaps);
    if (flapping.length === 0) continue;
    const most = flapping.reduce((a, b) => (b.length > a.length ? b : a));
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} withdrew and announced again ${count(flapping.length, 'route')} ` +
        `(${prefixes(facts, flapping.flat())}) ` +
        `in the last ${span(flapWindowMs)}, ${facts.rib.prefixText(most[0]!.nlri)} ${most.length} times, ` +
        'while the session stayed up.',
      hint:
        'With externalTrafficPolicy Local this follows the endpoints: look whether the pods of the service ' +
        'become unready again and again. Otherwise look for two writers of the same objects.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

/** FRR has been seen to withdraw nearly everything for some ten seconds when one service is added. */
export function* reloadStorm(facts: Facts): Finds {
  const { rib, history, cluster, now } = facts;
  for (const neighbor of rib.neighbors.values()) {
    yield;
    const storms = stormsOf(history.gaps(neighbor.id), neighbor).filter(({ to }) => now - to < tellMs);
    const last = storms.at(-1);
    if (!last) continue;
    const { node, bgpPeer } = neighbor;
    const services = new Set<string>();
    for (const { nlri } of last.gaps) {
      const prefix = rib.prefixText(nlri);
      const route = node !== null && bgpPeer !== null ? cluster?.table.route(node, bgpPeer, prefix) : undefined;
      for (const { service } of route?.chain ?? []) services.add(service);
    }
    yield {
      ...subject(neighbor),
      text:
        `${who(neighbor)} withdrew ${last.gaps.length} of its ${neighbor.routes.ipv4 + neighbor.routes.ipv6} ` +
        `routes (${prefixes(facts, last.gaps)}) ` +
        `at ${new Date(last.from).toISOString()} and announced them again within ` +
        `${span(last.to - last.from)}, in the same session` +
        `${services.size > 0 ? `; services hit: ${names(services)}` : ''}.${storms.length > 1 ? ` It was the ${storms.length}th time within the hour.` : ''}`,
      hint:
        'A reload of FRR took the routes along. Look at the log of the FRR container at that time; fewer edits ' +
        'at once, or a newer FRR, make it rarer.',
      evidence: sessionEvidence(neighbor),
    };
  }
}

interface Storm {
  from: number;
  to: number;
  gaps: Gap[];
}

/** Gaps that began together, where they are many and most of what the neighbor has. */
function stormsOf(gaps: readonly Gap[], { routes }: Neighbor): Storm[] {
  const least = Math.max(leastRoutes, (routes.ipv4 + routes.ipv6) * leastShare);
  if (gaps.length < least) return [];
  const storms: Storm[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const storm = storms.at(-1);
    if (storm && gap.from - storm.from <= stormMs) {
      storm.gaps.push(gap);
      storm.to = Math.max(storm.to, gap.to);
    } else storms.push({ from: gap.from, to: gap.to, gaps: [gap] });
  }
  return storms.filter((storm) => storm.gaps.length >= least);
}

const prefixes = ({ rib }: Facts, gaps: readonly Gap[]): string =>
  names(
    gaps.slice(0, 1_000).map(({ nlri }) => rib.prefixText(nlri)),
    3,
  );

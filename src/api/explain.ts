/** `GET /explain`: why a prefix is announced by a node to a peer, or why not; also where there is nothing at all. */

import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { toWall } from '../clock.ts';
import { shownRoute } from '../metallb/answers/shown.ts';
import { RulesInEffect } from '../overlay/in-effect.ts';
import { largeEnvelopeOf } from './answer.ts';
import { type ClusterState, clusterOf, findObject, withSteps } from './cluster.ts';
import type { ApiDeps } from './deps.ts';
import { readPrefix } from './filter-tests.ts';
import { limits } from './limits.ts';
import { readCells, withSaysOfPrefix } from './prefixes.ts';
import type { Room } from './room.ts';
import { type ExpectedRoute, type ExplainedSession, Explanation, envelope, type PrefixCell } from './schemas.ts';

const name = z.string().min(1).max(limits.paramLength);
const Query = z.strictObject({
  prefix: z.string().min(1).max(64).describe('Prefix or address'),
  normalize: z.stringbool().optional().describe('Ignore host bits of the prefix'),
  node: name.optional().describe('Only this node'),
  bgpPeer: name.optional().describe('Only this BGPPeer'),
});
type Pair = Pick<PrefixCell, 'node' | 'bgpPeer'>;
type NamedPair = { node: string; bgpPeer: string };

export const explain =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/explain',
      {
        schema: {
          tags: ['expectations'],
          summary: 'Why a prefix is announced by a node to a peer, or why not',
          querystring: Query,
          response: { 200: envelope(Explanation) },
        },
      },
      async ({ query }) => {
        const { prefix, normalize, node, bgpPeer } = query;
        const { text } = readPrefix(prefix, normalize);
        return largeEnvelopeOf(deps, (room) => explanationOf(deps, text, { node, bgpPeer }, room));
      },
    );
  };

interface Asked {
  node: string | undefined;
  bgpPeer: string | undefined;
}

async function explanationOf(deps: ApiDeps, prefix: string, asked: Asked, room: Room): Promise<Explanation> {
  const cluster = clusterOf(deps);
  const { node, bgpPeer } = asked;
  if (node !== undefined && !cluster.table.nodes.has(node)) findObject(cluster, 'Node', node);
  const isAsked = (one: Pair): boolean =>
    (node === undefined || one.node === node) && (bgpPeer === undefined || one.bgpPeer === bgpPeer);

  const cells = (await readCells(deps, prefix)).cells.filter(isAsked);
  const rules = cells.filter(isOfRule);
  const seen = new Set(cells.filter((cell) => !isOfRule(cell)).map(keyOf));
  for (const pair of pairsOf(cluster, asked)) {
    if (seen.has(keyOf(pair))) continue;
    const cell = { ...emptyCell(pair), expected: cluster.table.route(pair.node, pair.bgpPeer, prefix) ?? null };
    cells.push(withSaysOfPrefix(deps, prefix, cell));
  }
  const now = deps.now();
  const overlay = deps.overlay.view(now).rules.filter(({ replaced }) => !replaced);
  const holding = new RulesInEffect(
    overlay.map(({ rule }) => rule),
    toWall(now),
  );
  const explaining = { ...deps, cluster, rules: holding };
  const explain = (cell: PrefixCell): ExplainedSession => explainCell(explaining, prefix, cell);
  const sessions = await room.map(cells, limits.explainedSessions, explain);
  const expected = cells.filter((cell) => cell.expected).length;
  const received = cells.filter((cell) => cell.received.length > 0).length;
  return {
    prefix,
    text: `${prefix} is expected on ${expected} of ${cells.length - rules.length} sessions and received on ${received}`,
    sessions,
    truncated: sessions.length < cells.length,
  };
}

const keyOf = ({ node, bgpPeer }: Pair): string => JSON.stringify([node, bgpPeer]);

/** The sessions that are asked for; where there is none, what is asked for all the same: the answer says why there is none. */
function pairsOf({ table, resources }: ClusterState, { node, bgpPeer }: Asked): NamedPair[] {
  const sessions = table.sessions.filter(
    (one) => (node === undefined || one.node === node) && (bgpPeer === undefined || one.bgpPeer === bgpPeer),
  );
  if (sessions.length > 0 || (node === undefined && bgpPeer === undefined)) return sessions;
  const nodes = node === undefined ? [...table.nodes.keys()] : [node];
  const peers = bgpPeer === undefined ? Array.from(resources.BGPPeer.values(), ({ ref }) => ref.name) : [bgpPeer];
  return nodes.flatMap((one) => peers.map((peer) => ({ node: one, bgpPeer: peer })));
}

/** A hand-written rule's own row is about no session. */
const isOfRule = ({ verdict }: PrefixCell): boolean => (verdict?.rule ?? null) !== null;

const emptyCell = ({ node, bgpPeer }: Pair) => ({
  neighbor: null,
  node,
  bgpPeer,
  received: [],
  verdict: null,
  ecmp: false,
});

/** What a hand-written rule has against an expected route. */
function forbiddenText(rules: RulesInEffect, prefix: string, { node, bgpPeer, neighbor }: PrefixCell): string {
  const rule = rules.forbids({ node, bgpPeer, address: () => neighbor?.address ?? null }, prefix);
  return rule ? `; but rule ${rule.id} of the overlay (owner ${rule.owner}) forbids it: ${rule.reason}` : '';
}

interface Explaining {
  cluster: ClusterState;
  rules: RulesInEffect;
  standsFor: ApiDeps['standsFor'];
}

function explainCell({ cluster, rules, standsFor }: Explaining, prefix: string, cell: PrefixCell): ExplainedSession {
  const { table } = cluster;
  const { node, bgpPeer, neighbor } = cell;
  if (isOfRule(cell)) return { ...cell, whyNot: null, text: cell.verdict!.reasonText };
  if (node === null || bgpPeer === null) {
    const who = neighbor?.address ?? 'this neighbor';
    const missing = node === null ? 'a node of the cluster' : `a BGPPeer of node ${node}`;
    return { ...cell, whyNot: null, text: `${who} was not found to be ${missing}, so nothing is expected from it` };
  }
  const whole: ExpectedRoute | undefined = cell.expected ?? table.route(node, bgpPeer, prefix);
  const expected = whole && shownRoute(whole);
  if (expected) {
    const [link] = expected.chain;
    const others = expected.chain.length - 1 + (expected.chainLeftOut ?? 0);
    const more = others > 0 ? ` and ${others} more` : '';
    const origin = link
      ? ` for ${link.ip} of Service ${link.service}, by IPAddressPool ${link.pool} and BGPAdvertisement ${link.advertisement}${more}`
      : '';
    const forbidden = forbiddenText(rules, prefix, cell);
    const unseen =
      neighbor === null && !standsFor(bgpPeer)
        ? `; ${bgpPeer} is another router than this one, so whether it comes cannot be seen here`
        : '';
    const text = `node ${node} announces ${prefix} to BGPPeer ${bgpPeer}${origin}${forbidden}${unseen}`;
    return { ...cell, expected: withSteps(cluster, expected), whyNot: null, text };
  }
  const whyNot = table.whyNot(node, bgpPeer, prefix) ?? null;
  const reason = whyNot?.text ?? `no IPAddressPool covers ${prefix}`;
  return { ...cell, whyNot, text: `node ${node} does not announce ${prefix} to BGPPeer ${bgpPeer}: ${reason}` };
}

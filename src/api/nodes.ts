/** `GET /nodes/{name}`: one Node, its sessions, what it announces, and what it does not. */

import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import type { LatencyKind } from '../collector/latency.ts';
import { nodeSays } from '../metallb/answers/says.ts';
import type { ExpectedSession } from '../metallb/types.ts';
import { formatTime } from '../rib/time.ts';
import type { Neighbor } from '../rib/types.ts';
import { neighborRef } from '../rib/view.ts';
import { largeEnvelopeOf } from './answer.ts';
import { readChecks } from './checks.ts';
import { aboutObject, type ClusterState, clusterOf, findObject, whyNotAnnounced } from './cluster.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import type { Room } from './room.ts';
import { envelope, type LatencyFigures, type NodeSession, NodeView } from './schemas.ts';

export const nodes =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/nodes/:name',
      {
        schema: {
          tags: ['cluster'],
          summary: 'One Node: its sessions, what it announces, and why not the rest',
          params: z.object({ name: z.string().min(1).max(limits.paramLength) }),
          response: { 200: envelope(NodeView) },
        },
      },
      async ({ params }) => largeEnvelopeOf(deps, (room) => viewOf(deps, clusterOf(deps), room, params.name)),
    );
  };

async function viewOf(deps: ApiDeps, cluster: ClusterState, room: Room, name: string): Promise<NodeView> {
  const { ref } = findObject(cluster, 'Node', name);
  const { table, resources } = cluster;
  const view = table.nodes.get(name);
  const neighbors = [...deps.rib.neighbors.values()].filter(({ node }) => node === name);
  const { rows } = await readChecks(deps, { node: name }, undefined, limits.objectRoutes + 1);
  return {
    ...(await aboutObject(cluster, room, ref, {
      routes: rows,
      notAnnounced: await whyNotAnnounced(cluster, resources.Service.keys(), name),
    })),
    addresses: view?.addresses ?? [],
    hostname: view?.hostname ?? null,
    staleConfig: view?.staleConfig ?? null,
    configurationUnknown: view?.configurationUnknown ?? false,
    timeToAdvertise: figuresOf(deps, name, 'advertise'),
    timeToWithdraw: figuresOf(deps, name, 'withdraw'),
    sessions: table.sessions.filter(({ node }) => node === name).map((session) => sessionOf(session, neighbors)),
    neighbors: neighbors.map(neighborRef),
    says: nodeSays(resources, table.options.namespace, name) ?? null,
  };
}

function figuresOf({ latency }: ApiDeps, node: string, kind: LatencyKind): LatencyFigures | null {
  const figures = latency.figures(node, kind);
  return figures && { ...figures, lastAt: formatTime(figures.lastAt) };
}

function sessionOf({ node: _, ...session }: ExpectedSession, neighbors: readonly Neighbor[]): NodeSession {
  const seen = neighbors.filter(({ bgpPeer }) => bgpPeer === session.bgpPeer);
  const neighbor = seen.find(({ state }) => state === 'established') ?? seen[0];
  return { ...session, neighbor: neighbor ? neighborRef(neighbor) : null, state: neighbor?.state ?? null };
}

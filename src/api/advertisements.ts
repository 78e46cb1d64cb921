/** `GET /advertisements/{name}`: one BGPAdvertisement, what it selects, and what is announced because of it. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { keyOf } from '../metallb/objects/resources.ts';
import { takesService } from '../metallb/relations/relations.ts';
import { largeEnvelopeOf } from './answer.ts';
import {
  aboutObject,
  blocksOfPool,
  type ClusterState,
  clusterOf,
  findOwnObject,
  routesFrom,
  servicesOf,
  whyNotAnnounced,
} from './cluster.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import type { Room } from './room.ts';
import { AdvertisementView, envelope } from './schemas.ts';

export const advertisements =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/advertisements/:name',
      {
        schema: {
          tags: ['cluster'],
          summary: 'One BGPAdvertisement: what it selects, and what is announced because of it',
          params: z.object({ name: z.string().min(1).max(limits.paramLength) }),
          response: { 200: envelope(AdvertisementView) },
        },
      },
      async ({ params }) => largeEnvelopeOf(deps, (room) => viewOf(deps, clusterOf(deps), room, params.name)),
    );
  };

async function viewOf(deps: ApiDeps, cluster: ClusterState, room: Room, name: string): Promise<AdvertisementView> {
  const { ref, object } = findOwnObject(cluster, 'BGPAdvertisement', name);
  const { accepted, nodes } = cluster.table.cluster;
  const inEffect = accepted.advertisements.find(({ key }) => key === keyOf(ref));
  const pools = inEffect ? accepted.poolsOf(inEffect) : [];
  const blocks = pools.flatMap(blocksOfPool);
  const services = (await servicesOf(cluster, pools))
    .filter((service) => inEffect && takesService(inEffect, service))
    .map(({ key }) => key);
  const about = await aboutObject(cluster, room, ref, {
    routes: await routesFrom(deps, cluster, { advertisement: name }, blocks),
    notAnnounced: await whyNotAnnounced(cluster, services),
  });
  return {
    ...about,
    pools: pools.map((pool) => pool.object.ref.name),
    nodes: inEffect ? nodes.namesOf(nodes.selectedBy(inEffect)) : [],
    peers: object && object.spec.peers.length > 0 ? object.spec.peers : null,
    services: services.slice(0, limits.notes),
    truncated: about.truncated || services.length > limits.notes,
  };
}

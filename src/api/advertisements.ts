/** `GET /advertisements/{name}`: one BGPAdvertisement, what it selects, and what is announced because of it. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { advertises } from '../metallb/pools.ts';
import { selects } from '../metallb/selectors.ts';
import { largeEnvelopeOf } from './answer.ts';
import {
  aboutObject,
  blocksOfPool,
  type ClusterState,
  clusterOf,
  findOwnObject,
  routesFrom,
  servicesIn,
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
  const { IPAddressPool, Node } = cluster.resources;
  const pools = [...IPAddressPool.values()].filter((pool) => object && advertises(object, pool));
  const blocks = pools.flatMap(blocksOfPool);
  const nodes = [...Node.values()].filter(({ labels }) => object && selects(object.spec.nodeSelectors, labels));
  const services = (await servicesIn(cluster, blocks))
    .filter(({ labels }) => object && selects(object.spec.serviceSelectors, labels))
    .map(({ key }) => key);
  const about = await aboutObject(cluster, room, ref, {
    routes: await routesFrom(deps, cluster, { advertisement: name }, blocks),
    notAnnounced: await whyNotAnnounced(cluster, services),
  });
  return {
    ...about,
    pools: pools.map((pool) => pool.ref.name),
    nodes: nodes.map((node) => node.ref.name),
    peers: object && object.spec.peers.length > 0 ? object.spec.peers : null,
    services: services.slice(0, limits.notes),
    truncated: about.truncated || services.length > limits.notes,
  };
}

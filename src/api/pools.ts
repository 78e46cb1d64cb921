/** `GET /pools/{name}`: one IPAddressPool, the services that have addresses of it, and what is announced of them. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { type AnyObject, keyOf } from '../metallb/objects/resources.ts';
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
import { envelope, PoolView } from './schemas.ts';

export const pools =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/pools/:name',
      {
        schema: {
          tags: ['cluster'],
          summary: 'One IPAddressPool: its services and what is announced of them',
          params: z.object({ name: z.string().min(1).max(limits.paramLength) }),
          response: { 200: envelope(PoolView) },
        },
      },
      async ({ params }) => largeEnvelopeOf(deps, (room) => viewOf(deps, clusterOf(deps), room, params.name)),
    );
  };

async function viewOf(deps: ApiDeps, cluster: ClusterState, room: Room, name: string): Promise<PoolView> {
  const { ref, object } = findOwnObject(cluster, 'IPAddressPool', name);
  const { accepted } = cluster.table.cluster;
  const pools = accepted.pools.filter((pool) => pool.object.key === keyOf(ref));
  const services = await servicesOf(cluster, pools);
  const names = (advertisements: readonly AnyObject[]): string[] => advertisements.map((one) => one.ref.name);
  const about = await aboutObject(cluster, room, ref, {
    routes: await routesFrom(deps, cluster, { pool: name }, pools.flatMap(blocksOfPool)),
    notAnnounced: await whyNotAnnounced(
      cluster,
      services.map(({ key }) => key),
    ),
  });
  return {
    ...about,
    addresses: object?.spec.addresses ?? [],
    services: services.slice(0, limits.notes).map(({ key, spec }) => ({ service: key, addresses: spec.ingress })),
    advertisements: names(pools.flatMap((pool) => accepted.advertisementsOf(pool))),
    l2Advertisements: names(pools.flatMap((pool) => accepted.l2AdvertisementsOf(pool))),
    truncated: about.truncated || services.length > limits.notes,
  };
}

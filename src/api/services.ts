/** `GET /services/{namespace}/{name}`: one Service, where its addresses are announced, and why not elsewhere. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { contains } from '../ip.ts';
import { advertises } from '../metallb/pools.ts';
import { selects } from '../metallb/selectors.ts';
import { envelopeOf } from './answer.ts';
import {
  aboutObject,
  blocksOfPool,
  blocksOfService,
  type Cluster,
  clusterOf,
  findObject,
  routesFrom,
  whyNotAnnounced,
  withSteps,
} from './cluster.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import { envelope, ServiceView } from './schemas.ts';

const name = z.string().min(1).max(limits.paramLength);

export const services =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/services/:namespace/:name',
      {
        schema: {
          tags: ['cluster'],
          summary: 'One Service: where it is announced, and why not elsewhere',
          params: z.object({ namespace: name, name }),
          response: { 200: envelope(ServiceView) },
        },
      },
      async ({ params }) => envelopeOf(deps, await viewOf(deps, clusterOf(deps), `${params.namespace}/${params.name}`)),
    );
  };

async function viewOf(deps: ApiDeps, cluster: Cluster, key: string): Promise<ServiceView> {
  const { ref, object } = findObject(cluster, 'Service', key);
  const addresses = object ? blocksOfService(object) : [];
  const pools = [...cluster.resources.IPAddressPool.values()].filter((pool) =>
    blocksOfPool(pool).some((block) => addresses.some((address) => contains(block, address))),
  );
  const advertisements = [...cluster.resources.BGPAdvertisement.values()].filter(
    (advertisement) =>
      pools.some((pool) => advertises(advertisement, pool)) &&
      selects(advertisement.spec.serviceSelectors, object?.labels ?? {}),
  );
  return {
    ...aboutObject(cluster, ref, {
      routes: (await routesFrom(deps, cluster, { service: key }, addresses)).map((row) =>
        row.expected ? { ...row, expected: withSteps(cluster, row.expected) } : row,
      ),
      notAnnounced: await whyNotAnnounced(cluster, [key]),
    }),
    type: object?.spec.type ?? null,
    addresses: object?.spec.ingress.filter(Boolean) ?? [],
    pools: pools.map(({ ref }) => ref.name),
    advertisements: advertisements.map(({ ref }) => ref.name),
  };
}

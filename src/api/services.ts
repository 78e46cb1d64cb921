/** `GET /services/{namespace}/{name}`: one Service, where its addresses are announced, and why not elsewhere. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { shownRoute } from '../metallb/answers/shown.ts';
import type { BGPAdvertisement } from '../metallb/objects/resources.ts';
import { blockOf, formatCidr, formatNumber, parseNumber } from '../metallb/relations/cidr.ts';
import { takesService } from '../metallb/relations/relations.ts';
import { largeEnvelopeOf } from './answer.ts';
import {
  aboutObject,
  blocksOfService,
  type ClusterState,
  clusterOf,
  findObject,
  poolsOfService,
  routesFrom,
  whyNotAnnounced,
  withSteps,
} from './cluster.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import type { Room } from './room.ts';
import { type ExpectedRoute, envelope, type NotAnnounced, type NotAnnouncedTo, ServiceView } from './schemas.ts';
import { mapInTurns } from './turn.ts';

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
      async ({ params }) =>
        largeEnvelopeOf(deps, (room) => viewOf(deps, clusterOf(deps), room, `${params.namespace}/${params.name}`)),
    );
  };

async function viewOf(deps: ApiDeps, cluster: ClusterState, room: Room, key: string): Promise<ServiceView> {
  const { ref, object } = findObject(cluster, 'Service', key);
  const addresses = object ? blocksOfService(object) : [];
  const { accepted } = cluster.table.cluster;
  const pools = object ? poolsOfService(cluster, object) : [];
  const advertisements = accepted.advertisements.filter(
    (advertisement) =>
      object &&
      takesService(advertisement, object) &&
      accepted.poolsOf(advertisement).some((pool) => pools.includes(pool)),
  );
  const notAnnounced = await whyNotAnnounced(cluster, [key]);
  const notAnnouncedTo = await whyNotTo(cluster, key, advertisements, notAnnounced);
  const about = await aboutObject(cluster, room, ref, {
    routes: await mapInTurns(await routesFrom(deps, cluster, { service: key }, addresses), (row) =>
      row.expected ? { ...row, expected: withSteps(cluster, withLinksOf(cluster, key, row.expected)) } : row,
    ),
    notAnnounced,
  });
  const shown = await room.fit(notAnnouncedTo, limits.notes);
  return {
    ...about,
    type: object?.spec.type ?? null,
    addresses: object?.spec.ingress.filter(Boolean) ?? [],
    pools: pools.map((pool) => pool.object.ref.name),
    advertisements: advertisements.map(({ ref }) => ref.name),
    notAnnouncedTo: shown,
    truncated: about.truncated || shown.length < notAnnouncedTo.length,
  };
}

/** The route with the links of this Service first: of an aggregate others might be all that is shown. */
function withLinksOf({ table }: ClusterState, key: string, expected: ExpectedRoute): ExpectedRoute {
  if (expected.chainLeftOut === undefined) return expected;
  const whole = table.route(expected.node, expected.bgpPeer, expected.prefix);
  return whole ? shownRoute(whole, ({ service }) => service === key) : expected;
}

/** Why sessions of nodes that announce the service carry no route of one of its addresses. */
async function whyNotTo(
  { table, resources }: ClusterState,
  key: string,
  advertisements: readonly BGPAdvertisement[],
  elsewhere: readonly NotAnnounced[],
): Promise<NotAnnouncedTo[]> {
  const silent = new Set(elsewhere.map(({ node }) => node));
  const addresses = (resources.Service.get(key)?.spec.ingress ?? []).flatMap((text) => parseNumber(text) ?? []);
  const wanted = addresses.map((address) => {
    const lengths = advertisements.map(({ spec }) =>
      address.family === 4 ? spec.aggregationLength : spec.aggregationLengthV6,
    );
    const host = blockOf(address, address.family === 4 ? 32 : 128);
    const blocks = [...new Set(lengths)].map((length) => blockOf(address, length));
    return { address: formatNumber(address), host: formatCidr(host), prefixes: blocks.map(formatCidr) };
  });
  const found = await mapInTurns(table.sessions, ({ node, bgpPeer }) => {
    if (silent.has(node)) return [];
    return wanted.flatMap(({ address, host, prefixes }): NotAnnouncedTo[] => {
      const carries = (prefix: string): boolean =>
        table.route(node, bgpPeer, prefix)?.chain.some(({ service }) => service === key) ?? false;
      if (prefixes.some(carries)) return [];
      const [prefix = host] = prefixes;
      const whyNot = table.whyNot(node, bgpPeer, prefix);
      return whyNot ? [{ node, bgpPeer, address, reason: whyNot.reason, text: whyNot.text }] : [];
    });
  });
  return found.flat();
}

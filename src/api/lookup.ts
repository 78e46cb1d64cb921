/** `GET /lookup?q=`: one box for an address, a prefix, an AS number, a community, a service, a node or an object of MetalLB. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { formatPrefix, parsePrefix } from '../ip.ts';
import type { AnyObject } from '../metallb/objects/resources.ts';
import { envelopeOf } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { limits } from './limits.ts';
import { findNeighbors } from './resolve.ts';
import { envelope, Lookup, type LookupResult } from './schemas.ts';
import { turn } from './turn.ts';

const base = '/api/v1';
const href = (resource: string, query?: Record<string, string | number>): string =>
  `${base}/${resource}${query ? `?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}` : ''}`;

export const lookup =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/lookup',
      {
        schema: {
          tags: ['lookup'],
          summary: 'What is this? Address, prefix, AS number, community, service, node, object of MetalLB',
          querystring: z.strictObject({ q: z.string().trim().min(1).max(256) }),
          response: { 200: envelope(Lookup) },
        },
      },
      async ({ query }) => envelopeOf(deps, await look(deps, query.q)),
    );
  };

async function look(deps: ApiDeps, query: string): Promise<Lookup> {
  const services = await lookService(deps, query);
  const results = [
    ...lookPrefix(deps, query),
    ...lookAsn(deps, query),
    ...lookCommunity(query),
    ...lookNeighbor(deps, query),
    ...lookNode(deps, query),
    ...services.found,
    ...lookObject(deps, query),
  ];
  return {
    query,
    kinds: [...new Set(results.map(({ kind }) => kind))],
    results: results.slice(0, limits.lookupResults),
    truncated: services.truncated || results.length > limits.lookupResults,
  };
}

/** The prefix itself if somebody has it, then what contains it, most specific first. */
function lookPrefix({ rib }: ApiDeps, query: string): LookupResult[] {
  const prefix = parsePrefix(query);
  if (!prefix) return [];
  const text = formatPrefix(prefix);
  const found = rib.covering(text).reverse();
  const rows = found.map((one): LookupResult => {
    const routes = rib.exact(one).length;
    const what = one === text ? 'received' : `contains ${query}`;
    return {
      kind: 'prefix',
      label: one,
      text: `${what}, from ${routes} ${routes === 1 ? 'neighbor' : 'neighbors'}`,
      href: href(`prefixes/${encodeURIComponent(one)}`),
      routes,
    };
  });
  const inside = {
    kind: 'prefix' as const,
    label: text,
    text: `everything inside ${text}`,
    href: href('routes', { prefix: text, match: 'longer' }),
    routes: null,
  };
  return prefix.length < prefix.bytes.length * 8 ? [...rows, inside] : rows;
}

function lookAsn({ rib }: ApiDeps, query: string): LookupResult[] {
  const asn = Number(/^(?:AS)?(\d{1,10})$/i.exec(query)?.[1] ?? Number.NaN);
  if (!(asn <= 0xffff_ffff)) return [];
  const count = [...rib.neighbors.values()].filter((neighbor) => neighbor.asn === asn).length;
  return [
    {
      kind: 'asn',
      label: `AS${asn}`,
      text: `AS of ${count} ${count === 1 ? 'neighbor' : 'neighbors'}; routes that originate in it`,
      href: href('routes', { originAsn: asn }),
      routes: null,
    },
  ];
}

function lookCommunity(query: string): LookupResult[] {
  const kind = /^\d+:\d+$/.test(query) ? 'community' : /^\d+:\d+:\d+$/.test(query) ? 'largeCommunity' : undefined;
  if (!kind) return [];
  return [{ kind, label: query, text: 'routes that carry it', href: href('routes', { [kind]: query }), routes: null }];
}

/** By address, or by a part of the host name that the FQDN capability gave. */
function lookNeighbor({ rib }: ApiDeps, query: string): LookupResult[] {
  const byAddress = parsePrefix(query) && !query.includes('/') ? findNeighbors(rib, query) : [];
  const word = query.toLowerCase();
  const byName = [...rib.neighbors.values()].filter(({ hostname }) => hostname?.toLowerCase().includes(word));
  return [...new Set([...byAddress, ...byName])].map((neighbor) => ({
    kind: 'neighbor',
    label: neighbor.remoteAddress,
    text: `neighbor ${neighbor.id}, AS ${neighbor.asn ?? 'unknown'}, ${neighbor.state}${neighbor.node ? `, node ${neighbor.node}` : ''}`,
    href: href(`neighbors/${neighbor.id}`),
    routes: neighbor.routes.ipv4 + neighbor.routes.ipv6,
  }));
}

function lookNode({ rib, expectations }: ApiDeps, query: string): LookupResult[] {
  const routesOf = new Map<string, number>();
  for (const name of expectations()?.nodes.keys() ?? []) routesOf.set(name, 0);
  for (const { node, routes } of rib.neighbors.values())
    if (node !== null) routesOf.set(node, (routesOf.get(node) ?? 0) + routes.ipv4 + routes.ipv6);
  const word = query.toLowerCase();
  return [...routesOf]
    .filter(([name]) => name.toLowerCase().includes(word))
    .map(([name, routes]) => ({
      kind: 'node',
      label: name,
      text: 'node of the cluster',
      href: href('routes', { node: name }),
      routes,
    }));
}

/** How one kind of MetalLB's objects is told. */
interface Told {
  result: LookupResult['kind'];
  text: string;
  /** The resource with the details of the one called `name`. */
  href: (name: string) => string;
}

const told: Readonly<Record<'IPAddressPool' | 'BGPAdvertisement' | 'BGPPeer', Told>> = {
  IPAddressPool: { result: 'pool', text: 'IPAddressPool', href: (name) => href(`pools/${encodeURIComponent(name)}`) },
  BGPAdvertisement: {
    result: 'advertisement',
    text: 'BGPAdvertisement',
    href: (name) => href(`advertisements/${encodeURIComponent(name)}`),
  },
  BGPPeer: {
    result: 'bgpPeer',
    text: 'BGPPeer; the verdicts on its sessions',
    href: (name) => href('checks', { bgpPeer: name }),
  },
};

/** By a part of the name; the one that is called just that first. */
function lookObject({ resources, expect }: ApiDeps, query: string): LookupResult[] {
  const all = resources();
  if (!all) return [];
  const word = query.toLowerCase();
  const found = (Object.keys(told) as (keyof typeof told)[]).flatMap((kind) => {
    const { result, text, href } = told[kind];
    const objects: ReadonlyMap<string, AnyObject> = all[kind];
    return [...objects.values()]
      .filter(({ ref: { namespace, name } }) => namespace === expect.namespace && name.includes(word))
      .map(({ ref: { name } }): LookupResult => ({ kind: result, label: name, text, href: href(name), routes: null }));
  });
  return found.sort((a, b) => Number(b.label === word) - Number(a.label === word));
}

/** Services have no table of their own: the expected routes name them, session by session, up to a bound. */
async function lookService(
  { expectations }: ApiDeps,
  query: string,
): Promise<{ found: LookupResult[]; truncated: boolean }> {
  const word = query.toLowerCase();
  const found = new Map<string, Set<string>>();
  const table = expectations();
  if (!table) return { found: [], truncated: false };
  let left: number = limits.lookupRoutes;
  for (const { node, bgpPeer } of table.sessions) {
    for (const { chain } of table.routes(node, bgpPeer)) {
      for (const { service, ip } of chain)
        if (service.toLowerCase().includes(word) || ip === query)
          found.set(service, (found.get(service) ?? new Set()).add(ip));
      if (--left % limits.sliceCheck === 0) await turn();
      if (left <= 0 || found.size > limits.lookupResults) return { found: rowsOf(found), truncated: true };
    }
  }
  return { found: rowsOf(found), truncated: false };
}

function someOf(addresses: readonly string[]): string {
  const rest = addresses.length - limits.lookupAddresses;
  return addresses.slice(0, limits.lookupAddresses).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

const rowsOf = (found: Map<string, Set<string>>): LookupResult[] =>
  [...found].map(([service, addresses]) => ({
    kind: 'service',
    label: service,
    text: `service with ${someOf([...addresses])}`,
    href: href('checks', { service }),
    routes: null,
  }));

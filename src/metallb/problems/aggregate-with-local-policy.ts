/** Aggregates that draw traffic to nodes that cannot serve it (MetalLB issue 2811). */
import { canonicalAddress, canonicalPrefix, type Prefix, parsePrefix } from '../../ip.ts';
import type { Service } from '../objects/resources.ts';
import type { Cluster } from './cluster.ts';
import type { ObjectProblems, ObjectRule } from './rule.ts';
import { count, names } from './words.ts';

/** Services of one prefix that are named in its diagnosis. */
const maxServices = 5;

/**
 * A block is announced by every node that serves one of its services; what arrives there for another service with
 * externalTrafficPolicy Local and no endpoint on the node is dropped. A host route of that service, announced to the
 * same peer by those that do serve it, beats the block.
 */
export const aggregateWithLocalPolicy: ObjectRule = {
  code: 'aggregate-with-local-policy',
  severity: 'warning',
  title: 'Aggregate attracts traffic to nodes that drop it',
  looksFor: 'aggregates over services with externalTrafficPolicy Local, announced by nodes without their endpoints.',
  isCostly: true,
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  const local = localServices(cluster);
  if (local.length === 0) return;
  for (const [text, inside] of blocksAround(cluster, local)) {
    for (const [bgpPeer, sessions] of cluster.sessionsByPeer) {
      const announcing: string[] = [];
      for (const { node } of sessions) {
        yield;
        if (cluster.table.route(node, bgpPeer, text)) announcing.push(node);
      }
      const wrong = inside.flatMap(({ service, address, host }) => {
        const { nodes } = cluster.endpoints(service);
        if (nodes.size === 0) return [];
        const dropping = announcing.filter((node) => !nodes.has(node));
        const hostRoute = `${address}/${host.length}`;
        const isBeaten = (): boolean => [...nodes].some((node) => cluster.table.route(node, bgpPeer, hostRoute));
        return dropping.length === 0 || isBeaten() ? [] : [{ service, address, dropping, serving: [...nodes] }];
      });
      if (wrong.length === 0) continue;
      const said = wrong
        .slice(0, maxServices)
        .map(
          ({ service, address, dropping, serving }) =>
            `${service.key} (${address}) is served on ${names(serving, 3)}, but the block is also announced ` +
            `by ${names(dropping, 3)}`,
        );
      const more = wrong.length - said.length;
      yield {
        prefix: text,
        bgpPeer,
        text:
          `${text} is announced to ${bgpPeer} by ${count(announcing.length, 'node')}, and services in it ` +
          'have externalTrafficPolicy Local: ' +
          `${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}. Those nodes drop the traffic.`,
        hint:
          'Add a BGPAdvertisement of the same pool with aggregationLength 32 (aggregationLengthV6 128) for ' +
          'the same peers, ' +
          `so that host routes beat the block, or set spec.externalTrafficPolicy of the services to Cluster.`,
        objects: wrong.slice(0, maxServices).map(({ service }) => service.ref),
      };
    }
  }
}

/** The blocks that advertisements make of the addresses, with those that lie in each. */
function blocksAround(cluster: Cluster, local: readonly Addressed[]): Map<string, Addressed[]> {
  const blocks = new Map<string, Addressed[]>();
  for (const addressed of local) {
    const { family, length: full } = addressed.host;
    const lengths = new Set(
      cluster.accepted.advertisements.map(({ spec }) =>
        family === 4 ? spec.aggregationLength : spec.aggregationLengthV6,
      ),
    );
    for (const length of lengths) {
      if (length < 0 || length >= full) continue;
      const text = canonicalPrefix(`${addressed.address}/${length}`);
      if (text === undefined) continue;
      const inside = blocks.get(text);
      if (inside) inside.push(addressed);
      else blocks.set(text, [addressed]);
    }
  }
  return blocks;
}

interface Addressed {
  service: Service;
  /** Canonical. */
  address: string;
  host: Prefix;
}

function localServices(cluster: Cluster): Addressed[] {
  return [...cluster.services()]
    .filter(({ spec }) => spec.externalTrafficPolicy === 'Local')
    .flatMap((service) =>
      service.spec.ingress.flatMap((text) => {
        const address = canonicalAddress(text);
        const host = address === undefined ? undefined : parsePrefix(address);
        return address !== undefined && host ? [{ service, address, host }] : [];
      }),
    );
}

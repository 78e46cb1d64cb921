/**
 * What other FRRConfigurations than the speakers' own make a node announce. frr-k8s merges all that select the node,
 * so their prefixes come on the same sessions, and nobody's expectation asks for them.
 */
import { canonicalAddress, canonicalPrefix } from '../../ip.ts';
import { CommunityError, type CommunityValue, parseCommunity } from '../objects/communities.ts';
import type { FRRConfiguration, Node } from '../objects/resources.ts';
import { matches } from '../relations/selectors.ts';
import type { ExpectedSession } from '../types.ts';

/** What one FRRConfiguration announces to one neighbor. */
interface Announcement {
  /** Canonical address, or the name of an interface. */
  readonly neighbor: string;
  /** Everything that any configuration of the node puts into the router. */
  readonly all: boolean;
  readonly prefixes: ReadonlySet<string>;
  readonly vrf: string;
  /** Prefix → what is added to the route; prefixes may be somebody else's. */
  readonly additions: ReadonlyMap<string, Addition>;
}

/** What one FRRConfiguration adds to a route, whoever asks for that. */
export interface Addition {
  readonly object: FRRConfiguration;
  /** As routers write them, like those of BGPAdvertisements. */
  readonly communities: string[];
  readonly largeCommunities: string[];
  /** More than one: frr-k8s refuses that. */
  readonly localPrefs: number[];
}

interface Read {
  readonly announcements: readonly Announcement[];
  /** Prefixes of its routers, announced or not. */
  readonly originated: ReadonlySet<string>;
}

/** A BGPPeer's session and a neighbor of an FRRConfiguration are one to FRR when they have the same other end. */
export const isNeighborOf = (session: ExpectedSession, neighbor: string, vrf: string): boolean =>
  (session.peerAddress ?? session.interface) === neighbor && (session.vrf ?? '') === vrf;

/** Canonical address, or the name of an interface. */
export const neighborName = (neighbor: { readonly address: string; readonly interface: string }): string =>
  canonicalAddress(neighbor.address) ?? neighbor.interface;

const read = new WeakMap<FRRConfiguration, Read>();

function readConfiguration(object: FRRConfiguration): Read {
  let result = read.get(object);
  if (!result) {
    const { routers } = object.spec.bgp;
    result = {
      announcements: routers.flatMap(({ neighbors, vrf }) =>
        neighbors.map((neighbor) => ({
          neighbor: neighborName(neighbor),
          all: neighbor.toAdvertise.allowed.mode === 'all',
          prefixes: canonical(neighbor.toAdvertise.allowed.prefixes),
          vrf,
          additions: additionsOf(object, neighbor.toAdvertise),
        })),
      ),
      originated: canonical(routers.flatMap(({ prefixes }) => prefixes)),
    };
    read.set(object, result);
  }
  return result;
}

type ToAdvertise = FRRConfiguration['spec']['bgp']['routers'][number]['neighbors'][number]['toAdvertise'];

function additionsOf(
  object: FRRConfiguration,
  { withCommunity, withLocalPref }: ToAdvertise,
): ReadonlyMap<string, Addition> {
  const additions = new Map<string, Addition>();
  const to = (prefix: string): Addition => {
    let addition = additions.get(prefix);
    if (!addition)
      additions.set(prefix, (addition = { object, communities: [], largeCommunities: [], localPrefs: [] }));
    return addition;
  };
  for (const { community, prefixes } of withCommunity) {
    const value = communityOf(community);
    if (!value) continue; // frr-k8s takes nothing of such an object
    for (const prefix of canonical(prefixes))
      to(prefix)[value.large ? 'largeCommunities' : 'communities'].push(value.text);
  }
  for (const { localPref, prefixes } of withLocalPref)
    for (const prefix of canonical(prefixes)) {
      const { localPrefs } = to(prefix);
      if (localPref !== 0 && !localPrefs.includes(localPref)) localPrefs.push(localPref);
    }
  return additions;
}

function communityOf(text: string): CommunityValue | undefined {
  try {
    return parseCommunity(text);
  } catch (error) {
    if (error instanceof CommunityError) return undefined;
    throw error;
  }
}

const canonical = (prefixes: readonly string[]): ReadonlySet<string> =>
  new Set(prefixes.map((text) => canonicalPrefix(text) ?? text));

/** The FRRConfigurations of one cluster state. */
export class ForeignConfigurations {
  readonly #objects: readonly FRRConfiguration[];
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #byNode = new Map<string, readonly FRRConfiguration[]>();

  readonly #withAdditions: ReadonlySet<string>;
  readonly #withLocalPref: ReadonlySet<string>;

  constructor(objects: ReadonlyMap<string, FRRConfiguration>, nodes: ReadonlyMap<string, Node>) {
    this.#nodes = nodes;
    this.#objects = [...objects.values()].filter(({ ref }) => !this.#isOfSpeaker(ref.name));
    const additions = this.#objects.flatMap((object) =>
      readConfiguration(object).announcements.flatMap((announcement) => [...announcement.additions]),
    );
    this.#withAdditions = new Set(additions.map(([prefix]) => prefix));
    this.#withLocalPref = new Set(
      additions.flatMap(([prefix, { localPrefs }]) => (localPrefs.length > 0 ? [prefix] : [])),
    );
  }

  /**
   * The configuration that makes `node` announce `prefix` (canonical): to the session's peer, or to anybody where the
   * session is none that a BGPPeer asks for. `published`: does MetalLB itself put the prefix into the node's router?
   */
  of(
    node: string,
    session: ExpectedSession | undefined,
    prefix: string,
    published: () => boolean,
  ): FRRConfiguration | undefined {
    const here = this.on(node);
    return here.find((object) =>
      readConfiguration(object).announcements.some(
        ({ neighbor, vrf, all, prefixes }) =>
          (session === undefined || isNeighborOf(session, neighbor, vrf)) &&
          (prefixes.has(prefix) ||
            (all && (here.some((other) => readConfiguration(other).originated.has(prefix)) || published()))),
      ),
    );
  }

  /** What others add to the route that the session gets for this prefix (canonical), in the order of the objects. */
  additionsTo(session: ExpectedSession, prefix: string): readonly Addition[] {
    return this.on(session.node).flatMap((object) =>
      readConfiguration(object)
        .announcements.filter(({ neighbor, vrf }) => isNeighborOf(session, neighbor, vrf))
        .flatMap(({ additions }) => additions.get(prefix) ?? []),
    );
  }

  /** Does any of them add something to this prefix, somewhere? */
  addsTo(prefix: string): boolean {
    return this.#withAdditions.has(prefix);
  }

  /** Prefixes for which any of them sets a localPref. */
  get prefixesWithLocalPref(): Iterable<string> {
    return this.#withLocalPref;
  }

  /** Nodes with the same text have the same FRRConfigurations. */
  signatureOn(node: string): string {
    return this.on(node)
      .map(({ key }) => key)
      .join();
  }

  /** The FRRConfigurations of others that select the node. */
  on(node: string): readonly FRRConfiguration[] {
    let list = this.#byNode.get(node);
    if (!list) {
      const labels = this.#nodes.get(node)?.labels;
      list = labels ? this.#objects.filter(({ spec }) => matches(spec.nodeSelector, labels)) : [];
      this.#byNode.set(node, list);
    }
    return list;
  }

  /** Speakers call theirs `metallb-NODE`. */
  #isOfSpeaker(name: string): boolean {
    return name.startsWith('metallb-') && this.#nodes.has(name.slice('metallb-'.length));
  }
}

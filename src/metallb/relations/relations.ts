/**
 * Who selects whom: which IPAddressPool has which address, and which advertisement takes which pool, Service, BGPPeer
 * and node. The speakers' configurations, lint, diagnoses and the API all ask here.
 */

import { kindNames } from '../objects/kinds.ts';
import type {
  AnyObject,
  BFDProfile,
  BGPAdvertisement,
  BGPPeer,
  Community,
  IPAddressPool,
  L2Advertisement,
  Resources,
  Service,
} from '../objects/resources.ts';
import { poolProblem } from '../rules/pool.ts';
import type { ExpectOptions } from '../types.ts';
import type { Address } from './cidr.ts';
import type { ClusterNodes } from './nodes.ts';
import { advertises, type ParsedPool, PoolIndex, parsePool } from './pools.ts';
import { selects } from './selectors.ts';

/** MetalLB's own objects, each kind by name. */
export interface Configuration {
  readonly pools: ReadonlyMap<string, IPAddressPool>;
  readonly advertisements: ReadonlyMap<string, BGPAdvertisement>;
  readonly l2Advertisements: ReadonlyMap<string, L2Advertisement>;
  readonly peers: ReadonlyMap<string, BGPPeer>;
  readonly communities: ReadonlyMap<string, Community>;
  readonly bfdProfiles: ReadonlyMap<string, BFDProfile>;
}

/** The objects of MetalLB's namespace as a configuration; speakers read no other namespace. */
export function configurationOf(objects: Iterable<AnyObject>, namespace: string): Configuration {
  const byKind = new Map<string, Map<string, AnyObject>>(kindNames.map((kind) => [kind, new Map()]));
  for (const object of objects)
    if (object.ref.namespace === namespace) byKind.get(object.ref.kind)!.set(object.ref.name, object);
  const of = <T extends AnyObject>(kind: string): ReadonlyMap<string, T> =>
    byKind.get(kind) as unknown as ReadonlyMap<string, T>;
  return {
    pools: of<IPAddressPool>('IPAddressPool'),
    advertisements: of<BGPAdvertisement>('BGPAdvertisement'),
    l2Advertisements: of<L2Advertisement>('L2Advertisement'),
    peers: of<BGPPeer>('BGPPeer'),
    communities: of<Community>('Community'),
    bfdProfiles: of<BFDProfile>('BFDProfile'),
  };
}

/** The relations between the objects of one configuration. Everything is worked out when first asked for. */
export class Relations {
  readonly configuration: Configuration;
  readonly advertisements: readonly BGPAdvertisement[];
  readonly l2Advertisements: readonly L2Advertisement[];
  readonly peers: readonly BGPPeer[];
  #pools: readonly ParsedPool[] | undefined;
  #index: PoolIndex | undefined;
  readonly #poolsOf = new Map<BGPAdvertisement | L2Advertisement, readonly ParsedPool[]>();
  readonly #advertisementsOf = new Map<ParsedPool, readonly BGPAdvertisement[]>();
  readonly #l2AdvertisementsOf = new Map<ParsedPool, readonly L2Advertisement[]>();

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.advertisements = [...configuration.advertisements.values()];
    this.l2Advertisements = [...configuration.l2Advertisements.values()];
    this.peers = [...configuration.peers.values()];
  }

  /** Pools with valid addresses: an invalid pool gets past a webhook that is disabled. */
  get pools(): readonly ParsedPool[] {
    this.#pools ??= [...this.configuration.pools.values()]
      .filter((pool) => poolProblem(pool) === undefined)
      .map(parsePool);
    return this.#pools;
  }

  /** The pool that has the address. */
  poolOf(address: Address): ParsedPool | undefined {
    return (this.#index ??= new PoolIndex(this.pools)).poolOf(address);
  }

  /** The pools that an advertisement takes. */
  poolsOf(advertisement: BGPAdvertisement | L2Advertisement): readonly ParsedPool[] {
    return kept(this.#poolsOf, advertisement, () =>
      this.pools.filter(({ object }) => advertises(advertisement, object)),
    );
  }

  advertisementsOf(pool: ParsedPool): readonly BGPAdvertisement[] {
    return kept(this.#advertisementsOf, pool, () =>
      this.advertisements.filter((object) => advertises(object, pool.object)),
    );
  }

  l2AdvertisementsOf(pool: ParsedPool): readonly L2Advertisement[] {
    return kept(this.#l2AdvertisementsOf, pool, () =>
      this.l2Advertisements.filter((object) => advertises(object, pool.object)),
    );
  }

  /** The BGPPeers that an advertisement takes: those of its list, or all. */
  peersOf(advertisement: BGPAdvertisement): readonly BGPPeer[] {
    return this.peers.filter(({ ref }) => takesPeer(advertisement, ref.name));
  }
}

function kept<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make()));
  return value;
}

/** Does the advertisement take the BGPPeer? An empty list takes all. */
export const takesPeer = ({ spec }: BGPAdvertisement, bgpPeer: string): boolean =>
  spec.peers.length === 0 || spec.peers.includes(bgpPeer);

/** Does the advertisement take Services with these labels? */
export const takesService = ({ spec }: BGPAdvertisement | L2Advertisement, { labels }: Service): boolean =>
  selects(spec.serviceSelectors, labels);

/** The relations of one cluster state. */
export interface ClusterRelations {
  readonly options: ExpectOptions;
  /** As the version of MetalLB reads them: without fields that it does not know. */
  readonly resources: Resources;
  /** Which nodes selectors pick, and which nodes are excluded. */
  readonly nodes: ClusterNodes;
  /** What was written: every valid object of MetalLB's namespace, accepted or not. */
  readonly written: Relations;
  /**
   * What MetalLB accepts. An object is there in the version that it accepted last: not at all when the API server or a
   * webhook rejected it, or when speakers reject it and none of them runs with an earlier version.
   */
  readonly accepted: Relations;
}

/** Objects with unknown fields are not written where the API server validates strictly. */
export function writtenRelations({ configuration }: Resources, options: ExpectOptions): Relations {
  const { namespace, fieldValidation } = options;
  return new Relations(
    configurationOf(
      configuration.filter(({ unknownFields }) => fieldValidation === 'prune' || unknownFields.length === 0),
      namespace,
    ),
  );
}

/**
 * The configuration that MetalLB accepts.
 *
 * @param offered the objects that the API server has
 * @param isRejected whether speakers reject the object on offer
 * @param inEffect what speakers run with
 */
export function acceptedConfiguration(
  offered: Configuration,
  isRejected: (object: AnyObject) => boolean,
  inEffect: readonly Configuration[],
): Configuration {
  const of = <K extends keyof Configuration>(kind: K): [K, Configuration[K]] => {
    const accepted = new Map<string, AnyObject>();
    for (const [name, object] of offered[kind]) {
      const version = isRejected(object)
        ? inEffect.map((one) => one[kind].get(name)).find((one) => one && one !== object)
        : object;
      if (version) accepted.set(name, version);
    }
    return [kind, accepted as unknown as Configuration[K]];
  };
  return Object.fromEntries((Object.keys(offered) as (keyof Configuration)[]).map(of)) as unknown as Configuration;
}

/**
 * The admission webhooks: what each object is judged by is what is in force at that moment, which grows as objects are
 * let in. Kept up to date instead of put together for every object, since there may be thousands of a kind.
 */

import { type Problem, problem } from '../codes.ts';
import type {
  AnyObject,
  BGPAdvertisement,
  BGPPeer,
  Community,
  IPAddressPool,
  L2Advertisement,
} from '../objects/resources.ts';
import type { ClusterNodes } from '../relations/nodes.ts';
import { type ParsedPool, parsePool } from '../relations/pools.ts';
import type { Configuration } from '../relations/relations.ts';
import { advertisementProblem, l2AdvertisementProblem, poolObjections } from '../rules/advertisement.ts';
import { communityProblem } from '../rules/community.ts';
import { peerProblem, peersProblem } from '../rules/peer.ts';
import { nodeAddressProblem, poolProblem } from '../rules/pool.ts';
import type { BGPMode, ExpectOptions } from '../types.ts';
import { rulesOf, type VersionRules } from '../versions.ts';
import { PoolBlocks } from './pool-blocks.ts';

/** A bad pair, or a bad advertisement and pool, that is in force already. */
interface Standing {
  readonly problem: Problem;
  /** BGPAdvertisements without which it would not be there. */
  readonly advertisements: ReadonlySet<string>;
}

export class Webhooks {
  readonly #options: ExpectOptions;
  readonly #mode: BGPMode;
  readonly #rules: VersionRules;
  readonly #nodes: ClusterNodes;
  readonly #pools: PoolBlocks;
  readonly #advertisements: Map<string, BGPAdvertisement>;
  readonly #peers: Map<string, BGPPeer>;
  /** The BGPPeers in effect were found valid together. */
  #arePeersValid = false;
  /** Alias → the Community object that has it. */
  readonly #aliases = new Map<string, string>();
  /** null: nothing stands; undefined: it has to be looked for. */
  #standing: Standing | null | undefined;

  /** `inForce`: what was admitted before; `mode`: that of the webhooks' own pod. */
  constructor(options: ExpectOptions, mode: BGPMode, nodes: ClusterNodes, inForce: Configuration) {
    this.#options = options;
    this.#mode = mode;
    this.#rules = rulesOf(options.version);
    this.#nodes = nodes;
    this.#pools = new PoolBlocks();
    for (const pool of inForce.pools.values()) if (!poolProblem(pool)) this.#pools.set(parsePool(pool));
    this.#advertisements = new Map(inForce.advertisements);
    this.#peers = new Map(inForce.peers);
    for (const community of inForce.communities.values()) this.#setAliases(community);
  }

  /** Why the webhook refuses the object (of MetalLB's namespace); undefined when it lets it in. */
  problemOf(object: AnyObject): Problem | undefined {
    const mode = this.#mode;
    switch (object.ref.kind) {
      case 'IPAddressPool':
        return this.#poolProblem(object as IPAddressPool);
      case 'BGPAdvertisement':
        return this.#advertisementProblem(object as BGPAdvertisement);
      case 'L2Advertisement':
        return l2AdvertisementProblem(object as L2Advertisement);
      case 'BGPPeer': {
        const peer = object as BGPPeer;
        const own = peerProblem(peer, mode, 'webhook');
        if (own) return own;
        const others = [...this.#peers.values()].filter(({ ref }) => ref.name !== peer.ref.name);
        return this.#peerConflict(others, peer) ?? this.#peersInEffectProblem(others);
      }
      case 'Community':
        return communityProblem(object as Community, this.#aliases, mode);
      default:
        return undefined; // BFDProfile: its limits are in the schema
    }
  }

  /** The object is in force from now on, in the place of one with its name. */
  letIn(object: AnyObject): void {
    const { kind, name } = object.ref;
    if (kind === 'IPAddressPool') {
      const pool = poolProblem(object as IPAddressPool) ? undefined : parsePool(object as IPAddressPool);
      const isNew = pool !== undefined && !this.#pools.has(name);
      // a new pool can only bring trouble of its own
      if (isNew && this.#standing === null) this.#standing = this.#lookFor([pool]) ?? null;
      else if (!isNew) this.#standing = undefined;
      if (pool) this.#pools.set(pool);
      else this.#pools.delete(name);
    }
    if (kind === 'BGPAdvertisement') {
      // it was let in, so it brings no trouble; it may have ended some
      if (this.#standing?.advertisements.has(name)) this.#standing = undefined;
      this.#advertisements.set(name, object as BGPAdvertisement);
    }
    if (kind === 'BGPPeer') {
      const peer = object as BGPPeer;
      this.#peers.set(name, peer);
      if (peer.spec.disableMP) this.#arePeersValid = false;
    }
    if (kind === 'Community') this.#setAliases(object as Community);
  }

  #poolProblem(pool: IPAddressPool): Problem | undefined {
    const own = poolProblem(pool);
    if (own) return own;
    const overlap = this.#pools.overlapOf(parsePool(pool));
    if (overlap !== undefined) return problem('overlapping-pools', overlap);
    if (!this.#rules.poolsSpareNodes) return undefined;
    return nodeAddressProblem(parsePool(pool), this.#nodes.objects.values());
  }

  #advertisementProblem(advertisement: BGPAdvertisement): Problem | undefined {
    const { name } = advertisement.ref;
    const own = advertisementProblem(advertisement, this.#mode, 'webhook', new Map());
    if (own) return own;
    const others = [...this.#advertisements.values()].filter((other) => other.ref.name !== name);
    const pools = [...this.#pools.values()];
    for (const objection of poolObjections(advertisement, others, pools, this.#nodes, this.#mode, this.#rules))
      return objection.problem;
    this.#standing ??= this.#standing === null ? null : (this.#lookFor(pools) ?? null);
    if (!this.#standing?.advertisements.has(name)) return this.#standing?.problem;
    // what stands is about the version that this one is to replace: is there anything else?
    return this.#lookFor(pools, others)?.problem;
  }

  /** A bad pair that is in force already makes the webhook refuse every later advertisement, innocent ones included. */
  #lookFor(pools: readonly ParsedPool[], among = [...this.#advertisements.values()]): Standing | undefined {
    for (const [i, advertisement] of among.entries()) {
      const { name } = advertisement.ref;
      for (const objection of poolObjections(
        advertisement,
        among.slice(0, i),
        pools,
        this.#nodes,
        this.#mode,
        this.#rules,
      )) {
        const error = `${objection.problem.error} (of BGPAdvertisement "${name}", which is in force)`;
        const involved = new Set([name, ...(objection.with ? [objection.with.ref.name] : [])]);
        return { problem: problem('standing-conflict', error), advertisements: involved };
      }
    }
    return undefined;
  }

  #peerConflict(earlier: readonly BGPPeer[], peer: BGPPeer): Problem | undefined {
    const options = { ...this.#options, mode: this.#mode };
    for (const other of earlier) {
      const conflict = peersProblem(other, peer, this.#nodes, options);
      if (conflict) return conflict;
    }
    return undefined;
  }

  /** A BGPPeer that bypassed the webhook and is invalid makes the webhook reject every later one. */
  #peersInEffectProblem(peers: readonly BGPPeer[]): Problem | undefined {
    if (this.#arePeersValid) return undefined;
    for (const [i, peer] of peers.entries()) {
      const wrong = peerProblem(peer, this.#mode, 'webhook') ?? this.#peerConflict(peers.slice(0, i), peer);
      if (wrong)
        return problem('standing-conflict', `${wrong.error} (of BGPPeer "${peer.ref.name}", which is in effect)`);
    }
    this.#arePeersValid = peers.length === this.#peers.size;
    return undefined;
  }

  #setAliases(community: Community): void {
    for (const [alias, owner] of this.#aliases) if (owner === community.ref.name) this.#aliases.delete(alias);
    for (const { name } of community.spec.communities) this.#aliases.set(name, community.ref.name);
  }
}

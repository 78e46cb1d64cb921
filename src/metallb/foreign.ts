/**
 * What other FRRConfigurations than the speakers' own make a node announce. frr-k8s merges all that select the node,
 * so their prefixes come on the same sessions, and nobody's expectation asks for them.
 */
import { canonicalAddress, canonicalPrefix } from '../ip.ts';
import type { FRRConfiguration, Node } from './resources.ts';
import { matches } from './selectors.ts';
import type { ExpectedSession } from './types.ts';

/** What one FRRConfiguration announces to one neighbor. */
interface Announcement {
  /** Canonical address, or the name of an interface. */
  readonly neighbor: string;
  /** Everything that any configuration of the node puts into the router. */
  readonly all: boolean;
  readonly prefixes: ReadonlySet<string>;
}

interface Read {
  readonly announcements: readonly Announcement[];
  /** Prefixes of its routers, announced or not. */
  readonly originated: ReadonlySet<string>;
}

const read = new WeakMap<FRRConfiguration, Read>();

function readConfiguration(object: FRRConfiguration): Read {
  let result = read.get(object);
  if (!result) {
    const { routers } = object.spec.bgp;
    result = {
      announcements: routers.flatMap(({ neighbors }) =>
        neighbors.map(({ address, interface: name, toAdvertise: { allowed } }) => ({
          neighbor: canonicalAddress(address) ?? name,
          all: allowed.mode === 'all',
          prefixes: canonical(allowed.prefixes),
        })),
      ),
      originated: canonical(routers.flatMap(({ prefixes }) => prefixes)),
    };
    read.set(object, result);
  }
  return result;
}

const canonical = (prefixes: readonly string[]): ReadonlySet<string> =>
  new Set(prefixes.map((text) => canonicalPrefix(text) ?? text));

/** The FRRConfigurations of one cluster state. */
export class ForeignConfigurations {
  readonly #objects: readonly FRRConfiguration[];
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #byNode = new Map<string, readonly FRRConfiguration[]>();

  constructor(objects: ReadonlyMap<string, FRRConfiguration>, nodes: ReadonlyMap<string, Node>) {
    this.#nodes = nodes;
    this.#objects = [...objects.values()].filter(({ ref }) => !this.#isOfSpeaker(ref.name));
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
    const here = this.#on(node);
    return here.find((object) =>
      readConfiguration(object).announcements.some(
        ({ neighbor, all, prefixes }) =>
          (session === undefined || session.peerAddress === undefined || session.peerAddress === neighbor) &&
          (prefixes.has(prefix) ||
            (all && (here.some((other) => readConfiguration(other).originated.has(prefix)) || published()))),
      ),
    );
  }

  #on(node: string): readonly FRRConfiguration[] {
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

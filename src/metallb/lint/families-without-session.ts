import type { Family } from '../../ip.ts';
import { familiesOf } from '../expectations/peers.ts';
import type { BGPAdvertisement, BGPPeer } from '../objects/resources.ts';
import { intersects } from '../relations/bits.ts';
import type { ClusterRelations } from '../relations/relations.ts';
import { finding, type LintRule } from './scope.ts';

/**
 * Addresses of a family that no session carries: services get them, and nobody hears of them. A session carries the
 * family of its peerAddress, unless it is unnumbered or has dualStackAddressFamily. (Native mode has a rule of its
 * own.)
 */
export const familiesWithoutSession: LintRule = function* (scope) {
  const { accepted, options } = scope;
  if (options.mode === 'native') return;
  for (const advertisement of accepted.advertisements) {
    const peers = peersOf(advertisement, scope);
    if (peers.length === 0) continue; // nothing is announced at all then
    const carried = new Set(peers.flatMap(({ spec }) => familiesOf(spec, options)));
    for (const family of [4, 6] as const) {
      const unheard = carried.has(family)
        ? []
        : accepted.poolsOf(advertisement).filter(({ families }) => families.has(family));
      if (unheard.length === 0) continue;
      const pool = listOf(
        'IPAddressPool',
        unheard.map(({ object }) => object.ref.name),
        ['has', 'have'],
      );
      const sessions = listOf(
        'BGPPeer',
        peers.map(({ ref }) => ref.name),
        ['has an', 'have'],
      );
      const what = peers.length === 1 ? 'session' : 'sessions';
      yield finding(
        'family-without-session',
        advertisement,
        'spec.peers',
        `${pool} IPv${family} addresses, and ${sessions} IPv${other[family]} ${what} only: the IPv${family} addresses are not announced`,
        `set dualStackAddressFamily on a BGPPeer, or add one whose peerAddress is IPv${family}`,
      );
    }
  }
};

const other: Readonly<Record<Family, Family>> = { 4: 6, 6: 4 };

/** The peers that it is for and that have a session on one of its nodes. */
const peersOf = (advertisement: BGPAdvertisement, { accepted, nodes }: ClusterRelations): readonly BGPPeer[] =>
  accepted
    .peersOf(advertisement)
    .filter((peer) => nodes.size === 0 || intersects(nodes.selectedBy(peer), nodes.selectedBy(advertisement)));

/** Objects that are named; of more of them the number tells enough. */
const maxNamed = 3;

/** `BGPPeers a, b have`; in order, whatever order they were given in. */
function listOf(kind: string, names: readonly string[], [one, many]: readonly [string, string]): string {
  const named = [...names].sort().slice(0, maxNamed).join(', ');
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '';
  return names.length === 1 ? `${kind} ${named} ${one}` : `${kind}s ${named}${more} ${many}`;
}

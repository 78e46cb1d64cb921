/** Expected routes as they are shown and stored. */

/** Links of a chain that are shown: an aggregate stands for thousands of Services, and on every session. */
export const maxShownLinks = 20;

interface Chained<Link> {
  chain: Link[];
  /** How many links are left out; not there = none. */
  chainLeftOut?: number;
}

const cuts = new WeakMap<readonly unknown[], unknown[]>();

/**
 * The route, its chain cut to `maxShownLinks`. Routes that share a chain share what is left of it.
 * @param first links that come before all others.
 */
export function shownRoute<Link, Route extends { chain: Link[] }>(
  route: Route & { chain: Link[] },
  first?: (link: Link) => boolean,
): Route & Chained<Link> {
  if (route.chain.length <= maxShownLinks) return route;
  const chainLeftOut = route.chain.length - maxShownLinks;
  if (first) {
    const wanted = route.chain.filter(first).slice(0, maxShownLinks);
    const others = route.chain.filter((link) => !first(link)).slice(0, maxShownLinks - wanted.length);
    return { ...route, chain: [...wanted, ...others], chainLeftOut };
  }
  let chain = cuts.get(route.chain) as Link[] | undefined;
  if (!chain) cuts.set(route.chain, (chain = route.chain.slice(0, maxShownLinks)));
  return { ...route, chain, chainLeftOut };
}

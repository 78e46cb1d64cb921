/** Which interfaces to watch, and for which address to ask on which of them. Pure. */
import { contains, type Prefix, parsePrefix } from '../ip.ts';
import { type HostInterface, maxQuestions, type Probe } from './messages.ts';

export interface L2Config {
  /** `auto`: those with a subnet that has addresses of a pool with an L2Advertisement. */
  interfaces:
    | 'auto'
    | {
        name: string;
        /** What nodes call their interface on that segment; null = not known. */
        nodeInterfaces: string[] | null;
      }[];
  /** ms between two questions for one address; null = nobody is asked. */
  probe: number | null;
}

/** Addresses as blocks; what cannot be parsed is left out. */
export const parseBlocks = (texts: Iterable<string>): Prefix[] =>
  Array.from(texts).flatMap((text) => parsePrefix(text) ?? []);

/** Names of the interfaces to watch, sorted; those of the configuration whether they are there or not. */
export function chooseInterfaces(
  { interfaces }: L2Config,
  host: readonly HostInterface[],
  pools: readonly Prefix[],
): string[] {
  const names =
    interfaces === 'auto'
      ? host.filter(({ subnets }) => meets(parseBlocks(subnets), pools)).map(({ name }) => name)
      : interfaces.map(({ name }) => name);
  return [...new Set(names)].sort();
}

const meets = (subnets: readonly Prefix[], pools: readonly Prefix[]): boolean =>
  subnets.some((subnet) => pools.some((pool) => contains(subnet, pool) || contains(pool, subnet)));

export interface Asked {
  /** First those of services, then those of nodes. */
  questions: Probe[];
  /** Questions that are too many to be asked. */
  left: number;
}

/**
 * Where to ask for what: on the interfaces with a subnet that has the address. For a service's address that is in none of
 * them, on all that the configuration names: a pool needs no subnet on the segment where its addresses are used. Without
 * `segments.named` it is not asked for at all.
 */
export function planQuestions(
  segments: { interfaces: readonly HostInterface[]; named: boolean },
  services: Iterable<string>,
  nodes: Iterable<string>,
): Asked {
  const subnets = segments.interfaces.map(({ name, subnets }) => ({ name, blocks: parseBlocks(subnets) }));
  const questions: Probe[] = [];
  let left = 0;
  const add = (address: string, elsewhere: boolean): void => {
    const block = parsePrefix(address);
    if (!block) return;
    const within = subnets.filter(({ blocks }) => blocks.some((subnet) => contains(subnet, block)));
    for (const { name } of within.length === 0 && elsewhere ? subnets : within)
      if (questions.length < maxQuestions) questions.push({ interface: name, address });
      else left++;
  };
  for (const address of services) add(address, segments.named);
  for (const address of nodes) add(address, false);
  return { questions, left };
}

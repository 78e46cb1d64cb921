/** Chooses the interfaces to watch and the addresses to probe on each. Pure. */
import { contains, type Prefix, parsePrefix } from '../ip.ts';
import { type HostInterface, maxProbes, type Probe } from './messages.ts';

export interface L2Config {
  /** `auto`: interfaces whose subnets have addresses of pools with an L2Advertisement. */
  interfaces:
    | 'auto'
    | {
        name: string;
        /** The nodes' interfaces on that segment; null: unknown. */
        nodeInterfaces: string[] | null;
      }[];
  /** Interval between probes of one address, ms; null: no probes. */
  probe: number | null;
}

/** Parses addresses as blocks; leaves out invalid ones. */
export const parseBlocks = (texts: Iterable<string>): Prefix[] =>
  Array.from(texts).flatMap((text) => parsePrefix(text) ?? []);

/** Names of the interfaces to watch, sorted. Includes configured interfaces that do not exist. */
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
  /** First for services, then for nodes. */
  probes: Probe[];
  /** Number of probes beyond the maximum. */
  left: number;
}

/**
 * Probes each address on the interfaces whose subnets contain it. A service's address in no subnet is probed on all
 * interfaces if the configuration names them (`segments.named`), since a pool needs no subnet on its segment; otherwise
 * not at all.
 */
export function planProbes(
  segments: { interfaces: readonly HostInterface[]; named: boolean },
  services: Iterable<string>,
  nodes: Iterable<string>,
): Asked {
  const subnets = segments.interfaces.map(({ name, subnets }) => ({ name, blocks: parseBlocks(subnets) }));
  const probes: Probe[] = [];
  let left = 0;
  const add = (address: string, elsewhere: boolean): void => {
    const block = parsePrefix(address);
    if (!block) return;
    const within = subnets.filter(({ blocks }) => blocks.some((subnet) => contains(subnet, block)));
    for (const { name } of within.length === 0 && elsewhere ? subnets : within)
      if (probes.length < maxProbes) probes.push({ interface: name, address });
      else left++;
  };
  for (const address of services) add(address, segments.named);
  for (const address of nodes) add(address, false);
  return { probes, left };
}

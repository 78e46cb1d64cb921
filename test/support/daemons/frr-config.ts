/**
 * bgpd.conf as a MetalLB speaker in frr mode renders it: per neighbor one inbound route-map that takes nothing, one
 * prefix-list and one outbound route-map entry for each local preference and each community ("additive", on-match
 * next), two last entries that permit exactly the allowed prefixes; per router the networks of all neighbors.
 * What is announced to whom is written by hand in each test: never taken from Peerglass's own expectations.
 */

/** A route as one advertisement of MetalLB contributes it. Communities as `a:b` and `large:a:b:c`. */
export interface SpeakerRoute {
  prefix: string;
  communities?: string[];
  localPref?: number;
}

export interface SpeakerNeighbor {
  /** peerAddress, peerPort and peerASN of the BGPPeer. */
  address: string;
  port?: number;
  asn: number;
  /** The node's address: update-source. */
  source: string;
  /** holdTime, keepaliveTime and connectTime in seconds; 180/60/1 when left out. */
  timers?: { hold: number; keepalive: number };
  connectTime?: number;
  password?: string;
  /** Both families on this session (dualStackAddressFamily). */
  dualStack?: boolean;
  gracefulRestart?: boolean;
  routes: SpeakerRoute[];
}

export interface SpeakerOptions {
  /** Node name: FRR tells it in the FQDN capability. */
  hostname: string;
  asn: number;
  routerId: string;
  neighbors: SpeakerNeighbor[];
}

const isV6 = (text: string): boolean => text.includes(':');
const afi = (family: 4 | 6): string => (family === 6 ? 'ipv6' : 'ip');

export function frrConfig({ hostname, asn, routerId, neighbors }: SpeakerOptions): string {
  const networks = [...new Set(neighbors.flatMap(({ routes }) => routes.map(({ prefix }) => prefix)))].sort();
  return [
    `hostname ${hostname}`,
    'log stdout informational',
    'bgp no-rib', // what -Z sets, so that a reload leaves it
    ...neighbors.flatMap(filters),
    `router bgp ${asn}`,
    ' no bgp ebgp-requires-policy',
    ' no bgp network import-check',
    ' no bgp default ipv4-unicast',
    ' bgp graceful-restart preserve-fw-state',
    ` bgp router-id ${routerId}`,
    ...neighbors.flatMap((neighbor) => session(neighbor, asn)),
    ...neighbors.flatMap((neighbor) => activation(neighbor)),
    ...([4, 6] as const).flatMap((family) => [
      ` address-family ${family === 6 ? 'ipv6' : 'ipv4'} unicast`,
      ...networks.filter((prefix) => isV6(prefix) === (family === 6)).map((prefix) => `  network ${prefix}`),
      ' exit-address-family',
    ]),
    '',
  ].join('\n');
}

function session(neighbor: SpeakerNeighbor, asn: number): string[] {
  const { address, port = 179, source, timers = { hold: 180, keepalive: 60 }, connectTime = 1 } = neighbor;
  return [
    `remote-as ${neighbor.asn}`,
    // 255 and no default port: as bgpd shows them, or frr-reload.py would set them anew and so reset the session
    ...(neighbor.asn === asn ? [] : ['ebgp-multihop 255']),
    ...(port === 179 ? [] : [`port ${port}`]),
    `timers ${timers.keepalive} ${timers.hold}`,
    `timers connect ${connectTime}`,
    ...(neighbor.password === undefined ? [] : [`password ${neighbor.password}`]),
    `update-source ${source}`,
    ...(neighbor.gracefulRestart ? ['graceful-restart'] : []),
  ].map((words) => ` neighbor ${address} ${words}`);
}

function activation({ address, dualStack }: SpeakerNeighbor): string[] {
  const families = ([4, 6] as const).filter((family) => dualStack || isV6(address) === (family === 6));
  return families.flatMap((family) => [
    ` address-family ${family === 6 ? 'ipv6' : 'ipv4'} unicast`,
    `  neighbor ${address} activate`,
    `  neighbor ${address} route-map ${address}-in in`,
    `  neighbor ${address} route-map ${address}-out out`,
    ' exit-address-family',
  ]);
}

/** Prefix-lists and route-maps of one neighbor; names as MetalLB's: address, what is set, family. */
function filters({ address, routes }: SpeakerNeighbor): string[] {
  const lists: string[] = [];
  const entries: string[][] = [];
  const entry = (family: 4 | 6, list: string, ...lines: string[]): void => {
    entries.push([
      `route-map ${address}-out permit ${entries.length + 1}`,
      ` match ${afi(family)} address prefix-list ${list}`,
      ...lines,
    ]);
  };
  const permit = (family: 4 | 6, list: string, prefixes: string[]): void => {
    for (const prefix of [...new Set(prefixes)].sort())
      lists.push(`${afi(family)} prefix-list ${list} permit ${prefix}`);
  };
  const each = (
    what: string,
    select: (route: SpeakerRoute) => (string | number)[],
    set: (value: string) => string,
  ): void => {
    for (const value of [...new Set(routes.flatMap(select).map(String))].sort())
      for (const family of [4, 6] as const) {
        const prefixes = routes.filter(
          (route) => isV6(route.prefix) === (family === 6) && select(route).map(String).includes(value),
        );
        if (prefixes.length === 0) continue;
        const list = `${address}-${value}-ipv${family}-${what}-prefixes`;
        permit(
          family,
          list,
          prefixes.map(({ prefix }) => prefix),
        );
        entry(family, list, ` ${set(value)}`, ' on-match next');
      }
  };
  each(
    'localpref',
    ({ localPref }) => (localPref === undefined ? [] : [localPref]),
    (value) => `set local-preference ${value}`,
  );
  each(
    'community',
    ({ communities = [] }) => communities,
    (value) =>
      value.startsWith('large:') ? `set large-community ${value.slice(6)} additive` : `set community ${value} additive`,
  );
  for (const family of [4, 6] as const) {
    const list = `${address}-pl-ipv${family}`;
    const allowed = routes.filter(({ prefix }) => isV6(prefix) === (family === 6));
    if (allowed.length === 0) lists.push(`${afi(family)} prefix-list ${list} deny any`);
    permit(
      family,
      list,
      allowed.map(({ prefix }) => prefix),
    );
    entry(family, list);
  }
  return [`route-map ${address}-in deny 20`, ...lists, ...entries.flat()];
}

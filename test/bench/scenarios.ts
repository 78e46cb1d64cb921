/** The loads. Every one is sent by inject.c with the same bytes to everybody. */

export interface Scenario {
  name: string;
  title: string;
  peers: number;
  /** Per peer. */
  routes: number;
  /** `internet`: many prefixes to an attribute set, eBGP. `metallb`: one /32 per UPDATE, iBGP with LOCAL_PREF. */
  mode: 'internet' | 'metallb';
  /** Every peer announces its own prefixes. */
  distinct: boolean;
  /** Who is left out, and why. */
  without: Readonly<Record<string, string>>;
  /** Seconds from the first UPDATE octet; whoever is not done by then did not finish. */
  timeout: number;
}

const gobgpCannot = 'does not finish with 1,000 peers: 66,000 of a million paths after 100 s';

export const scenarios: readonly Scenario[] = [
  {
    name: 'a1x1m',
    title: '1 peer × 1,000,000 prefixes',
    peers: 1,
    routes: 1_000_000,
    mode: 'internet',
    distinct: false,
    without: {},
    timeout: 120,
  },
  {
    name: 'b100x1000',
    title: '100 speakers × 1,000 /32, same addresses',
    peers: 100,
    routes: 1000,
    mode: 'metallb',
    distinct: false,
    without: {},
    timeout: 60,
  },
  {
    name: 'b1000x1000',
    title: '1,000 speakers × 1,000 /32, same addresses',
    peers: 1000,
    routes: 1000,
    mode: 'metallb',
    distinct: false,
    without: { gobgp: gobgpCannot },
    timeout: 120,
  },
  {
    name: 'b1000x1000d',
    title: '1,000 speakers × 1,000 /32, own addresses',
    peers: 1000,
    routes: 1000,
    mode: 'metallb',
    distinct: true,
    without: { gobgp: gobgpCannot },
    timeout: 180,
  },
];

/** A tenth of the routes: shows that everything runs, measures nothing. */
export function quick(scenario: Scenario): Scenario {
  const routes = scenario.routes / 10;
  return { ...scenario, routes, title: `${scenario.title} ÷ 10`, timeout: scenario.timeout / 2 };
}

/** Paths that must be visible when the load is in. */
export const paths = (scenario: Scenario): number => scenario.peers * scenario.routes;

/** The AS of the injector's peers; ours and every daemon's is 64512. */
export const peerAsn = (scenario: Scenario): number => (scenario.mode === 'metallb' ? 64512 : 65001);

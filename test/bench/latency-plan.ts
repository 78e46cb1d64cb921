/**
 * The load of the latency measurement: every change turns one route's community from right to wrong or back, so that
 * every change asks for one change of verdict. Known to the speakers, to who starts them, and to the manifests.
 */
import { clusterObjects } from './cluster.ts';

export const changesPerSecond = 1000;
export const warmUpSeconds = 2;
export const measuredSeconds = 20;
export const speakerAsn = 64512;
export const ownAsn = 64500;

const speakers = 10;
const services = 100;

export interface Speaker {
  node: string;
  address: string;
}

export const cluster: readonly Speaker[] = Array.from({ length: speakers }, (_, index) => ({
  node: `node-${index}`,
  address: `127.0.1.${11 + index}`,
}));

export const addresses: readonly string[] = Array.from({ length: services }, (_, index) => `203.0.113.${index}`);

/** What the advertisement asks for, and what a broken speaker sends instead. */
export const community = { ok: '64512:100', mismatch: '64512:999' } as const;
export type State = keyof typeof community;

/** What change number `index` does. Every route has its turn once in `speakers × services` changes. */
export function change(index: number): { speaker: Speaker; address: string; state: State } {
  const turn = Math.floor(index / (speakers * services));
  return {
    speaker: cluster[index % speakers]!,
    address: addresses[Math.floor(index / speakers) % services]!,
    state: turn % 2 === 0 ? 'mismatch' : 'ok',
  };
}

export const key = (node: string, prefix: string): string => `${node} ${prefix}`;

/** The cluster's objects: all nodes announce all services with the right community. JSON is YAML. */
export function manifests(): string {
  const items = clusterObjects({
    nodes: cluster,
    addresses,
    pool: '203.0.113.0/24',
    community: community.ok,
    myASN: speakerAsn,
    peerASN: ownAsn,
  });
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

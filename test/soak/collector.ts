/** The collector under test as a user starts it, with a limit on memory and descriptors and a cluster to watch. */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterObjects } from '../bench/cluster.ts';
import { Product } from '../support/product.ts';
import {
  bgpPort,
  collectorAddress,
  collectorAsn,
  configuredRange,
  keyToAddress,
  serviceCommunity,
  serviceCount,
  serviceKey,
  servicePool,
  sessionAddress,
  sessionCount,
  speakerAsn,
} from './addresses.ts';
import type { Faults } from './faults.ts';

export const maxMemory = 768 * 2 ** 20;
export const maxDescriptors = 512;
/** retention.maxBytes; the database may have 1.2 times as much. */
export const retentionBytes = 256 * 2 ** 20;
export const maxDatabaseBytes = 1.2 * retentionBytes;

export const manifestFile = 'cluster.yaml';

/** The objects of the cluster: every node announces every service. YAML. */
export function manifests(services: number = serviceCount): string {
  const objects = clusterObjects({
    nodes: Array.from({ length: sessionCount }, (_, index) => ({
      node: `node-${index}`,
      address: sessionAddress(index),
    })),
    addresses: Array.from({ length: services }, (_, index) => keyToAddress(serviceKey(index))),
    pool: servicePool,
    community: serviceCommunity,
    myASN: speakerAsn,
    peerASN: collectorAsn,
  });
  // JSON is YAML
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');
}

/** Where the kernel can enforce the limit on memory: version 1 and 2 of control groups. */
const groups = [
  { folder: '/sys/fs/cgroup', file: 'memory.max' },
  { folder: '/sys/fs/cgroup/memory', file: 'memory.limit_in_bytes' },
];

/** A memory control group for the collector; null where this system lets us make none (its memory is measured anyway). */
export class MemoryGroup {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static make(): MemoryGroup | null {
    for (const { folder, file } of groups) {
      const group = join(folder, `peerglass-soak-${process.pid}`);
      try {
        mkdirSync(group);
      } catch {
        continue;
      }
      try {
        writeFileSync(join(group, file), String(maxMemory), { flag: 'r+' });
        return new MemoryGroup(group);
      } catch {
        rmdirSync(group);
      }
    }
    return null;
  }

  remove(): void {
    // the group is busy until the kernel has taken its last process away
    for (let attempt = 0; attempt < 20; attempt++)
      try {
        rmdirSync(this.folder);
        return;
      } catch {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      }
  }
}

export function startCollector(data: string, faults: Faults, group: MemoryGroup | null): Promise<Product> {
  const enter = group ? `echo $$ > ${group.folder}/cgroup.procs && ` : '';
  return Product.start({
    data,
    startTimeout: 60_000,
    manifests: { [manifestFile]: manifests() },
    wrapper: [
      ...['prlimit', `--nofile=${maxDescriptors}:${maxDescriptors}`],
      ...['sh', '-c', `${enter}exec "$@"`, 'sh'],
      // as npm start does
      ...['env', 'NODE_OPTIONS=--max-semi-space-size=4', ...faults.environment],
    ],
    config: {
      collector: 'soak',
      bgp: {
        listen: [`${collectorAddress}:${bgpPort}`],
        asn: collectorAsn,
        quietTime: '1s',
        neighbors: [{ range: configuredRange, asn: speakerAsn }],
      },
      expect: { mode: 'frr', grace: '2s' },
      retention: { maxBytes: `${retentionBytes / 2 ** 20}MiB` },
    },
  });
}

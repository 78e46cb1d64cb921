/** Layer 2 of a small cluster. */
import type { Station } from '../../src/l2/verdict.ts';
import type { L2Announcer, L2Expectation } from '../../src/metallb/types.ts';

export const announcer = (node: string, interfaces: string[] = []): L2Announcer => ({
  service: 'default/web',
  node,
  interfaces,
});

export const expectation = (some: Partial<L2Expectation> = {}): L2Expectation => ({
  service: 'default/web',
  addresses: ['192.0.2.200'],
  pool: 'all',
  elected: [announcer('node-a')],
  instead: [],
  reason: null,
  objects: [{ kind: 'Service', namespace: 'default', name: 'web' }],
  ...some,
});

/** node-a has the hardware address `a` … */
export const nodeOf = (mac: string): string | null => (/^[a-c]/.test(mac) ? `node-${mac[0]}` : null);

export const station = (mac: string, at = 0, name = 'eth0'): Station => ({
  mac,
  interface: name,
  via: 'arp',
  at,
  node: nodeOf(mac),
});

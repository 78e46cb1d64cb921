/**
 * Objects of a large cluster, with everything in it that makes expectations dear: nodes in racks and zones, peers of
 * racks and of everybody, pools of both families, advertisements by pool and by label, to some nodes, some peers and
 * some services, aggregates, and services with local endpoints. The same numbers make the same objects.
 */

export interface Sizes {
  nodes: number;
  services: number;
  /** Each with addresses of both families. */
  pools: number;
  advertisements: number;
}

const namespace = 'metallb-system';
const racks = 50;
const zones = 5;
/** Endpoints of a service with externalTrafficPolicy Local. */
const localEndpoints = 3;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

export function largeCluster(sizes: Sizes): object[] {
  return [
    ...numbers(sizes.pools).map((i) => pool(i, sizes)),
    ...numbers(sizes.advertisements).map((i) => advertisement(i, sizes)),
    ...peers(),
    ...numbers(sizes.nodes).map((i) => node(i)),
    ...numbers(sizes.services).flatMap((i) => [service(i, sizes), endpointSlice(i, sizes)]),
  ];
}

const rackOf = (index: number): string => `rack-${index % racks}`;
const zoneOf = (index: number): string => `zone-${index % zones}`;

export function node(index: number, labels: Record<string, string> = {}): object {
  const address = `10.${100 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${index}`,
      labels: { 'kubernetes.io/hostname': `node-${index}`, rack: rackOf(index), zone: zoneOf(index), ...labels },
    },
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'InternalIP', address: `fd00:1::${index.toString(16)}` },
        { type: 'Hostname', address: `node-${index}` },
      ],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

/** Four to every node: two of everybody, one of each family; two of its rack. */
function peers(): object[] {
  const peer = (name: string, peerAddress: string, spec: object = {}): object => ({
    apiVersion: 'metallb.io/v1beta2',
    kind: 'BGPPeer',
    metadata: { namespace, name },
    spec: { myASN: 64512, peerASN: 64500, peerAddress, ...spec },
  });
  return [
    peer('reflector-4', '192.0.2.1'),
    peer('reflector-6', '2001:db8:ffff::1'),
    ...numbers(racks).flatMap((rack) =>
      ['a', 'b'].map((side, i) =>
        peer(`tor-${rack}-${side}`, `192.0.${rack + 100}.${i + 1}`, {
          dualStackAddressFamily: true,
          nodeSelectors: [{ matchLabels: { rack: `rack-${rack}` } }],
        }),
      ),
    ),
  ];
}

const tierOf = (index: number): string => (index % 2 === 0 ? 'gold' : 'silver');

function pool(index: number, { services }: Sizes): object {
  const subnets = Math.ceil(services / 256) + 1;
  const addresses = [`10.${index + 1}.0.0-10.${index + 1}.${subnets}.255`, `2001:db8:${index.toString(16)}::/64`];
  return {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { namespace, name: `pool-${index}`, labels: { tier: tierOf(index) } },
    spec: { addresses },
  };
}

/**
 * One for each pool as it is; the others by turns: a pool's aggregate to a zone; pools by label; to some peers; for
 * some services.
 */
function advertisement(index: number, { pools }: Sizes): object {
  const own = { ipAddressPools: [`pool-${index % pools}`] };
  const zones = [zoneOf(index), zoneOf(index + 1)];
  const variants = [
    {
      ...own,
      aggregationLength: 24,
      aggregationLengthV6: 120,
      nodeSelectors: [{ matchLabels: { zone: zoneOf(index) } }],
    },
    {
      ipAddressPoolSelectors: [{ matchLabels: { tier: tierOf(index >> 2) } }],
      communities: [`64512:${200 + index}`],
      nodeSelectors: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: zones }] }],
    },
    { ...own, peers: ['reflector-4', 'reflector-6'], communities: ['64512:300'] },
    { ...own, serviceSelectors: [{ matchLabels: { team: `team-${index % 10}` } }], communities: ['64512:400'] },
  ];
  const spec = index < pools ? { ...own, communities: ['64512:100'] } : variants[index % variants.length];
  return {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'BGPAdvertisement',
    metadata: { namespace, name: `advertisement-${index}` },
    spec,
  };
}

const isLocal = (service: number): boolean => service % 4 === 3;

/** One in two has an address of each family. */
export function service(index: number, { pools }: Sizes, labels: Record<string, string> = {}): object {
  const pool = index % pools;
  const ips = [`10.${pool + 1}.${index >> 8}.${index & 255}`];
  if (index % 2 === 0) ips.push(`2001:db8:${pool.toString(16)}::${(index + 1).toString(16)}`);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name: `service-${index}`, labels: { team: `team-${index % 10}`, ...labels } },
    spec: {
      type: 'LoadBalancer',
      selector: { app: `service-${index}` },
      ports: [{ port: 443 }],
      externalTrafficPolicy: isLocal(index) ? 'Local' : 'Cluster',
    },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

/** `shift` moves the endpoints to other nodes. */
export function endpointSlice(index: number, { nodes }: Sizes, shift = 0): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    addressType: 'IPv4',
    metadata: {
      namespace: 'default',
      name: `service-${index}-a`,
      labels: { 'kubernetes.io/service-name': `service-${index}` },
    },
    endpoints: numbers(localEndpoints).map((i) => ({
      addresses: [`10.200.${index >> 8}.${index & 255}`],
      nodeName: `node-${(index * 7 + i * 331 + shift) % nodes}`,
      conditions: { ready: true, serving: true },
    })),
  };
}

/** Objects of a cluster whose every node announces every service to one router. */

export const bgpPeer = 'bench';

export interface ClusterOptions {
  nodes: readonly { node: string; address: string }[];
  /** One LoadBalancer service for each; all in `pool`. */
  addresses: readonly string[];
  pool: string;
  community: string;
  /** The AS of the speakers, and of the router. */
  myASN: number;
  peerASN: number;
}

export function clusterObjects({ nodes, addresses, pool, community, myASN, peerASN }: ClusterOptions): object[] {
  const named = (name: string) => ({ namespace: 'metallb-system', name });
  return [
    {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: named('bench'),
      spec: { addresses: [pool] },
    },
    {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'BGPAdvertisement',
      metadata: named('bench'),
      spec: { ipAddressPools: ['bench'], communities: [community] },
    },
    {
      apiVersion: 'metallb.io/v1beta2',
      kind: 'BGPPeer',
      metadata: named(bgpPeer),
      spec: { myASN, peerASN, peerAddress: '127.0.0.1' },
    },
    ...nodes.map(({ node, address }) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: node },
      status: { addresses: [{ type: 'InternalIP', address }] },
    })),
    ...addresses.flatMap((ip, index) => service(`service-${index}`, ip, nodes[0]!.node)),
  ];
}

function service(name: string, ip: string, nodeName: string): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'default', name },
      spec: { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 80 }] },
      status: { loadBalancer: { ingress: [{ ip }] } },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      metadata: { namespace: 'default', name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
      endpoints: [{ addresses: ['10.1.1.5'], nodeName, conditions: { ready: true, serving: true } }],
    },
  ];
}

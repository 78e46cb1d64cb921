import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import { advertisement, type KubeObject, l2Advertisement, node, peer, pool } from '../../support/metallb-objects.ts';

const network = (gatewayConfig: object, type = 'OVNKubernetes'): KubeObject => ({
  apiVersion: 'operator.openshift.io/v1',
  kind: 'Network',
  metadata: { name: 'cluster' },
  spec: { defaultNetwork: { type, ovnKubernetesConfig: { gatewayConfig } } },
});
const viaHost = network({ routingViaHost: true });

/** As the documentation of OKD has it: base64 in a data URL. */
const machineConfig = (setting: string, role = 'worker'): KubeObject => ({
  apiVersion: 'machineconfiguration.openshift.io/v1',
  kind: 'MachineConfig',
  metadata: { name: '81-forwarding', labels: { 'machineconfiguration.openshift.io/role': role } },
  spec: {
    config: {
      ignition: { version: '3.2.0' },
      storage: {
        files: [
          {
            path: '/etc/sysctl.d/enable-global-forwarding.conf',
            contents: {
              source: `data:text/plain;charset=utf-8;base64,${Buffer.from(`${setting}\n`).toString('base64')}`,
            },
          },
        ],
      },
    },
  },
});
const worker = node('node-a', 11, { labels: { 'node-role.kubernetes.io/worker': '' } });
const master = node('node-m', 12, { labels: { 'node-role.kubernetes.io/master': '' } });
const bridged = l2Advertisement('l2', { interfaces: ['br-ex', 'bridge-net'] });
const v4 = pool('p', ['10.0.0.0/24']);
const notForwarded = (where: string, family = 4): string =>
  `L2Advertisement/l2 spec.interfaces[1]: interface "bridge-net" is on a secondary network, and IPv${family} forwarding is not enabled there on ${where}: traffic for the addresses arrives and goes no further (set ${
    family === 4 ? 'net.ipv4.conf.bridge-net.forwarding' : 'net.ipv6.conf.all.forwarding'
  } = 1 by a MachineConfig, or gatewayConfig.ipForwarding: Global of the Network operator)`;

describe('an interface of a secondary network', () => {
  it.each<LintRow>([
    { name: "is nobody else's business where there is no Network operator", objects: [worker, v4, bridged], finds: [] },
    { name: 'is fine without OVN-Kubernetes', objects: [worker, v4, bridged, network({}, 'OpenShiftSDN')], finds: [] },
    {
      name: 'is fine with forwarding for all interfaces',
      objects: [worker, v4, bridged, network({ routingViaHost: true, ipForwarding: 'Global' })],
      finds: [],
    },
    {
      name: 'is fine with forwarding for itself',
      objects: [worker, v4, bridged, viaHost, machineConfig('net.ipv4.conf.bridge-net.forwarding = 1')],
      finds: [],
    },
    { name: 'needs forwarding', objects: [worker, v4, bridged, viaHost], finds: [notForwarded('1 of 1 nodes')] },
    {
      name: 'needs it on its own interface',
      objects: [worker, v4, bridged, viaHost, machineConfig('net.ipv4.conf.bridge-other.forwarding = 1')],
      finds: [notForwarded('1 of 1 nodes')],
    },
    {
      name: 'needs it on nodes of every role',
      objects: [worker, master, v4, bridged, viaHost, machineConfig('net/ipv4/conf/bridge-net/forwarding=1')],
      finds: [notForwarded('1 of 2 nodes')],
    },
    {
      name: 'needs it for IPv6 by the switch for all interfaces',
      objects: [
        worker,
        pool('p', ['10.0.0.0/24', '2001:db8::/124']),
        bridged,
        viaHost,
        machineConfig('net.ipv4.conf.bridge-net.forwarding = 1'),
      ],
      finds: [notForwarded('1 of 1 nodes', 6)],
    },
    {
      name: 'needs routing by the host',
      objects: [worker, v4, bridged, network({ ipForwarding: 'Global' })],
      finds: [
        'Network/cluster spec.defaultNetwork.ovnKubernetesConfig.gatewayConfig.routingViaHost: is not true, so OVN-Kubernetes does not route by the node\'s own tables, as interface "bridge-net" of L2Advertisement l2 needs',
      ],
    },
    {
      name: 'may be that of an unnumbered peer',
      objects: [worker, v4, advertisement('a'), peer('tor', { peerAddress: '', interface: 'eth1' }), viaHost],
      finds: [expect.stringContaining('BGPPeer/tor spec.interface: interface "eth1" is on a secondary network')],
    },
    {
      name: 'may be that of the next hop',
      objects: [worker, v4, advertisement('a'), peer('tor', { sourceAddress: '198.51.100.7' }), viaHost],
      finds: [
        expect.stringContaining('BGPPeer/tor spec.sourceAddress: next hop 198.51.100.7 is on a secondary network'),
      ],
    },
    {
      name: 'is not that of a next hop among the addresses of nodes',
      objects: [worker, v4, advertisement('a'), peer('tor', { sourceAddress: '192.0.2.11' }), viaHost],
      finds: [],
    },
  ])('$name', ({ objects, finds }) =>
    expect(findings(objects, /secondary network|routing|OVN-Kubernetes/)).toEqual(finds),
  );
});

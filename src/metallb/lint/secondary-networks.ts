import { canonicalAddress, type Family } from '../../ip.ts';
import type { Sysctl } from '../objects/openshift.ts';
import type { AnyObject, BGPPeer, L2Advertisement, Labels } from '../objects/resources.ts';
import { familiesOfPools } from '../relations/pools.ts';
import { type ClusterRelations, takesPeer } from '../relations/relations.ts';
import type { Lint } from '../types.ts';
import { finding, type LintRule } from './scope.ts';

/** The bridge of OVN-Kubernetes on the primary interface; every other interface is a secondary one. */
const primary = 'br-ex';

/**
 * OpenShift from 4.14 on forwards nothing that arrives on a secondary interface, unless the Network operator's
 * gatewayConfig or a MachineConfig says so. The address is announced then, and what it draws goes no further.
 */
export const secondaryNetworks: LintRule = function* (scope) {
  const network = scope.resources.Network.get('cluster');
  if (network?.spec.type !== 'OVNKubernetes') return;
  const uses = [...scope.accepted.l2Advertisements.flatMap((one) => interfacesOf(one, scope)), ...usesOfPeers(scope)];
  if (network.spec.ipForwarding !== 'Global') for (const use of uses) yield* notForwarded(use, scope);
  const [first] = uses;
  if (first && !network.spec.routingViaHost)
    yield finding(
      'routing-not-via-host',
      network,
      'spec.defaultNetwork.ovnKubernetesConfig.gatewayConfig.routingViaHost',
      `is not true, so OVN-Kubernetes does not route by the node's own tables, as ${first.what} of ${first.object.ref.kind} ${first.object.ref.name} needs`,
    );
};

/** A field by which traffic comes in on a secondary network. */
interface Use {
  readonly object: L2Advertisement | BGPPeer;
  readonly path: string;
  /** `interface "bridge-net"`. */
  readonly what: string;
  /** Undefined: which one it is cannot be told. */
  readonly interface?: string;
  /** Families of the addresses that are announced there. */
  readonly families: ReadonlySet<Family>;
}

function interfacesOf(object: L2Advertisement, { accepted }: ClusterRelations): Use[] {
  const families = familiesOfPools(accepted.poolsOf(object));
  return object.spec.interfaces.flatMap((name, i) =>
    name === primary
      ? []
      : [{ object, path: `spec.interfaces[${i}]`, what: `interface "${name}"`, interface: name, families }],
  );
}

/** The next hop is on the interface of an unnumbered peer, or at its sourceAddress. */
function usesOfPeers({ accepted, nodes, options }: ClusterRelations): Use[] {
  const known = new Set(
    [...nodes.objects.values()].flatMap(({ spec }) => spec.addresses.map(({ address }) => canonicalAddress(address))),
  );
  return accepted.peers.flatMap((object): Use[] => {
    const { interface: name, sourceAddress } = object.spec;
    const own = accepted.advertisements.filter((advertisement) => takesPeer(advertisement, object.ref.name));
    const families = familiesOfPools(own.flatMap((advertisement) => accepted.poolsOf(advertisement)));
    if (name !== '' && name !== primary)
      return [{ object, path: 'spec.interface', what: `interface "${name}"`, interface: name, families }];
    // frr-k8s does not pass sourceAddress on
    if (!sourceAddress || options.mode === 'frr-k8s' || nodes.size === 0) return [];
    if (known.has(canonicalAddress(sourceAddress))) return [];
    return [{ object, path: 'spec.sourceAddress', what: `next hop ${sourceAddress}`, families }];
  });
}

function* notForwarded(use: Use, scope: ClusterRelations): Generator<Lint> {
  const { nodes } = scope;
  const labels =
    nodes.size === 0
      ? [{}]
      : nodes.namesOf(nodes.selectedBy(use.object)).map((name) => nodes.objects.get(name)!.labels);
  for (const family of use.families) {
    const without = labels.filter((own) => !forwards(sysctlsFor(own, scope), family, use.interface)).length;
    if (without === 0) continue;
    const where = nodes.size === 0 ? '' : ` on ${without} of ${labels.length} nodes`;
    yield finding(
      'not-forwarded',
      use.object,
      use.path,
      `${use.what} is on a secondary network, and IPv${family} forwarding is not enabled there${where}: traffic for the addresses arrives and goes no further`,
      `set ${family === 4 ? `net.ipv4.conf.${use.interface ?? 'INTERFACE'}.forwarding` : 'net.ipv6.conf.all.forwarding'} = 1 by a MachineConfig, or gatewayConfig.ipForwarding: Global of the Network operator`,
    );
  }
}

/** Kernel parameters that the MachineConfigs of a node's role set; of several the last by name counts. */
function sysctlsFor(labels: Labels, { resources }: ClusterRelations): ReadonlyMap<string, string> {
  const roles = rolesOf(labels);
  const configs = [...resources.MachineConfig.values()]
    .filter((config) => roles.size === 0 || roles.has(roleOf(config)))
    .sort((a, b) => (a.ref.name < b.ref.name ? -1 : 1));
  return new Map(configs.flatMap(({ spec }) => spec.sysctls.map(({ key, value }: Sysctl) => [key, value] as const)));
}

const roleOf = ({ labels }: AnyObject): string => labels['machineconfiguration.openshift.io/role'] ?? '';

/** The machine config pools that a node may be of: control-plane nodes are of `master`, whatever else they do. Empty = not told. */
function rolesOf(labels: Labels): ReadonlySet<string> {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(labels).flatMap((label) => (label.startsWith(prefix) ? [label.slice(prefix.length)] : []));
  return new Set(roles.includes('master') || roles.includes('control-plane') ? ['master'] : roles);
}

/** For IPv4 each interface has a switch of its own; for IPv6 only the one for all of them makes a node forward. */
function forwards(sysctls: ReadonlyMap<string, string>, family: Family, name: string | undefined): boolean {
  const isOn = (key: string): boolean => sysctls.get(key) === '1';
  if (family === 6) return isOn('net/ipv6/conf/all/forwarding');
  if (isOn('net/ipv4/ip_forward') || isOn('net/ipv4/conf/all/forwarding')) return true;
  if (name !== undefined) return isOn(`net/ipv4/conf/${name}/forwarding`);
  return [...sysctls.keys()].some((key) => /^net\/ipv4\/conf\/.+\/forwarding$/.test(key) && isOn(key));
}

/**
 * The closed lists of codes of rejections and lint findings. Scripts and alerts use the codes, so they never change;
 * their texts may.
 */

/** Rejections: code → what is wrong. */
export const refusalCodes = {
  // reading
  'yaml-syntax': 'invalid YAML',
  'too-large': 'a text, an object or a list is larger than Peerglass reads',
  'too-many-objects': 'a source has more objects than Peerglass reads',
  'not-an-object': 'a document is not an object with apiVersion and kind',
  'unknown-kind': 'the API server does not know this kind in this version',
  'nested-list': 'a List contains a List, or has no items',
  'old-configuration': 'a ConfigMap configures MetalLB, which ignores it since version 0.13',
  // the API server
  'invalid-field': 'a field has a value that the schema does not allow',
  'unknown-field': 'a field does not exist, and the API server validates fields strictly',
  'immutable-field': 'a field cannot be changed once it is set',
  'service-selectors-with-aggregate': 'serviceSelectors and an aggregation length exclude each other',
  // any object of MetalLB
  'wrong-namespace': "the object is not in MetalLB's namespace",
  'invalid-selector': 'invalid label selector',
  'duplicate-entry': 'duplicate list entry',
  // IPAddressPool
  'no-addresses': 'a pool has no addresses',
  'invalid-addresses': 'an entry of a pool is neither a CIDR nor a range',
  'overlapping-pools': 'two pool entries share addresses',
  'node-address-in-pool': 'a pool contains the address of a node (MetalLB 0.15.0 only)',
  'service-loses-pool': 'an address in use would belong to no pool',
  // BGPAdvertisement, Community
  'invalid-aggregation-length': 'an aggregation length is out of range',
  'aggregate-wider-than-pool': 'an aggregate is wider than an entry of its pool',
  'ipv6-in-native-mode': 'native mode announces no IPv6',
  'local-pref-conflict': 'two advertisements set different localPref for one prefix',
  'invalid-community': 'invalid community',
  'unknown-community': 'no Community object defines this alias',
  'duplicate-community': 'two aliases have the same name',
  'large-community-in-native-mode': 'native mode does not support large communities',
  'too-many-communities': 'a route has more communities than a session can carry',
  'standing-conflict': 'existing objects conflict, so the webhook rejects every object of this kind',
  // BGPPeer, BFDProfile
  'invalid-asn': 'AS numbers are missing or contradict each other',
  'invalid-peer-address': 'a peer needs a valid address or an interface, not both',
  'invalid-peer-field': 'invalid address or ID of a peer',
  'multihop-within-as': 'ebgpMultiHop is set, but the peer has the same AS',
  'invalid-timers': 'timers are out of range or contradict each other',
  'two-passwords': 'password and passwordSecret are both set',
  'not-in-native-mode': 'native mode does not support this field or kind',
  'router-id-conflict': 'peers of one node have different routerIDs',
  'my-asn-conflict': 'peers of one node and VRF have different myASN',
  'duplicate-peer': 'two peers of one node have the same address',
  'unknown-bfd-profile': 'missing BFD profile',
  'bfd-echo-with-ipv6': 'IPv6 routes for a peer with BFD echo mode',
  'unknown-secret': 'missing password Secret',
  'invalid-secret': 'a password Secret has the wrong type or no password',
  // ConfigMap bgpextras
  'frr-mode-only': 'raw FRR configuration outside frr mode',
  // frr-k8s
  'frr-configuration-conflict': 'FRRConfigurations of one node conflict',
} as const;
export type RefusalCode = keyof typeof refusalCodes;

/** Lint findings: code → what is wrong. */
export const lintCodes = {
  'unknown-field': 'a field does not exist',
  'newer-field': 'a field does not exist in this version of MetalLB',
  'no-namespace': 'the object has no namespace',
  'defined-twice': 'an object is defined twice',
  'wrong-namespace': 'a MetalLB object is in a namespace that MetalLB ignores',
  'base-sixty': 'YAML 1.1 reads an unquoted community as a number',
  'unknown-name': 'a named pool, peer or Namespace does not exist',
  'unknown-community': 'no Community object defines this alias',
  'selector-matches-nothing': 'a selector matches nothing',
  'peers-without-session': 'a peer in the list of an advertisement has a session on none of its nodes',
  'overlapping-pools': 'two pool entries share addresses',
  'aggregate-refused': 'an aggregate is wider than an entry of its pool',
  'aggregate-with-local-policy': 'an aggregate draws traffic to nodes that drop it',
  'wide-aggregate': 'an aggregate is wider than its pool',
  'shared-address-split': 'a shared address is announced where a Service is not served',
  'split-layer-2-owners': 'Services that share an address elect different nodes on layer 2',
  'options-not-passed-on': 'frr-k8s ignores fields of a BGPPeer',
  'local-pref-conflict': 'two advertisements set different localPref for one prefix',
  'large-local-pref': 'newer versions of MetalLB reject such a large localPref',
  'ipv6-in-native-mode': 'native mode announces no IPv6',
  'family-without-session': 'no peer of an advertisement carries an address family of its pools',
  'hostname-label': 'the hostname label of a node differs from its name, which frr-k8s uses',
  'excluded-interfaces': 'an L2Advertisement lists only interfaces that speakers never use',
  'unread-pattern': 'Peerglass cannot evaluate a pattern of excluded interfaces',
  'too-many-findings': 'a lint rule has more findings than Peerglass lists',
  'not-forwarded': 'a node does not forward packets from a secondary interface',
  'routing-not-via-host': 'OVN-Kubernetes does not use the routing tables of the node',
} as const;
export type LintCode = keyof typeof lintCodes;

/** A problem without its effect. */
export interface Problem {
  readonly code: RefusalCode;
  /** MetalLB's error text, if it has one. */
  readonly error: string;
}

export const problem = (code: RefusalCode, error: string): Problem => ({ code, error });

/**
 * The closed lists of what refusals and lint findings are called. A code stays what it is while its sentence may be
 * put better: scripts and alerts go by codes.
 */

/** Refusals: code → what is wrong. */
export const refusalCodes = {
  // what can be read at all
  'yaml-syntax': 'the text is no YAML',
  'too-large': 'a text, an object or a list is larger than Peerglass reads',
  'too-many-objects': 'a source has more objects than Peerglass reads',
  'not-an-object': 'a document is no object with apiVersion and kind',
  'unknown-kind': 'the API server knows no such kind in that version',
  'nested-list': 'a List is an item of a List, or has no list of items',
  'old-configuration': 'a ConfigMap configures MetalLB, which has read none since version 0.13',
  // the API server
  'invalid-field': 'a field has a value that its schema does not allow',
  'unknown-field': 'a field does not exist, and the API server validates strictly',
  'immutable-field': 'a field cannot be changed once it is set',
  'service-selectors-with-aggregate': 'serviceSelectors and an aggregation length exclude each other',
  // any object of MetalLB
  'wrong-namespace': 'the object is not in the namespace of MetalLB',
  'invalid-selector': 'a label selector is not valid',
  'duplicate-entry': 'a list has the same entry twice',
  // IPAddressPool
  'no-addresses': 'a pool has no addresses',
  'invalid-addresses': 'an entry of a pool is neither a CIDR nor a range',
  'overlapping-pools': 'an address is in two entries',
  'node-address-in-pool': 'a pool has the address of a node (MetalLB 0.15.0 alone)',
  'service-loses-pool': 'a service in use would be in no pool any more',
  // BGPAdvertisement, Community
  'invalid-aggregation-length': 'an aggregation length is out of range',
  'aggregate-wider-than-pool': 'an aggregate is wider than an entry of its pool',
  'ipv6-in-native-mode': 'the native implementation announces no IPv6',
  'local-pref-conflict': 'two advertisements want different localPref for one prefix',
  'invalid-community': 'a community is not valid',
  'unknown-community': 'no Community object defines an alias yet',
  'duplicate-community': 'two aliases have one name',
  'large-community-in-native-mode': 'the native implementation knows no large communities',
  'too-many-communities': 'a route would have more communities than sessions take',
  'standing-conflict': 'other objects, which are in force, are at odds, so the webhook refuses all of the kind',
  // BGPPeer, BFDProfile
  'invalid-asn': 'AS numbers are missing or exclude each other',
  'invalid-peer-address': 'a peer has no valid address or interface, or both',
  'invalid-peer-field': 'an address or ID of a peer is not valid',
  'multihop-within-as': 'ebgpMultiHop is set though the peer is of the same AS',
  'invalid-timers': 'timers are out of range or exclude each other',
  'two-passwords': 'password and passwordSecret are both set',
  'not-in-native-mode': 'the native implementation does not have a field or kind',
  'router-id-conflict': 'peers of one node have different routerIDs',
  'my-asn-conflict': 'peers of one node and VRF have different myASN',
  'duplicate-peer': 'two peers of one node have the same address',
  'unknown-bfd-profile': 'a BFD profile is not there yet',
  'bfd-echo-with-ipv6': 'IPv6 would go to a peer with BFD echo mode',
  'unknown-secret': 'a password secret is not there yet',
  'invalid-secret': 'a password secret is of the wrong type or has no password',
  // ConfigMap bgpextras
  'frr-mode-only': 'raw FRR configuration, which only frr mode takes',
  // frr-k8s
  'frr-configuration-conflict': 'FRRConfigurations of one node want different things',
} as const;
export type RefusalCode = keyof typeof refusalCodes;

/** Findings of lint: code → what is odd. */
export const lintCodes = {
  'unknown-field': 'a field does not exist',
  'newer-field': 'a field does not exist in this version of MetalLB',
  'no-namespace': 'the namespace is left to the client',
  'defined-twice': 'an object is written down twice',
  'wrong-namespace': 'an object of MetalLB is in a namespace that it does not look at',
  'base-sixty': 'a community without quotes is a number to YAML 1.1',
  'unknown-name': 'a pool, peer or Namespace that is named does not exist',
  'unknown-community': 'no Community object defines an alias',
  'selector-matches-nothing': 'a selector selects nothing',
  'peer-without-session': 'a peer in the list of an advertisement has a session on none of its nodes',
  'overlapping-pools': 'an address is in two entries',
  'wide-aggregate': 'an aggregate reaches outside its pool',
  'local-pref-conflict': 'two advertisements want different localPref for one prefix',
  'large-local-pref': 'a localPref is more than newer API servers take',
  'ipv6-in-native-mode': 'the native implementation announces no IPv6',
  'family-without-session': 'no peer of an advertisement carries a family of its pools',
  'hostname-label': 'the hostname label of a node is not its name, which frr-k8s goes by',
  'excluded-interfaces': 'an L2Advertisement lists no interface but such as speakers never use',
  'unread-pattern': 'a pattern of excluded interfaces is not one that Peerglass can go by',
  'too-many-findings': 'a lint rule finds more than Peerglass lists',
  'not-forwarded': 'a node does not forward what arrives on a secondary interface',
  'routing-not-via-host': "OVN-Kubernetes does not route by the node's own tables",
} as const;
export type LintCode = keyof typeof lintCodes;

/** What is wrong, before anybody says what that does. */
export interface Problem {
  readonly code: RefusalCode;
  /** MetalLB's words where it has any. */
  readonly error: string;
}

export const problem = (code: RefusalCode, error: string): Problem => ({ code, error });

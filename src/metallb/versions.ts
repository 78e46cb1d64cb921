/** In which of its rules MetalLB's versions differ. Each rule is asked for by name where it bears on something. */

/** Minor versions that are told apart; `newest` is what is behind 0.16 on the main branch. */
const minors = ['0.14', '0.15', '0.16'] as const;
type Minor = (typeof minors)[number];
/** A minor version stands for what its patches have in common; some patches have a rule of their own. */
export type MetalLBVersion = Minor | `${Minor}.${number}` | 'newest';

export interface VersionRules {
  /** A speaker parses only the BGPAdvertisements and BGPPeers that select its node (0.16); before, all of them. */
  readonly parsesOwnNodeOnly: boolean;
  /** An address serves as soon as one entry of it does (0.16); before, only if all entries of it do. */
  readonly oneServingEntrySuffices: boolean;
  /** Native mode unites the communities of all contributors (0.16); before, one of them won. */
  readonly nativeMergesCommunities: boolean;
  /** A session carries the family of its addresses (0.15); before, both unless `disableMP` was set. */
  readonly familyOfAddresses: boolean;
  /** The label that excludes a node from load balancers counts (0.14.2). */
  readonly honorsExcludeLabel: boolean;
  /** Speakers have the flag --ignore-exclude-lb (0.14.4). */
  readonly knowsIgnoreExcludeLB: boolean;
  /** Speakers withdraw from a cordoned node (0.14.9 alone). */
  readonly withdrawsOnCordon: boolean;
  /** Two localPref of one pool go together when the lengths of the pool's families differ (0.15); before, both lengths have to. */
  readonly localPrefByFamily: boolean;
  /** The webhook does not look at a BGPPeer that is created with `disableMP: true` (0.15). */
  readonly disableMPSkipsWebhook: boolean;
  /** No pool may have an address that is a node's (0.15.0 alone). */
  readonly poolsSpareNodes: boolean;
  /** On layer 2 nobody announces a Service that may share its address and is picked by its labels (after 0.16.1). */
  readonly sharedIPBarsServiceSelectors: boolean;
  /** Fields that do not exist yet, by kind, and what it means that they are not set. */
  readonly unknown: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const newest: VersionRules = {
  parsesOwnNodeOnly: true,
  oneServingEntrySuffices: true,
  nativeMergesCommunities: true,
  familyOfAddresses: true,
  honorsExcludeLabel: true,
  knowsIgnoreExcludeLB: true,
  withdrawsOnCordon: false,
  localPrefByFamily: true,
  disableMPSkipsWebhook: true,
  poolsSpareNodes: false,
  sharedIPBarsServiceSelectors: true,
  unknown: {},
};
/** 0.16.0 and 0.16.1. */
const v016: VersionRules = {
  ...newest,
  sharedIPBarsServiceSelectors: false,
  unknown: { L2Advertisement: { preferredNodeSelectors: [] } },
};
const v015: VersionRules = {
  ...newest,
  parsesOwnNodeOnly: false,
  oneServingEntrySuffices: false,
  nativeMergesCommunities: false,
  unknown: {
    BGPAdvertisement: { serviceSelectors: [] },
    L2Advertisement: { serviceSelectors: [], preferredNodeSelectors: [] },
    BGPPeer: { localASN: undefined },
  },
};
const v014: VersionRules = {
  ...v015,
  familyOfAddresses: false,
  localPrefByFamily: false,
  disableMPSkipsWebhook: false,
  unknown: {
    ...v015.unknown,
    BGPPeer: { ...v015.unknown['BGPPeer'], dualStackAddressFamily: false, interface: '' },
  },
};
/** A patch of 0.14 without these fields of BGPPeer. */
const without = (rules: VersionRules, fields: Readonly<Record<string, unknown>>): VersionRules => ({
  ...rules,
  unknown: { ...rules.unknown, BGPPeer: { ...rules.unknown['BGPPeer'], ...fields } },
});
/** Up to 0.14.5. */
const v0145 = without(v014, { dynamicASN: undefined, enableGracefulRestart: undefined });

const rules: Readonly<Record<string, VersionRules>> = {
  '0.14': v014,
  '0.15': v015,
  '0.16': v016,
  newest,
  '0.14.0': {
    ...without(v0145, { connectTime: undefined, disableMP: false }),
    honorsExcludeLabel: false,
    knowsIgnoreExcludeLB: false,
  },
  '0.14.1': { ...v0145, honorsExcludeLabel: false, knowsIgnoreExcludeLB: false },
  '0.14.2': { ...v0145, knowsIgnoreExcludeLB: false },
  '0.14.3': { ...v0145, knowsIgnoreExcludeLB: false },
  '0.14.4': v0145,
  '0.14.5': v0145,
  '0.14.9': { ...v014, withdrawsOnCordon: true },
  '0.15.0': { ...v015, poolsSpareNodes: true },
};

/** The rules of a version, of a patch without a rule of its own those of its minor version; left out, of the newest one. */
export const rulesOf = (version: MetalLBVersion = 'newest'): VersionRules =>
  rules[version] ?? rules[version.split('.', 2).join('.')]!;

/** Is that a version that is known here: `0.15`, `0.15.0`, `newest`? */
export function isMetalLBVersion(text: string): text is MetalLBVersion {
  const [, minor] = /^(\d+\.\d+)(?:\.\d{1,3})?$/.exec(text) ?? [];
  return text === 'newest' || minors.some((known) => known === minor);
}

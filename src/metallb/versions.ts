/** In which of its rules MetalLB's versions differ. Each rule is asked for by name where it bears on something. */

/** Minor versions that are told apart; `newest` is what is behind 0.16 on the main branch. */
export type MetalLBVersion = '0.14' | '0.15' | '0.16' | 'newest';

export interface VersionRules {
  /** A speaker parses only the BGPAdvertisements and BGPPeers that select its node (0.16); before, all of them. */
  readonly parsesOwnNodeOnly: boolean;
  /** An address serves as soon as one entry of it does (0.16); before, only if all entries of it do. */
  readonly oneServingEntrySuffices: boolean;
  /** Native mode unites the communities of all contributors (0.16); before, one of them won. */
  readonly nativeMergesCommunities: boolean;
  /** A session carries the family of its addresses (0.15); before, both unless `disableMP` was set. */
  readonly familyOfAddresses: boolean;
  /** Fields that do not exist yet, by kind, and what it means that they are not set. */
  readonly unknown: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const newest: VersionRules = {
  parsesOwnNodeOnly: true,
  oneServingEntrySuffices: true,
  nativeMergesCommunities: true,
  familyOfAddresses: true,
  unknown: {},
};
/** 0.16.0 and 0.16.1. */
const v016: VersionRules = { ...newest, unknown: { L2Advertisement: { preferredNodeSelectors: [] } } };
const v015: VersionRules = {
  parsesOwnNodeOnly: false,
  oneServingEntrySuffices: false,
  nativeMergesCommunities: false,
  familyOfAddresses: true,
  unknown: {
    BGPAdvertisement: { serviceSelectors: [] },
    L2Advertisement: { serviceSelectors: [], preferredNodeSelectors: [] },
    BGPPeer: { localASN: undefined },
  },
};
const v014: VersionRules = {
  ...v015,
  familyOfAddresses: false,
  unknown: { ...v015.unknown, BGPPeer: { localASN: undefined, dualStackAddressFamily: false } },
};

const rules: Readonly<Record<MetalLBVersion, VersionRules>> = { '0.14': v014, '0.15': v015, '0.16': v016, newest };

/** The rules of a version; left out, of the newest one. */
export const rulesOf = (version: MetalLBVersion = 'newest'): VersionRules => rules[version];

/** The checks, in the order of the catalog. */
import { addressFlipping } from './checks/address-flipping.ts';
import { aggregateRefused } from './checks/aggregate-refused.ts';
import { aggregateWithLocalPolicy } from './checks/aggregate-with-local-policy.ts';
import { allNodesAnnounce } from './checks/all-nodes-announce.ts';
import { announcedWithoutEndpoints } from './checks/announced-without-endpoints.ts';
import { bfdNotUp } from './checks/bfd-not-up.ts';
import { configurationRefusedThere } from './checks/configuration-refused-there.ts';
import { duplicateRouterId } from './checks/duplicate-router-id.ts';
import { editWithoutEffect } from './checks/edit-without-effect.ts';
import { excludedFromLoadBalancers } from './checks/excluded-from-load-balancers.ts';
import { familyNotNegotiated } from './checks/family-not-negotiated.ts';
import { familyWithoutSession } from './checks/family-without-session.ts';
import { foreignPrefixes } from './checks/foreign-prefixes.ts';
import { holdTimeNotInForce } from './checks/hold-time-not-in-force.ts';
import { hotReconnect } from './checks/hot-reconnect.ts';
import { ipv6InNativeMode } from './checks/ipv6-in-native-mode.ts';
import { localPrefByNode } from './checks/local-pref-by-node.ts';
import { localPrefConflict } from './checks/local-pref-conflict.ts';
import { malformedUpdates } from './checks/malformed-updates.ts';
import { manyPaths } from './checks/many-paths.ts';
import { multihopNeeded } from './checks/multihop-needed.ts';
import { nextHopChurn } from './checks/next-hop-churn.ts';
import { noGracefulRestart } from './checks/no-graceful-restart.ts';
import { noHoldTimer } from './checks/no-hold-timer.ts';
import { nodeNotConfigured } from './checks/node-not-configured.ts';
import { nodeNotReady } from './checks/node-not-ready.ts';
import { objectFoughtOver } from './checks/object-fought-over.ts';
import { oddNextHop } from './checks/odd-next-hop.ts';
import { optionsNotPassedOn } from './checks/options-not-passed-on.ts';
import { otherBgpSpeaker } from './checks/other-bgp-speaker.ts';
import { passwordOnOneSide } from './checks/password-on-one-side.ts';
import { peersWithoutSession } from './checks/peers-without-session.ts';
import { prefixFlapping } from './checks/prefix-flapping.ts';
import { reloadStorm } from './checks/reload-storm.ts';
import { resetsWithEdits } from './checks/resets-with-edits.ts';
import { returningNode } from './checks/returning-node.ts';
import { routerIdIsOurs } from './checks/router-id-is-ours.ts';
import { selectorsCompared } from './checks/selectors-compared.ts';
import { serviceMoved } from './checks/service-moved.ts';
import { sharedAddressSplit } from './checks/shared-address-split.ts';
import { silentNeighbor } from './checks/silent-neighbor.ts';
import { splitLayer2Owners } from './checks/split-layer-2-owners.ts';
import { staleConfiguration } from './checks/stale-configuration.ts';
import { tcpMd5 } from './checks/tcp-md5.ts';
import { twoOctetAs } from './checks/two-octet-as.ts';
import { twoSpeakersOnOneAddress } from './checks/two-speakers-on-one-address.ts';
import { unequalPaths } from './checks/unequal-paths.ts';
import { wrongAs } from './checks/wrong-as.ts';
import { zeroRouterId } from './checks/zero-router-id.ts';
import type { Check } from './types.ts';

export const checks: readonly Check[] = [
  localPrefConflict,
  localPrefByNode,
  aggregateRefused,
  aggregateWithLocalPolicy,
  excludedFromLoadBalancers,
  peersWithoutSession,
  familyWithoutSession,
  familyNotNegotiated,
  ipv6InNativeMode,
  oddNextHop,
  resetsWithEdits,
  hotReconnect,
  wrongAs,
  routerIdIsOurs,
  silentNeighbor,
  nodeNotConfigured,
  noHoldTimer,
  nodeNotReady,
  returningNode,
  prefixFlapping,
  reloadStorm,
  announcedWithoutEndpoints,
  sharedAddressSplit,
  splitLayer2Owners,
  allNodesAnnounce,
  manyPaths,
  unequalPaths,
  nextHopChurn,
  multihopNeeded,
  duplicateRouterId,
  zeroRouterId,
  twoSpeakersOnOneAddress,
  otherBgpSpeaker,
  foreignPrefixes,
  malformedUpdates,
  twoOctetAs,
  staleConfiguration,
  configurationRefusedThere,
  editWithoutEffect,
  optionsNotPassedOn,
  bfdNotUp,
  holdTimeNotInForce,
  objectFoughtOver,
  serviceMoved,
  addressFlipping,
  selectorsCompared,
  noGracefulRestart,
  tcpMd5,
  passwordOnOneSide,
];

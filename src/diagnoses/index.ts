/** The checks, in the order of the catalog. */

import { objectRules } from '../metallb/problems/index.ts';
import { addressFlipping } from './checks/address-flipping.ts';
import { announcedWithoutEndpoints } from './checks/announced-without-endpoints.ts';
import { bfdNotUp } from './checks/bfd-not-up.ts';
import { configurationRefusedThere } from './checks/configuration-refused-there.ts';
import { duplicateRouterId } from './checks/duplicate-router-id.ts';
import { editWithoutEffect } from './checks/edit-without-effect.ts';
import { familyNotNegotiated } from './checks/family-not-negotiated.ts';
import { foreignPrefixes } from './checks/foreign-prefixes.ts';
import { holdTimeNotInForce } from './checks/hold-time-not-in-force.ts';
import { hotReconnect } from './checks/hot-reconnect.ts';
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
import { otherBgpSpeaker } from './checks/other-bgp-speaker.ts';
import { passwordOnOneSide } from './checks/password-on-one-side.ts';
import { prefixFlapping } from './checks/prefix-flapping.ts';
import { reloadStorm } from './checks/reload-storm.ts';
import { resetsWithEdits } from './checks/resets-with-edits.ts';
import { returningNode } from './checks/returning-node.ts';
import { routerIdIsOurs } from './checks/router-id-is-ours.ts';
import { serviceMoved } from './checks/service-moved.ts';
import { silentNeighbor } from './checks/silent-neighbor.ts';
import { staleConfiguration } from './checks/stale-configuration.ts';
import { tcpMd5 } from './checks/tcp-md5.ts';
import { twoOctetAs } from './checks/two-octet-as.ts';
import { twoSpeakersOnOneAddress } from './checks/two-speakers-on-one-address.ts';
import { unequalPaths } from './checks/unequal-paths.ts';
import { wrongAs } from './checks/wrong-as.ts';
import { zeroRouterId } from './checks/zero-router-id.ts';
import type { Check } from './types.ts';

export const checks: readonly Check[] = [
  ...objectRules.map(
    (rule): Check => ({ ...rule, ofObjects: true, find: ({ cluster }) => (cluster ? rule.find(cluster) : []) }),
  ),
  familyNotNegotiated,
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
  bfdNotUp,
  holdTimeNotInForce,
  objectFoughtOver,
  serviceMoved,
  addressFlipping,
  noGracefulRestart,
  tcpMd5,
  passwordOnOneSide,
];

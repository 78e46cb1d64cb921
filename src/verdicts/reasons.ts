/**
 * The closed list of reason codes. Each sentence tells an operator which objects, values, node and peer are involved,
 * and where to look.
 */
import { fieldNames } from './compare.ts';
import { overlayReasons } from './overlay-reasons.ts';
import { because, difference, join, lastDown, staleConfig, until, type VerdictReason, via, who } from './sentences.ts';
import type { Severity } from './types.ts';

export const reasons = {
  'as-expected': {
    verdict: 'ok',
    severity: 'none',
    sentence: (c) => `${who(c)} announces ${c.prefix} as expected.`,
  },
  gone: {
    verdict: 'ok',
    severity: 'none',
    sentence: (c) => `${c.prefix} is no longer expected or received.`,
  },
  grace: {
    verdict: 'pending',
    severity: 'info',
    sentence: (c) => `In the grace period until ${c.deadline}. After that: ${c.underlying}`,
  },
  'not-synced': {
    verdict: 'pending',
    severity: 'info',
    sentence: (c) => `The session is up, but its initial table is incomplete. Verdict so far: ${c.underlying}`,
  },
  'route-missing': {
    verdict: 'missing',
    severity: 'critical',
    sentence: (c) =>
      join(
        `${who(c)} does not announce ${c.prefix}, although the session is up and its initial table is complete.`,
        because(c),
        `Check the log of the speaker on ${c.node}, and whether it applied its configuration${staleConfig(c)}.`,
      ),
  },
  'session-down': {
    verdict: 'missing',
    severity: 'critical',
    sentence: (c) => join(`${c.prefix} is missing because the session of ${who(c)} is down${lastDown(c)}.`, because(c)),
  },
  'session-never-seen': {
    verdict: 'missing',
    severity: 'critical',
    sentence: (c) =>
      join(
        `${c.prefix} is missing because ${who(c)} has never established a session with this collector${lastDown(c)}.`,
        because(c),
        `Check the address, port, AS numbers and password of BGPPeer ${c.bgpPeer}, and the network between ${c.node} and this collector.`,
      ),
  },
  'no-expectation': {
    verdict: 'unexpected',
    severity: 'warning',
    sentence: (c) =>
      c.whyNot
        ? `${who(c)} announces ${c.prefix}${via(c)}, but MetalLB should not (${c.whyNot.reason}): ${c.whyNot.text}`
        : `${who(c)} announces ${c.prefix}${via(c)}, but no Service, IPAddressPool and BGPAdvertisement produce this route. ` +
          'Check for other FRRConfigurations, raw FRR configuration or another BGP speaker on the node.',
  },
  'foreign-prefix': {
    verdict: 'ok',
    severity: 'none',
    sentence: (c) =>
      `${who(c)} announces ${c.prefix}${via(c)} because of FRRConfiguration ${c.foreign?.name ?? 'of the node'}, not because of MetalLB.`,
  },
  'session-not-expected': {
    verdict: 'unexpected',
    severity: 'warning',
    sentence: (c) =>
      `${who(c)} announces ${c.prefix}${via(c)}, but no BGPPeer configures this session on this node. ` +
      'Check the nodeSelectors of the BGPPeer and the labels of the node.',
  },
  'neighbor-not-mapped': {
    verdict: 'unexpected',
    severity: 'warning',
    sentence: (c) =>
      `${who(c)} announces ${c.prefix}${via(c)}, but its node is unknown: ${c.neighbor?.matchText ?? 'no neighbor'}. ` +
      'If the neighbor belongs to the cluster, add its address to bgp.nodes.',
  },
  'attributes-mismatch': mismatch(),
  'next-hop-mismatch': mismatch(),
  'as-path-mismatch': mismatch(),
  'local-pref-mismatch': mismatch(),
  'med-mismatch': mismatch(),
  'origin-mismatch': mismatch(),
  'community-mismatch': mismatch(),
  'graceful-restart': {
    verdict: 'stale',
    severity: 'warning',
    sentence: (c) =>
      `${c.prefix} of ${who(c)} is from before its session went down${lastDown(c)} and is kept by graceful restart${until(c)}.`,
  },
  restored: {
    verdict: 'stale',
    severity: 'info',
    sentence: (c) =>
      `${c.prefix} of ${who(c)} is from before this collector restarted; the neighbor has not announced it again${until(c)}.`,
  },
  'collector-restarted': {
    verdict: 'unknown',
    severity: 'info',
    sentence: (c) => `This collector restarted, and ${who(c)} has not reconnected, so ${c.prefix} has no verdict.`,
  },
  'session-ambiguous': {
    verdict: 'unknown',
    severity: 'warning',
    sentence: (c) =>
      `Cannot tell the sessions of node ${c.node} apart, so ${c.prefix} has no verdict` +
      `${c.neighbor ? `: ${c.neighbor.matchText}` : ''}. Set bgpPeer for the neighbor in the configuration.`,
  },
  'configuration-unknown': {
    verdict: 'unknown',
    severity: 'warning',
    sentence: (c) =>
      `The speaker on ${c.node} does not apply its current configuration, and the one in effect is unknown, ` +
      `so ${c.prefix} has no verdict${staleConfig(c)}.`,
  },
  ...overlayReasons,
} as const satisfies Record<string, VerdictReason>;

export type ReasonCode = keyof typeof reasons;

export const reasonCodes = Object.keys(reasons) as ReasonCode[];

function mismatch(): { verdict: 'mismatch'; severity: Severity; sentence: VerdictReason['sentence'] } {
  return {
    verdict: 'mismatch',
    severity: 'warning',
    sentence: (c) =>
      join(
        `${who(c)} announces ${c.prefix} with ${fieldNames(c.fields)
          .map((field) => difference(field, c))
          .join('; ')}.`,
        because(c),
        `Check the BGPAdvertisement and the configuration in effect on ${c.node}${staleConfig(c)}.`,
      ),
  };
}

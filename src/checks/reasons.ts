/**
 * The closed list of reason codes. A sentence is for the person who must act, maybe at night: which objects, which
 * values, which node and peer, and where to look.
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
    sentence: (c) => `${c.prefix} is neither expected nor received here any more.`,
  },
  grace: {
    verdict: 'pending',
    severity: 'info',
    sentence: (c) => `Still in the grace period, until ${c.deadline}. Then: ${c.underlying}`,
  },
  'not-synced': {
    verdict: 'pending',
    severity: 'info',
    sentence: (c) => `The session is up but its initial table is not complete yet. As it stands: ${c.underlying}`,
  },
  'route-missing': {
    verdict: 'missing',
    severity: 'critical',
    sentence: (c) =>
      join(
        `${who(c)} does not announce ${c.prefix} although the session is up and its table complete.`,
        because(c),
        `Look at the speaker on ${c.node}: its log, and whether its configuration is accepted${staleConfig(c)}.`,
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
        `${c.prefix} is missing because no session of ${who(c)} was ever established here${lastDown(c)}.`,
        because(c),
        `Look at the address, port, AS numbers and password of BGPPeer ${c.bgpPeer}, and at the way from ${c.node} to this collector.`,
      ),
  },
  'no-expectation': {
    verdict: 'unexpected',
    severity: 'warning',
    sentence: (c) =>
      c.whyNot
        ? `${who(c)} announces ${c.prefix}${via(c)}, but MetalLB should not (${c.whyNot.reason}): ${c.whyNot.text}`
        : `${who(c)} announces ${c.prefix}${via(c)}, but no service, pool and advertisement of the cluster ask for it. ` +
          'Look for other FRRConfigurations, raw FRR configuration or another BGP speaker on the node.',
  },
  'foreign-prefix': {
    verdict: 'ok',
    severity: 'none',
    sentence: (c) =>
      `${who(c)} announces ${c.prefix}${via(c)}, as FRRConfiguration ${c.foreign?.name ?? 'of the node'} asks for; MetalLB has no part in it.`,
  },
  'session-not-expected': {
    verdict: 'unexpected',
    severity: 'warning',
    sentence: (c) =>
      `${who(c)} announces ${c.prefix}${via(c)}, but no BGPPeer asks for this session on this node. ` +
      'Look at the nodeSelectors of the BGPPeer and at the labels of the node.',
  },
  'neighbor-not-mapped': {
    verdict: 'unexpected',
    severity: 'warning',
    sentence: (c) =>
      `${who(c)} announces ${c.prefix}${via(c)}, but which node it is cannot be told: ${c.neighbor?.matchText ?? 'no neighbor'}. ` +
      'If it belongs to the cluster, name it under bgp.nodes.',
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
      `${c.prefix} of ${who(c)} is kept from before its session went down${lastDown(c)} (graceful restart)${until(c)}.`,
  },
  restored: {
    verdict: 'stale',
    severity: 'info',
    sentence: (c) =>
      `${c.prefix} of ${who(c)} is from before this collector restarted and was not confirmed since${until(c)}.`,
  },
  'collector-restarted': {
    verdict: 'unknown',
    severity: 'info',
    sentence: (c) =>
      `This collector restarted and the session of ${who(c)} is not back yet, so nothing can be said of ${c.prefix}.`,
  },
  'session-ambiguous': {
    verdict: 'unknown',
    severity: 'warning',
    sentence: (c) =>
      `Which session of node ${c.node} is which cannot be told, so nothing can be said of ${c.prefix}` +
      `${c.neighbor ? `: ${c.neighbor.matchText}` : ''}. Set bgpPeer at the neighbor in the configuration.`,
  },
  'configuration-unknown': {
    verdict: 'unknown',
    severity: 'warning',
    sentence: (c) =>
      `The speaker on ${c.node} refuses its present configuration and no earlier one is known, ` +
      `so nothing can be said of ${c.prefix}${staleConfig(c)}.`,
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
        `Look at the BGPAdvertisement and at the configuration in force on ${c.node}${staleConfig(c)}.`,
      ),
  };
}

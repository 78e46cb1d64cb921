/**
 * The closed list of reason codes. A sentence is for the person who must act, maybe at night: which objects, which
 * values, which node and peer, and where to look.
 */
import type { ExpectedRoute, ObjectRef } from '../metallb/types.ts';
import type { Neighbor, RouteJson } from '../rib/types.ts';
import { type FieldMask, fieldNames } from './compare.ts';
import type { VerdictWord } from './types.ts';

export type Severity = 'none' | 'info' | 'warning' | 'critical';

/** Everything that a sentence may speak of. */
export interface Circumstances {
  prefix: string;
  node: string | null;
  bgpPeer: string | null;
  neighbor: Neighbor | null;
  expected: ExpectedRoute | null;
  received: RouteJson | null;
  fields: FieldMask;
  /** What a `pending` becomes when grace ends, as a sentence. */
  underlying: string | null;
  /** RFC 3339 */
  deadline: string | null;
  /** MetalLB's own reason for not announcing. */
  whyNot: { reason: string; text: string; objects: ObjectRef[] } | null;
  /** The FRRConfiguration of somebody else that asks for the route. */
  foreign: ObjectRef | null;
  /** Why the node's speaker keeps to an earlier configuration. */
  staleConfig: string | null;
}

export interface Reason {
  verdict: VerdictWord;
  severity: Severity;
  sentence(c: Circumstances): string;
}

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
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof reasons;

export const reasonCodes = Object.keys(reasons) as ReasonCode[];

function mismatch(): { verdict: 'mismatch'; severity: Severity; sentence: Reason['sentence'] } {
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

/** Sentences in a row; empty ones are left out. */
const join = (...sentences: string[]): string => sentences.filter(Boolean).join(' ');

function difference(field: ReturnType<typeof fieldNames>[number], { expected, received }: Circumstances): string {
  const want = field === 'nextHop' ? 'an address of the node' : wanted(field, expected);
  return `${fieldTitles[field]} ${value(received?.[field])} instead of ${want}`;
}

function wanted(field: ReturnType<typeof fieldNames>[number], expected: ExpectedRoute | null): string {
  const several: Partial<Record<typeof field, readonly unknown[] | undefined>> = {
    localPref: expected?.localPrefAnyOf,
    communities: expected?.communitiesAnyOf,
  };
  return several[field]?.length
    ? `one of ${several[field].map((each) => value(each)).join(', ')}`
    : value(expected?.[field]);
}

function value(it: unknown): string {
  if (Array.isArray(it)) return it.length === 0 ? 'none' : it.map((part) => value(part)).join(' ');
  return it === null || it === undefined ? 'none' : String(it);
}

const fieldTitles: Record<ReturnType<typeof fieldNames>[number], string> = {
  nextHop: 'next hop',
  asPath: 'AS path',
  localPref: 'local preference',
  med: 'MED',
  origin: 'origin',
  communities: 'communities',
  largeCommunities: 'large communities',
};

/** `node-a → tor-1 (192.0.2.11)`, with what is known of it. */
function who({ node, bgpPeer, neighbor }: Circumstances): string {
  const address = neighbor?.remoteAddress;
  if (node === null) return address === undefined ? 'a neighbor' : `neighbor ${address}`;
  return `${node}${bgpPeer === null ? '' : ` → ${bgpPeer}`}${address === undefined ? '' : ` (${address})`}`;
}

/** The first service that asks for the route, and how many others do. */
function because({ expected }: Circumstances): string {
  const [first, ...others] = expected?.chain ?? [];
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `Service ${first.service} (${first.ip}, pool ${first.pool}) by BGPAdvertisement ${first.advertisement}${more} asks for it.`;
}

function lastDown({ neighbor }: Circumstances): string {
  return neighbor?.lastDown ? `: ${neighbor.lastDown.text}` : '';
}

function via({ received }: Circumstances): string {
  return received === null ? '' : ` via ${value(received.nextHop)}`;
}

function until({ received }: Circumstances): string {
  return received?.staleUntil ? `, at most until ${received.staleUntil}` : '';
}

function staleConfig(c: Circumstances): string {
  return c.staleConfig === null ? '' : ` (refused at present: ${c.staleConfig})`;
}

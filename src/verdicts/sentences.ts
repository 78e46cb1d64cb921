/** Parts shared by the sentences of several reasons. */

import type { ExpectedRoute, ObjectRef } from '../metallb/types.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { Neighbor, RouteJson } from '../rib/types.ts';
import type { FieldMask, fieldNames } from './compare.ts';
import type { RuleTally, Severity, VerdictWord } from './types.ts';

/** The data that sentences use. */
export interface Circumstances {
  prefix: string;
  node: string | null;
  bgpPeer: string | null;
  neighbor: Neighbor | null;
  expected: ExpectedRoute | null;
  received: RouteJson | null;
  fields: FieldMask;
  /** The sentence of the verdict that follows `pending`. */
  underlying: string | null;
  /** RFC 3339 */
  deadline: string | null;
  /** MetalLB's reason for not announcing. */
  whyNot: { reason: string; text: string; objects: ObjectRef[] } | null;
  /** The FRRConfiguration, not MetalLB's, that announces the route. */
  foreign: ObjectRef | null;
  /** Why the speaker of the node runs with an earlier configuration. */
  staleConfig: string | null;
  /** The overlay rule that decided. */
  rule: OverlayRule | null;
  /** The expected route that a rule forbids. */
  asked: ExpectedRoute | null;
  /** For the row of a rule: the sessions that satisfy it, and those that do not. */
  tally: RuleTally | null;
}

export interface VerdictReason {
  verdict: VerdictWord;
  severity: Severity;
  sentence(c: Circumstances): string;
}

/** Joins sentences, without empty ones. */
export const join = (...sentences: string[]): string =>
  sentences.reduce((text, sentence) => (text && sentence ? `${text} ${sentence}` : text || sentence), '');

export function difference(
  field: ReturnType<typeof fieldNames>[number],
  { expected, received }: Circumstances,
): string {
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

export function value(it: unknown): string {
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

/** `node-a → tor-1 (192.0.2.11)`, as far as it is known. */
export function who({ node, bgpPeer, neighbor }: Circumstances): string {
  const address = neighbor?.remoteAddress;
  if (node === null) return address === undefined ? 'a neighbor' : `neighbor ${address}`;
  return `${node}${bgpPeer === null ? '' : ` → ${bgpPeer}`}${address === undefined ? '' : ` (${address})`}`;
}

/** The first Service that produces the route, and the number of others. */
export function because({ expected }: Circumstances): string {
  const [first, ...others] = expected?.chain ?? [];
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `Expected for Service ${first.service} (${first.ip}, pool ${first.pool}) by BGPAdvertisement ${first.advertisement}${more}.`;
}

export function lastDown({ neighbor }: Circumstances): string {
  return neighbor?.lastDown ? `: ${neighbor.lastDown.text}` : '';
}

export function via({ received }: Circumstances): string {
  return received === null ? '' : ` via ${value(received.nextHop)}`;
}

export function until({ received }: Circumstances): string {
  return received?.staleUntil ? `, until ${received.staleUntil} at the latest` : '';
}

export function staleConfig(c: Circumstances): string {
  return c.staleConfig === null ? '' : ` (not applied: ${c.staleConfig})`;
}

/** Parts that the sentences of several reasons are made of. */

import type { ExpectedRoute, ObjectRef } from '../metallb/types.ts';
import type { OverlayRule } from '../overlay/rule.ts';
import type { Neighbor, RouteJson } from '../rib/types.ts';
import type { FieldMask, fieldNames } from './compare.ts';
import type { RuleTally, Severity, VerdictWord } from './types.ts';

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
  /** The hand-written rule that decided. */
  rule: OverlayRule | null;
  /** Objects ask for the route that a rule forbids. */
  asked: ExpectedRoute | null;
  /** Who keeps the rule whose own row it is, and who does not. */
  tally: RuleTally | null;
}

export interface VerdictReason {
  verdict: VerdictWord;
  severity: Severity;
  sentence(c: Circumstances): string;
}

/** Sentences in a row; empty ones are left out. */
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

/** `node-a → tor-1 (192.0.2.11)`, with what is known of it. */
export function who({ node, bgpPeer, neighbor }: Circumstances): string {
  const address = neighbor?.remoteAddress;
  if (node === null) return address === undefined ? 'a neighbor' : `neighbor ${address}`;
  return `${node}${bgpPeer === null ? '' : ` → ${bgpPeer}`}${address === undefined ? '' : ` (${address})`}`;
}

/** The first service that asks for the route, and how many others do. */
export function because({ expected }: Circumstances): string {
  const [first, ...others] = expected?.chain ?? [];
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `Service ${first.service} (${first.ip}, pool ${first.pool}) by BGPAdvertisement ${first.advertisement}${more} asks for it.`;
}

export function lastDown({ neighbor }: Circumstances): string {
  return neighbor?.lastDown ? `: ${neighbor.lastDown.text}` : '';
}

export function via({ received }: Circumstances): string {
  return received === null ? '' : ` via ${value(received.nextHop)}`;
}

export function until({ received }: Circumstances): string {
  return received?.staleUntil ? `, at most until ${received.staleUntil}` : '';
}

export function staleConfig(c: Circumstances): string {
  return c.staleConfig === null ? '' : ` (refused at present: ${c.staleConfig})`;
}

/** One hand-written rule: its form in YAML and JSON, and its checked form. */
import { z } from 'zod';
import { canonicalAddress, formatPrefix, parsePrefix } from '../ip.ts';

/** Rules per layer; names per selector. */
export const maxRules = 1_000;
export const maxNames = 1_000;
/** Maximum lifetime of an `ignore` rule from when it is read, ms: a leap year. */
export const maxIgnoreMs = 366 * 24 * 3_600_000;

/** Verdicts that an `ignore` rule can cover: differences, not unknown or pending ones. */
export const differences = ['missing', 'unexpected', 'mismatch', 'stale'] as const;
export type DifferenceWord = (typeof differences)[number];

/** Attributes by their names in verdicts. */
const attributes = ['nextHop', 'asPath', 'localPref', 'med', 'origin', 'communities', 'largeCommunities'] as const;

const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1).max(maxNames)]);
const name = z.string().min(1).max(253);

const prefix = z
  .string()
  .max(64)
  .transform((text, context) => {
    const value = parsePrefix(text);
    if (value && parsePrefix(text, { strict: true })) return formatPrefix(value);
    const message = value
      ? `has host bits set: write ${formatPrefix(value)}`
      : 'expected a prefix such as 203.0.113.0/24';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const address = z
  .string()
  .max(64)
  .transform((text, context) => {
    const value = canonicalAddress(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: 'expected an IPv4 or IPv6 address' });
    return z.NEVER;
  });

/** Groups of decimal digits up to these maxima. */
const numbers = (max: readonly number[]) => (text: string) => {
  const parts = text.split(':');
  return parts.length === max.length && parts.every((part, i) => /^\d{1,10}$/.test(part) && Number(part) <= max[i]!);
};
const community = z.string().refine(numbers([0xffff, 0xffff]), { error: 'expected a community such as 64512:100' });
const largeCommunity = z
  .string()
  .refine(numbers([0xffff_ffff, 0xffff_ffff, 0xffff_ffff]), { error: 'expected a large community such as 64512:1:2' });

const moment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/i;
/** RFC 3339 has four-digit years. */
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A date means its end in UTC: a rule that expires on the 31st is in effect all that day. */
const instant = z.string().transform((text, context) => {
  const date = text.slice(0, 10);
  const [day, at] = [Date.parse(date), moment.test(text) ? Date.parse(text) : Number.NaN];
  // Date.parse takes February 30 for a day in March
  if (!Number.isNaN(at) && new Date(day).toISOString().startsWith(date))
    return Math.min(text === date ? at + 24 * 3_600_000 : at, lastInstant);
  context.addIssue({ code: 'custom', message: 'expected a date such as 2026-12-31, or an RFC 3339 time' });
  return z.NEVER;
});

/** Selects sessions: all given keys must match, and a key left out matches all. */
const selectors = {
  node: oneOrMore(name).optional().describe('Node, or list of nodes'),
  bgpPeer: oneOrMore(name).optional().describe('BGPPeer, or list of BGPPeers'),
  neighbor: oneOrMore(address).optional().describe('Remote address of the session, or list of addresses'),
};

export const RuleInput = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, {
      error: 'expected at most 100 letters, digits, dots, dashes and underscores',
    })
    .describe('Name of the rule in verdicts'),
  rule: z
    .enum(['must', 'must-not', 'ignore'])
    .describe(
      'must: the prefix must be announced; must-not: it must not be, even if objects ask for it; ' +
        'ignore: an accepted difference gets the verdict `suppressed`',
    ),
  prefix,
  match: z
    .enum(['exact', 'longer', 'covering'])
    .optional()
    .describe(
      'exact (default); longer: also prefixes within it; covering: also prefixes that contain it. `must` is exact',
    ),
  ...selectors,
  atLeast: z
    .int()
    .min(1)
    .max(maxNames)
    .optional()
    .describe(
      'must: how many of the listed nodes or neighbors must announce it; default: all, or one if none is listed',
    ),
  communities: z.array(community).max(100).optional().describe('must: the route has these, perhaps among others'),
  largeCommunities: z
    .array(largeCommunity)
    .max(100)
    .optional()
    .describe('must: the route has these, perhaps among others'),
  localPref: z.int().min(0).max(0xffff_ffff).optional().describe('must: LOCAL_PREF'),
  nextHop: oneOrMore(address).optional().describe('must: NEXT_HOP, or list of allowed ones'),
  asPath: z.array(z.int().min(0).max(0xffff_ffff)).max(255).optional().describe('must: the exact AS_PATH'),
  verdict: oneOrMore(z.enum(differences)).optional().describe('ignore: only these verdicts; default: all'),
  fields: z
    .array(z.enum(attributes))
    .min(1)
    .max(attributes.length)
    .optional()
    .describe('ignore: only if no other attributes differ'),
  reason: z.string().trim().min(1).max(1_000).describe('Why the rule exists'),
  owner: z.string().trim().min(1).max(200).describe('Whom to ask about the rule'),
  expires: instant
    .optional()
    .describe('When the rule expires: a date (its end in UTC) or an RFC 3339 time; required for `ignore`'),
});

/** A rule as written. */
export type WrittenRule = z.input<typeof RuleInput>;
type ParsedRule = z.output<typeof RuleInput>;

/** Where a rule is written. */
export interface RulePlace {
  file: string;
  /** 1-based. */
  line?: number;
}

interface Common {
  id: string;
  /** Canonical. */
  prefix: string;
  /** Empty: any. */
  nodes: readonly string[];
  bgpPeers: readonly string[];
  /** Canonical addresses. */
  neighbors: readonly string[];
  reason: string;
  owner: string;
  /** epoch ms of its expiry; null: never. */
  expires: number | null;
  /** As written, for the API. */
  written: WrittenRule;
  place: RulePlace | null;
}

export interface MustRule extends Common {
  rule: 'must';
  match: 'exact';
  /** How many of the selected announcers must announce it. */
  atLeast: number;
  communities: readonly string[];
  largeCommunities: readonly string[];
  /** null: any. */
  localPref: number | null;
  /** Empty: any. */
  nextHops: readonly string[];
  asPath: readonly number[] | null;
}

export interface MustNotRule extends Common {
  rule: 'must-not';
  match: 'exact' | 'longer' | 'covering';
}

export interface IgnoreRule extends Common {
  rule: 'ignore';
  match: 'exact' | 'longer' | 'covering';
  expires: number;
  verdicts: readonly DifferenceWord[];
  /** null: any. */
  fields: readonly string[] | null;
}

export type OverlayRule = MustRule | MustNotRule | IgnoreRule;

/** A problem of a rule, and its key. */
export interface RuleIssue {
  key: string | null;
  text: string;
}

const onlyFor: Partial<Record<keyof ParsedRule, OverlayRule['rule']>> = {
  atLeast: 'must',
  communities: 'must',
  largeCommunities: 'must',
  localPref: 'must',
  nextHop: 'must',
  asPath: 'must',
  verdict: 'ignore',
  fields: 'ignore',
};

/** Checks beyond the schema: combinations of keys, and the lifetime of `ignore` rules from `now` (epoch ms). */
export function issuesOf(rule: ParsedRule, now: number): RuleIssue[] {
  const issues: RuleIssue[] = [];
  const { rule: kind, match, expires, atLeast } = rule;
  for (const [key, owner] of Object.entries(onlyFor))
    if (rule[key as keyof ParsedRule] !== undefined && kind !== owner)
      issues.push({ key, text: `applies only to ${owner} rules; remove it` });
  if (kind === 'must' && match !== undefined && match !== 'exact')
    issues.push({
      key: 'match',
      text: 'a must rule has exactly one prefix: remove match, or write one rule per prefix',
    });
  const named = namedBy(rule);
  if (kind === 'must' && atLeast !== undefined && named > 0 && atLeast > named)
    issues.push({ key: 'atLeast', text: `${atLeast} exceeds the ${named} listed: list more nodes or lower it` });
  if (kind === 'ignore' && expires === undefined)
    issues.push({ key: 'expires', text: 'missing: an ignore rule must expire within a year' });
  if (kind === 'ignore' && expires !== undefined && expires > now + maxIgnoreMs)
    issues.push({ key: 'expires', text: 'more than a year ahead: an ignore rule must expire within a year' });
  return issues;
}

/** Number of nodes, or else neighbors, that a rule lists; 0: none, it applies to all. */
const namedBy = ({ node, neighbor }: ParsedRule): number => new Set(listOf(node ?? neighbor)).size;

/** The rule of a checked input. */
export function ruleOf(parsed: ParsedRule, written: WrittenRule, place: RulePlace | null): OverlayRule {
  const { id, rule, prefix, match = 'exact', node, bgpPeer, neighbor, reason, owner, expires = null } = parsed;
  const common: Common = {
    id,
    prefix,
    nodes: unique(node),
    bgpPeers: unique(bgpPeer),
    neighbors: unique(neighbor),
    reason,
    owner,
    expires,
    written,
    place,
  };
  switch (rule) {
    case 'must':
      return {
        ...common,
        rule,
        match: 'exact',
        atLeast: parsed.atLeast ?? Math.max(1, namedBy(parsed)),
        communities: parsed.communities ?? [],
        largeCommunities: parsed.largeCommunities ?? [],
        localPref: parsed.localPref ?? null,
        nextHops: unique(parsed.nextHop),
        asPath: parsed.asPath ?? null,
      };
    case 'must-not':
      return { ...common, rule, match };
    case 'ignore':
      return {
        ...common,
        rule,
        match,
        expires: expires!,
        verdicts: parsed.verdict === undefined ? differences : listOf(parsed.verdict),
        fields: parsed.fields ?? null,
      };
    default:
      return rule satisfies never;
  }
}

const listOf = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : ([value].flat() as T[]));
const unique = <T>(value: T | T[] | undefined): T[] => [...new Set(listOf(value))];

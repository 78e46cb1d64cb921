/** What one hand-written rule may say: the form in YAML and JSON, and what it means once it is checked. */
import { z } from 'zod';
import { canonicalAddress, formatPrefix, parsePrefix } from '../ip.ts';

/** Rules of one layer; names in one selector. */
export const maxRules = 1_000;
export const maxNames = 1_000;
/** Longest life of an `ignore` rule from when it is read, ms: a year, and a day for leap years. */
export const maxIgnoreMs = 366 * 24 * 3_600_000;

/** What an `ignore` rule can cover: verdicts that are a difference, not a doubt. */
export const differences = ['missing', 'unexpected', 'mismatch', 'stale'] as const;
export type DifferenceWord = (typeof differences)[number];

/** Attributes by the names that verdicts give them. */
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

/** Groups of decimal digits, each of which fits its field. */
const numbers = (most: readonly number[]) => (text: string) => {
  const parts = text.split(':');
  return parts.length === most.length && parts.every((part, i) => /^\d{1,10}$/.test(part) && Number(part) <= most[i]!);
};
const community = z.string().refine(numbers([0xffff, 0xffff]), { error: 'expected a community such as 64512:100' });
const largeCommunity = z
  .string()
  .refine(numbers([0xffff_ffff, 0xffff_ffff, 0xffff_ffff]), { error: 'expected a large community such as 64512:1:2' });

const moment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/i;
/** RFC 3339 has years of four digits. */
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A day means its end, UTC: a rule that expires on the 31st still holds that evening. */
const instant = z.string().transform((text, context) => {
  const date = text.slice(0, 10);
  const [day, at] = [Date.parse(date), moment.test(text) ? Date.parse(text) : Number.NaN];
  // the 30th of February would be taken for a day of March
  if (!Number.isNaN(at) && new Date(day).toISOString().startsWith(date))
    return Math.min(text === date ? at + 24 * 3_600_000 : at, lastInstant);
  context.addIssue({ code: 'custom', message: 'expected a date such as 2026-12-31, or an RFC 3339 time' });
  return z.NEVER;
});

/** Which sessions a rule is about; all given keys must hold, and one that is left out holds for all. */
const selectors = {
  node: oneOrMore(name).optional().describe('Node, or list of nodes'),
  bgpPeer: oneOrMore(name).optional().describe('BGPPeer, or list of them'),
  neighbor: oneOrMore(address).optional().describe('Address that the session comes from, or list of them'),
};

export const RuleInput = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, { error: 'expected at most 100 letters, digits, dots, dashes' })
    .describe('Its name in verdicts'),
  rule: z
    .enum(['must', 'must-not', 'ignore'])
    .describe(
      'must: the prefix has to be announced; must-not: it must not, whatever objects ask for; ' +
        'ignore: a difference that is known and accepted becomes the verdict `suppressed`',
    ),
  prefix,
  match: z
    .enum(['exact', 'longer', 'covering'])
    .optional()
    .describe('exact (default); longer: and everything within; covering: and everything around it. `must` is exact'),
  ...selectors,
  atLeast: z
    .int()
    .min(1)
    .max(maxNames)
    .optional()
    .describe('must: how many of the nodes (or neighbors) named announce it; default all of them, or one if none is'),
  communities: z.array(community).max(100).optional().describe('must: it carries these, maybe among others'),
  largeCommunities: z.array(largeCommunity).max(100).optional().describe('must: it carries these, maybe among others'),
  localPref: z.int().min(0).max(0xffff_ffff).optional().describe('must: LOCAL_PREF'),
  nextHop: oneOrMore(address).optional().describe('must: NEXT_HOP is this, or one of these'),
  asPath: z.array(z.int().min(0).max(0xffff_ffff)).max(255).optional().describe('must: exactly this AS_PATH'),
  verdict: oneOrMore(z.enum(differences)).optional().describe('ignore: only these; default all'),
  fields: z
    .array(z.enum(attributes))
    .min(1)
    .max(attributes.length)
    .optional()
    .describe('ignore: only if no other attribute differs'),
  reason: z.string().trim().min(1).max(1_000).describe('Why it is there'),
  owner: z.string().trim().min(1).max(200).describe('Who knows more'),
  expires: instant.optional().describe('When it stops: a date (its end, UTC) or an RFC 3339 time; `ignore` needs it'),
});

/** A rule as it was written. */
export type WrittenRule = z.input<typeof RuleInput>;
type ParsedRule = z.output<typeof RuleInput>;

/** Where a rule stands. */
export interface RulePlace {
  file: string;
  /** 1-based. */
  line?: number;
}

interface Common {
  id: string;
  /** Canonical. */
  prefix: string;
  /** Empty = any. */
  nodes: readonly string[];
  bgpPeers: readonly string[];
  /** Canonical addresses. */
  neighbors: readonly string[];
  reason: string;
  owner: string;
  /** epoch ms from which it holds no more; null = never. */
  expires: number | null;
  /** As it was written, for who asks. */
  written: WrittenRule;
  place: RulePlace | null;
}

export interface MustRule extends Common {
  rule: 'must';
  match: 'exact';
  /** How many of those selected have to announce it. */
  atLeast: number;
  communities: readonly string[];
  largeCommunities: readonly string[];
  /** null = any. */
  localPref: number | null;
  /** Empty = any. */
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
  /** null = whatever differs. */
  fields: readonly string[] | null;
}

export type OverlayRule = MustRule | MustNotRule | IgnoreRule;

/** What is wrong with a rule, and with which of its keys. */
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

/** What the form alone cannot say: keys that do not go together, and how long a difference may be ignored from `now` (epoch ms). */
export function issuesOf(rule: ParsedRule, now: number): RuleIssue[] {
  const issues: RuleIssue[] = [];
  const { rule: kind, match, expires, atLeast } = rule;
  for (const [key, owner] of Object.entries(onlyFor))
    if (rule[key as keyof ParsedRule] !== undefined && kind !== owner)
      issues.push({ key, text: `is for rules ${owner}; remove it` });
  if (kind === 'must' && match !== undefined && match !== 'exact')
    issues.push({
      key: 'match',
      text: 'a rule must is about one prefix: remove match, or write a rule for each prefix',
    });
  const named = namedBy(rule);
  if (kind === 'must' && atLeast !== undefined && named > 0 && atLeast > named)
    issues.push({ key: 'atLeast', text: `${atLeast} of ${named} cannot be: name more nodes or lower it` });
  if (kind === 'ignore' && expires === undefined)
    issues.push({ key: 'expires', text: 'is missing: a difference is ignored until a date, at most a year ahead' });
  if (kind === 'ignore' && expires !== undefined && expires > now + maxIgnoreMs)
    issues.push({ key: 'expires', text: 'is more than a year ahead: a difference is ignored for a year at most' });
  return issues;
}

/** How many nodes, or else neighbors, a rule names; 0 = none, it is about all. */
const namedBy = ({ node, neighbor }: ParsedRule): number => new Set(listOf(node ?? neighbor)).size;

/** A checked rule as the rest goes by it. */
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

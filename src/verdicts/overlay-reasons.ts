/** Reasons that come from overlay rules instead of the cluster's objects. */
import type { OverlayRule } from '../overlay/rule.ts';
import { formatWall } from '../rib/time.ts';
import { because, type Circumstances, join, type VerdictReason, via, who } from './sentences.ts';
import type { Lacking } from './types.ts';

/** Sessions named in the sentence about one rule. */
const maxNamed = 5;

export const overlayReasons = {
  'must-announced': {
    verdict: 'ok',
    severity: 'none',
    sentence: (c) => join(`${who(c)} announces ${c.prefix}${via(c)}, as ${ruleText(c)} requires.`),
  },
  'must-kept': {
    verdict: 'ok',
    severity: 'none',
    sentence: (c) => `${count(c)} ${c.prefix}, as ${ruleText(c)} requires.`,
  },
  'must-missing': {
    verdict: 'missing',
    severity: 'critical',
    sentence: (c) => join(`${c.prefix} is missing: ${count(c)} it, but ${wanted(c)}.`, lacking(c), why(c)),
  },
  'must-mismatch': {
    verdict: 'mismatch',
    severity: 'warning',
    sentence: (c) => join(`${c.prefix} is announced with the wrong attributes: ${wanted(c)}.`, lacking(c), why(c)),
  },
  'must-unknown': {
    verdict: 'unknown',
    severity: 'info',
    sentence: (c) => join(`${c.prefix} has no verdict yet: ${wanted(c)}.`, lacking(c)),
  },
  'must-not-announced': {
    verdict: 'unexpected',
    severity: 'critical',
    sentence: (c) =>
      join(
        `${who(c)} announces ${c.prefix}${via(c)}, but ${ruleText(c)} forbids it.`,
        because({ ...c, expected: c.asked }),
        why(c),
      ),
  },
  suppressed: {
    verdict: 'suppressed',
    severity: 'none',
    sentence: (c) =>
      join(`Accepted until ${expiry(c.rule)} by ${ruleText(c)}.`, why(c), `The difference: ${c.underlying}`),
  },
} as const satisfies Record<string, VerdictReason>;

/** `rule anycast-dns (owner dns-team)` */
function ruleText({ rule }: Circumstances): string {
  return rule === null ? 'a rule of the overlay' : `rule ${rule.id} (owner ${rule.owner})`;
}

const why = ({ rule }: Circumstances): string => (rule === null ? '' : `Reason: ${ended(rule.reason)}`);
const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function expiry(rule: OverlayRule | null): string {
  return rule?.expires == null ? 'further notice' : formatWall(rule.expires);
}

/** `2 of 3 nodes announce` */
function count({ tally }: Circumstances): string {
  if (tally === null) return 'no session announces';
  const { announcing, named, unit } = tally;
  if (named === 0) return announcing === 0 ? 'no session announces' : `${announcing} announce`;
  return `${announcing} of ${named} ${unit}${named === 1 ? ' announces' : 's announce'}`;
}

/** `rule x (owner y) requires at least 2 of node-a, node-b, node-c to announce it to tor-1` */
function wanted(c: Circumstances): string {
  const { rule } = c;
  if (rule?.rule !== 'must') return `${ruleText(c)} requires it`;
  const { nodes, neighbors, bgpPeers, atLeast } = rule;
  const names = nodes.length > 0 ? nodes : neighbors;
  const all = listed(names);
  const who =
    names.length === 0
      ? `at least ${atLeast} session${atLeast === 1 ? '' : 's'}`
      : atLeast === names.length
        ? all
        : `at least ${atLeast} of ${all}`;
  const peers = bgpPeers.length === 0 ? '' : ` to ${listed(bgpPeers)}`;
  return `${ruleText(c)} requires ${who} to announce it${peers}${attributes(rule)}`;
}

function attributes(rule: Extract<OverlayRule, { rule: 'must' }>): string {
  const parts = [
    rule.communities.length > 0 && `communities ${rule.communities.join(' ')}`,
    rule.largeCommunities.length > 0 && `large communities ${rule.largeCommunities.join(' ')}`,
    rule.localPref !== null && `local preference ${rule.localPref}`,
    rule.nextHops.length > 0 && `next hop ${rule.nextHops.join(' or ')}`,
    rule.asPath !== null && `AS path ${rule.asPath.join(' ') || 'empty'}`,
  ].filter(Boolean);
  return parts.length === 0 ? '' : ` with ${parts.join(', ')}`;
}

function lacking({ tally }: Circumstances): string {
  if (tally === null || tally.lacking.length === 0) return '';
  const named = tally.lacking.slice(0, maxNamed).map(({ who, what }: Lacking) => `${who}: ${what}`);
  const more = tally.lacking.length - named.length;
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

function listed(names: readonly string[]): string {
  const more = names.length - maxNamed;
  return more > 0 ? `${names.slice(0, maxNamed).join(', ')} and ${more} more` : names.join(', ');
}

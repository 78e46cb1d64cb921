/** The search keys of each view, their REST parameters, and how to interpret a word without a key. */
import { type FilterKey, looksLikePrefix, type Vocabulary } from './filter.ts';
import { severityOrder } from './severity.ts';
import { l2VerdictOrder, verdictOrder } from './verdicts.ts';

/** A key that passes its value to one parameter. */
function key(parameter: string, help: string, example: string, pattern?: RegExp): FilterKey {
  const compile = (value: string) =>
    pattern && !pattern.test(value) ? `invalid value “${value}”; example: ${example}` : { [parameter]: value };
  return { help, example, compile };
}

function prefixKey(match: string, help: string, example: string): FilterKey {
  const compile = (value: string) =>
    looksLikePrefix(value) ? { prefix: value, match } : `invalid prefix “${value}”; example: ${example}`;
  return { help, example, compile };
}

function wordKey(parameter: string, help: string, words: readonly string[]): FilterKey {
  const compile = (value: string) => {
    const unknown = value.split(',').find((word) => !words.includes(word));
    return unknown === undefined ? { [parameter]: value } : `invalid value “${unknown}”: use ${words.join(', ')}`;
  };
  return { help, example: words[0]!, compile };
}

const verdictWords: readonly string[] = verdictOrder;
const verdictKey = wordKey('verdict', 'verdicts, comma-separated; !ok = all except ok', verdictWords);
const verdict: FilterKey = {
  ...verdictKey,
  compile: (value) =>
    value.startsWith('!') && verdictWords.includes(value.slice(1))
      ? { verdict: verdictWords.filter((word) => word !== value.slice(1)).join(',') }
      : verdictKey.compile(value),
};
const node = key('node', 'Kubernetes node', 'worker-1');
const neighbor = key('neighbor', 'neighbor id or address', '192.0.2.11');
const service = key('service', 'Service as namespace/name', 'default/web', /^[^/]+\/[^/]+$/);
const pool = key('pool', 'IPAddressPool', 'pool-1');
const advertisement = key('advertisement', 'BGPAdvertisement', 'adv-1');
const asn = /^(AS)?\d+$/i;

/** Received routes and the live feed: the parameters of `/routes`. */
export const routeVocabulary: Vocabulary = {
  anyOf: new Set(['neighbor', 'node', 'community', 'largeCommunity', 'verdict']),
  keys: {
    prefix: prefixKey('exact', 'exact prefix', '203.0.113.10/32'),
    within: prefixKey('longer', 'this prefix and more-specifics', '203.0.113.0/24'),
    covering: prefixKey('covering', 'prefixes that cover it', '203.0.113.10'),
    longest: prefixKey('longest', 'longest match for an address', '203.0.113.10'),
    node,
    neighbor,
    verdict,
    community: key('community', 'standard community', '64512:100', /^[\w-]+:[\w-]+$|^[a-z-]+$/i),
    large: key('largeCommunity', 'large community', '64512:1:2', /^\d+:\d+:\d+$/),
    nexthop: key('nextHop', 'next hop', '192.0.2.11'),
    path: key('asPath', 'AS path contains', '64512'),
    origin: { ...key('originAsn', 'origin AS', '64512', asn), compile: compileOrigin },
    service,
    pool,
    advertisement,
    family: wordKey('family', 'address family', ['4', '6']),
    stale: wordKey('stale', 'kept from an ended session', ['true', 'false']),
  },
  guess(word) {
    if (verdictWords.includes(word)) return { key: 'verdict', value: word };
    if (/^\d+:\d+$/.test(word)) return { key: 'community', value: word };
    if (/^\d+:\d+:\d+$/.test(word)) return { key: 'large', value: word };
    if (/^AS\d+$/i.test(word)) return { key: 'origin', value: word };
    if (word.includes('/') && looksLikePrefix(word)) return { key: 'within', value: word };
    if (looksLikePrefix(word)) return { key: 'longest', value: word };
    const partial = partialIPv4(word);
    if (partial !== undefined) return { key: 'within', value: partial };
    if (/^[^/]+\/[^/]+$/.test(word)) return { key: 'service', value: word };
    return { key: 'node', value: word };
  },
};

/** Checks: the parameters of `/checks`. */
export const checkVocabulary: Vocabulary = {
  anyOf: new Set(['verdict']),
  keys: {
    verdict,
    prefix: key('prefix', 'exact prefix', '203.0.113.10/32'),
    node,
    peer: key('bgpPeer', 'BGPPeer', 'tor-1'),
    neighbor,
    service,
    pool,
    advertisement,
  },
  guess(word) {
    if (verdictWords.includes(word)) return { key: 'verdict', value: word };
    if (looksLikePrefix(word)) return { key: 'prefix', value: hostPrefix(word) };
    if (/^[^/]+\/[^/]+$/.test(word)) return { key: 'service', value: word };
    return { key: 'node', value: word };
  },
};

/** Diagnoses: the parameters of `/diagnoses`. */
export const diagnosisVocabulary: Vocabulary = {
  anyOf: new Set(['severity', 'code']),
  keys: {
    severity: wordKey('severity', 'severities, comma-separated', severityOrder),
    code: key('code', 'diagnosis code', 'hot-reconnect-loop'),
    node,
    neighbor,
    service,
    prefix: key('prefix', 'exact prefix', '203.0.113.10/32'),
  },
  guess(word) {
    if ((severityOrder as readonly string[]).includes(word)) return { key: 'severity', value: word };
    if (looksLikePrefix(word)) return { key: 'prefix', value: hostPrefix(word) };
    if (/^[^/]+\/[^/]+$/.test(word)) return { key: 'service', value: word };
    return { key: 'node', value: word };
  },
};

/** Layer 2: the parameters of `/l2`. */
export const l2Vocabulary: Vocabulary = {
  anyOf: new Set(['verdict', 'node']),
  keys: {
    verdict: wordKey('verdict', 'verdicts, comma-separated', l2VerdictOrder),
    service,
    address: key('address', 'Service address', '203.0.113.10'),
    node,
  },
  guess(word) {
    if ((l2VerdictOrder as readonly string[]).includes(word)) return { key: 'verdict', value: word };
    if (looksLikePrefix(word)) return { key: 'address', value: word.replace(/\/.*$/, '') };
    if (/^[^/]+\/[^/]+$/.test(word)) return { key: 'service', value: word };
    return { key: 'node', value: word };
  },
};

/** The prefix of a half-typed address such as `203.0` or `203.0.113.`. */
function partialIPv4(word: string): string | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){0,2}\.?$/.test(word) || !word.includes('.')) return undefined;
  const octets = word.split('.').filter(Boolean);
  if (octets.some((octet) => Number(octet) > 255)) return undefined;
  return `${[...octets, '0', '0', '0'].slice(0, 4).join('.')}/${8 * octets.length}`;
}

function hostPrefix(word: string): string {
  return word.includes('/') ? word : `${word}/${word.includes(':') ? 128 : 32}`;
}

function compileOrigin(value: string): Record<string, string> | string {
  return asn.test(value) ? { originAsn: value.replace(/^AS/i, '') } : `invalid AS number “${value}”; example: 64512`;
}

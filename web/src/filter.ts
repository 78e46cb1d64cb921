/**
 * Parses the search box: `within:10.0.0.0/8 node:worker-1 community:64512:100 verdict:missing`. The text becomes
 * parameters of the REST resource, which are also the filter keys of the live feed. The key of a word without one is
 * guessed from its format.
 */

/** One key of the search box. */
export interface FilterKey {
  /** One line for the suggestions below the box. */
  help: string;
  example: string;
  /** The REST parameters of a value, or an error text. */
  compile(value: string): Record<string, string> | string;
}

/** The keys of one view, and how to interpret words without a key. */
export interface Vocabulary {
  keys: Readonly<Record<string, FilterKey>>;
  /** Parameters that accept several values and match any of them. */
  anyOf: ReadonlySet<string>;
  guess(word: string): Term | undefined;
}

export interface Term {
  key: string;
  value: string;
}

export interface Filter {
  terms: Term[];
  /** REST parameters. */
  query: Record<string, string>;
  /** One sentence per invalid term; `query` omits such terms. */
  problems: string[];
}

/** Maximum terms; more are pasted text, not a search. */
export const maxTerms = 20;

/** Parses the text of the box. Never throws: invalid terms become problems, and the others still apply. */
export function parseFilter(text: string, vocabulary: Vocabulary): Filter {
  const filter: Filter = { terms: [], query: {}, problems: [] };
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length > maxTerms) filter.problems.push(`Only the first ${maxTerms} terms are used.`);
  for (const word of words.slice(0, maxTerms)) {
    const term = keyed(word, vocabulary) ?? vocabulary.guess(word);
    if (term === undefined) filter.problems.push(`Invalid term “${word}”.`);
    else add(filter, term, vocabulary);
  }
  return filter;
}

const keyOf = (key: string, { keys }: Vocabulary): FilterKey | undefined =>
  Object.hasOwn(keys, key) ? keys[key] : undefined;

function add(filter: Filter, term: Term, vocabulary: Vocabulary): void {
  if (term.value === '')
    return void filter.problems.push(`${term.key}: needs a value, for example ${example(term.key, vocabulary)}.`);
  const compiled = keyOf(term.key, vocabulary)?.compile(term.value);
  if (compiled === undefined) return void filter.problems.push(unknownKey(term.key, vocabulary));
  if (typeof compiled === 'string') return void filter.problems.push(`${term.key}: ${compiled}.`);
  const taken = Object.keys(compiled).find((parameter) => parameter in filter.query);
  if (taken === undefined) Object.assign(filter.query, compiled);
  else if (vocabulary.anyOf.has(taken)) filter.query[taken] += `,${compiled[taken]}`;
  else return void filter.problems.push(`Ignoring ${term.key}:${term.value}: only one ${taken} is allowed.`);
  filter.terms.push(term);
}

/** Sets the term `key:value` in `text`, replacing other terms of that key; removes it if present. */
export function toggleTerm(text: string, key: string, value: string, vocabulary: Vocabulary): string {
  const words = text.split(/\s+/).filter(Boolean);
  const others = words.filter((word) => (keyed(word, vocabulary) ?? vocabulary.guess(word))?.key !== key);
  const had = words.some((word) => {
    const term = keyed(word, vocabulary) ?? vocabulary.guess(word);
    return term?.key === key && term.value === value;
  });
  return (had ? others : [...others, `${key}:${value}`]).join(' ');
}

/** Keys to suggest: all while the box is empty, otherwise those that start with the last word. */
export function suggestKeys(text: string, { keys }: Vocabulary): string[] {
  const word = lastWord(text).toLowerCase();
  if (text !== '' && word === '') return [];
  return Object.keys(keys).filter((key) => key.startsWith(word));
}

/** Replaces the last word of `text` with `key:`. */
export function insertKey(text: string, key: string): string {
  return `${text.slice(0, text.length - lastWord(text).length)}${key}:`;
}

const lastWord = (text: string): string => /\S*$/.exec(text)![0];

/** Whether `fields` contain every word of `text`. For lists that the page holds completely. */
export function matchesWords(text: string, fields: readonly (string | number | null | undefined)[]): boolean {
  const haystack = fields.join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

/** Splits `key:value` if the part before the first colon is or looks like a key, unlike in IPv6 and communities. */
function keyed(word: string, { keys }: Vocabulary): Term | undefined {
  const colon = word.indexOf(':');
  if (colon < 1) return undefined;
  const key = word.slice(0, colon).toLowerCase();
  const value = word.slice(colon + 1);
  if (key in keys) return { key, value };
  return /^[a-z]+$/.test(key) && !looksLikePrefix(word) ? { key, value } : undefined;
}

/** A rough check; the server validates. */
export function looksLikePrefix(text: string): boolean {
  const [address = '', length = '0', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address))
    return Number(length) <= 32 && address.split('.').every((octet) => Number(octet) <= 255);
  const colons = address.split(':').length - 1;
  return /^[\da-f:.]+$/i.test(address) && Number(length) <= 128 && (address.includes('::') || colons === 7);
}

function example(key: string, { keys }: Vocabulary): string {
  return `${key}:${keys[key]?.example ?? '…'}`;
}

function unknownKey(key: string, { keys }: Vocabulary): string {
  const near = Object.keys(keys).find((known) => known.startsWith(key) || key.startsWith(known));
  return near
    ? `Unknown key ${key}:, did you mean ${near}:?`
    : `Unknown key ${key}:, use one of ${Object.keys(keys).join(', ')}.`;
}

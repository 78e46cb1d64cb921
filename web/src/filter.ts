/**
 * One search box instead of a form: `within:10.0.0.0/8 node:worker-1 community:64512:100 verdict:missing`. The text
 * compiles to the parameters of the REST resource, which are also the filter keys of the live feed; what a word
 * without a key means is guessed from its looks.
 */

/** What one key of the box does. */
export interface FilterKey {
  /** One line for the help below the box. */
  help: string;
  example: string;
  /** REST parameters for a value; a string says what is wrong with it. */
  compile(value: string): Record<string, string> | string;
}

/** The keys of one view, and what bare words mean there. */
export interface Vocabulary {
  keys: Readonly<Record<string, FilterKey>>;
  /** Parameters that take several values: what has any of them is found. */
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
  /** What could not be understood, one sentence each; such terms are left out of `query`. */
  problems: string[];
}

/** Terms that one box takes; more are a pasted text, not a search. */
export const maxTerms = 20;

/** Reads the box. Never throws: half-typed text gives problems, and the rest still works. */
export function parseFilter(text: string, vocabulary: Vocabulary): Filter {
  const filter: Filter = { terms: [], query: {}, problems: [] };
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length > maxTerms) filter.problems.push(`Only the first ${maxTerms} terms are used.`);
  for (const word of words.slice(0, maxTerms)) {
    const term = keyed(word, vocabulary) ?? vocabulary.guess(word);
    if (term === undefined) filter.problems.push(`“${word}” is not understood here.`);
    else add(filter, term, vocabulary);
  }
  return filter;
}

const keyOf = (key: string, { keys }: Vocabulary): FilterKey | undefined =>
  Object.hasOwn(keys, key) ? keys[key] : undefined;

function add(filter: Filter, term: Term, vocabulary: Vocabulary): void {
  if (term.value === '')
    return void filter.problems.push(`${term.key}: wants a value, e.g. ${example(term.key, vocabulary)}.`);
  const compiled = keyOf(term.key, vocabulary)?.compile(term.value);
  if (compiled === undefined) return void filter.problems.push(unknownKey(term.key, vocabulary));
  if (typeof compiled === 'string') return void filter.problems.push(`${term.key}: ${compiled}.`);
  const taken = Object.keys(compiled).find((parameter) => parameter in filter.query);
  if (taken === undefined) Object.assign(filter.query, compiled);
  else if (vocabulary.anyOf.has(taken)) filter.query[taken] += `,${compiled[taken]}`;
  else
    return void filter.problems.push(
      `${term.key}:${term.value} comes on top of another ${taken}; the first one counts.`,
    );
  filter.terms.push(term);
}

/** `text` with `key:value` in place of any other term of that key; without it when it was there already. */
export function toggleTerm(text: string, key: string, value: string, vocabulary: Vocabulary): string {
  const words = text.split(/\s+/).filter(Boolean);
  const others = words.filter((word) => (keyed(word, vocabulary) ?? vocabulary.guess(word))?.key !== key);
  const had = words.some((word) => {
    const term = keyed(word, vocabulary) ?? vocabulary.guess(word);
    return term?.key === key && term.value === value;
  });
  return (had ? others : [...others, `${key}:${value}`]).join(' ');
}

/** Keys to offer below the box: all while it is empty, else those that the word being typed may become. */
export function suggestKeys(text: string, { keys }: Vocabulary): string[] {
  const word = lastWord(text).toLowerCase();
  if (text !== '' && word === '') return [];
  return Object.keys(keys).filter((key) => key.startsWith(word));
}

/** `text` with `key:` in place of the word being typed. */
export function insertKey(text: string, key: string): string {
  return `${text.slice(0, text.length - lastWord(text).length)}${key}:`;
}

const lastWord = (text: string): string => /\S*$/.exec(text)![0];

/** Whether any of `fields` contains each word of `text`; for lists that the page has whole. */
export function matchesWords(text: string, fields: readonly (string | number | null | undefined)[]): boolean {
  const haystack = fields.join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

/** `key:value`, when the part before the first colon is a key or looks like one; IPv6 and communities do not. */
function keyed(word: string, { keys }: Vocabulary): Term | undefined {
  const colon = word.indexOf(':');
  if (colon < 1) return undefined;
  const key = word.slice(0, colon).toLowerCase();
  const value = word.slice(colon + 1);
  if (key in keys) return { key, value };
  return /^[a-z]+$/.test(key) && !looksLikePrefix(word) ? { key, value } : undefined;
}

/** A shape, not a proof: the server decides. */
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
    ? `There is no ${key}: here; did you mean ${near}: ?`
    : `There is no ${key}: here; there are ${Object.keys(keys).join(', ')}.`;
}

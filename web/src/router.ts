/**
 * The URL is the state of the view: what a link shows is what the sender saw. Everything is behind the `#`, so the
 * server needs no fallback route and the page works under any path.
 *
 *     #/routes?q=within:10.0.0.0/8&open=192.0.2.1/32~3~~
 *     #/prefix/2001:db8::1/128
 *     #/service/default/web
 */

export const views = [
  'overview',
  'diagnoses',
  'checks',
  'explain',
  'l2',
  'neighbors',
  'neighbor',
  'routes',
  'prefix',
  'live',
  'service',
  'node',
  'pool',
  'advertisement',
  'overlay',
  'nowhere',
] as const;
export type ViewName = (typeof views)[number];

/** One place in the page. */
export interface Place {
  view: ViewName;
  /** Neighbor id, prefix or name of an object, for the views of one thing; for `nowhere` what was asked for; else empty. */
  subject: string;
  /** Text of the search box. */
  q: string;
  /** Which verdict or route is open in the drawer; see `Subject`. */
  open: string;
  /** Column that orders the table, with `-` before it for descending. */
  sort: string;
  /** Kinds of entries that a timeline shows, with commas; empty = all. */
  kind: string;
  /** How far back a timeline goes: `15m`, `1h`, `1d`; empty = as far as is known. */
  since: string;
}

const empty: Place = { view: 'overview', subject: '', q: '', open: '', sort: '', kind: '', since: '' };

/** A place with everything not given left empty. */
export function place(view: ViewName, rest: Partial<Omit<Place, 'view'>> = {}): Place {
  return { ...empty, ...rest, view };
}

/** The place that `location.hash` means. No name is the overview, an unknown one is nowhere. */
export function parsePlace(hash: string): Place {
  const [path = '', search = ''] = split(hash.replace(/^#?\/?/, ''), '?');
  const [name = '', subject = ''] = split(path, '/');
  const view = views.find((known) => known === name);
  if (path === '') return empty;
  if (view === undefined) return place('nowhere', { subject: decode(path) });
  const params = new URLSearchParams(search);
  const param = (name: string) => params.get(name) ?? '';
  return {
    view,
    subject: decode(subject),
    q: param('q'),
    open: param('open'),
    sort: param('sort'),
    kind: param('kind'),
    since: param('since'),
  };
}

/** The hash for a place; `parsePlace` of it gives the place again. */
export function formatPlace({ view, subject, ...params }: Place): string {
  const path = subject === '' ? view : `${view}/${readable(subject)}`;
  const search = Object.entries(params)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${readable(value)}`)
    .join('&');
  return `#/${path}${search && `?${search}`}`;
}

/** Which route or verdict a drawer is about: a (prefix, session) pair, where one of the sides may be unknown. */
export interface Subject {
  prefix: string;
  /** Neighbor id; null for a route that no session brought. */
  neighbor: number | null;
  node: string | null;
  bgpPeer: string | null;
  /** The rule `must` whose own row it is; such a row is about no session. */
  rule?: string | null;
}

/** `prefix~neighbor~node~bgpPeer`, and `~rule` where there is one; none of them contains a tilde. */
export function formatSubject({ prefix, neighbor, node, bgpPeer, rule }: Subject): string {
  return [prefix, neighbor ?? '', node ?? '', bgpPeer ?? '', ...(rule ? [rule] : [])].join('~');
}

export function parseSubject(text: string): Subject | undefined {
  const [prefix, neighbor, node, bgpPeer, rule] = text.split('~');
  if (!prefix) return undefined;
  return {
    prefix,
    neighbor: neighbor ? Number(neighbor) : null,
    node: node || null,
    bgpPeer: bgpPeer || null,
    ...(rule && { rule }),
  };
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Percent-encodes, but leaves what prefixes and filters are made of as people write it. */
function readable(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|2F|2C|40|7E)/g, (escaped) => decodeURIComponent(escaped));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray "%" typed by hand
  }
}

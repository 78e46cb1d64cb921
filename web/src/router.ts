/**
 * The URL holds the whole state of the view, so a shared link shows what its sender saw. All of it follows the `#`:
 * the server needs no fallback route, and the page works under any path.
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
  'not-found',
] as const;
export type ViewName = (typeof views)[number];

/** One place in the page. */
export interface Place {
  view: ViewName;
  /** Neighbor id, prefix or object name; for `not-found` the requested path; otherwise empty. */
  subject: string;
  /** Text of the search box. */
  q: string;
  /** The verdict or route in the drawer; see `Subject`. */
  open: string;
  /** Sort column, with a `-` prefix for descending. */
  sort: string;
  /** Kinds of timeline entries, comma-separated; empty = all. */
  kind: string;
  /** Span of the timeline: `15m`, `1h`, `1d`; empty = everything stored. */
  since: string;
}

const empty: Place = { view: 'overview', subject: '', q: '', open: '', sort: '', kind: '', since: '' };

/** A place; omitted fields are empty. */
export function place(view: ViewName, rest: Partial<Omit<Place, 'view'>> = {}): Place {
  return { ...empty, ...rest, view };
}

/** Parses `location.hash`. An empty hash is the overview; an unknown view is `not-found`. */
export function parsePlace(hash: string): Place {
  const [path = '', search = ''] = split(hash.replace(/^#?\/?/, ''), '?');
  const [name = '', subject = ''] = split(path, '/');
  const view = views.find((known) => known === name);
  if (path === '') return empty;
  if (view === undefined) return place('not-found', { subject: decode(path) });
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

/** The hash of a place; the inverse of `parsePlace`. */
export function formatPlace({ view, subject, ...params }: Place): string {
  const path = subject === '' ? view : `${view}/${readable(subject)}`;
  const search = Object.entries(params)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${readable(value)}`)
    .join('&');
  return `#/${path}${search && `?${search}`}`;
}

/** The (prefix, session) pair in a drawer. Either end of the session may be unknown. */
export interface Subject {
  prefix: string;
  /** Neighbor id; null if no session announced the route. */
  neighbor: number | null;
  node: string | null;
  bgpPeer: string | null;
  /** The `must` rule that the row belongs to; such a row has no session. */
  rule?: string | null;
}

/** `prefix~neighbor~node~bgpPeer`, plus `~rule` if set. None of the fields can contain a tilde. */
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

/** Percent-encodes, except the characters that prefixes and filters need to stay readable. */
function readable(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|2F|2C|40|7E)/g, (escaped) => decodeURIComponent(escaped));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray "%"
  }
}

/** Maps look-up results of the API to places of this page. Pure. */
import type { LookupResult } from '../../src/api/schemas.ts';
import { type Place, place } from './router.ts';

/** Minimum length of a look-up; shorter texts match too much. */
export const minLookup = 2;

/** Whether a text can be a name. Several words, or `key:value`, are a search for routes. */
export function isName(text: string): boolean {
  return text.length >= minLookup && !/\s/.test(text) && !/^[a-z]+:(?![\da-f:.]*$)/i.test(text);
}

/** The place that shows a result. */
export function placeOfResult({ kind, label, href }: LookupResult): Place {
  const url = new URL(href, 'http://peerglass');
  const param = (name: string) => url.searchParams.get(name);
  switch (kind) {
    case 'neighbor':
      return place('neighbor', { subject: url.pathname.split('/').at(-1)! });
    case 'pool':
      return place('pool', { subject: label });
    case 'advertisement':
      return place('advertisement', { subject: label });
    case 'bgpPeer':
      return place('checks', { q: `peer:${label}` });
    case 'node':
      return place('node', { subject: label });
    case 'service':
      return place('service', { subject: label });
    case 'prefix':
      return param('match') === 'longer'
        ? place('routes', { q: `within:${label}` })
        : place('prefix', { subject: label });
    case 'asn':
      return place('routes', { q: `origin:${label}` });
    case 'community':
      return place('routes', { q: `community:${label}` });
    case 'largeCommunity':
      return place('routes', { q: `large:${label}` });
  }
}

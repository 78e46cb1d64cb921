/** Search results below the search box: links to what the collector knows by the typed name. */
import type { Envelope, Lookup } from '../../../src/api/schemas.ts';
import { useRead } from '../app.ts';
import { formatCount, plural } from '../format.ts';
import { isName, placeOfResult } from '../lookup.ts';
import { To } from './link.tsx';

/** Milliseconds without a key press before a look-up. */
export const lookupDelay = 200;
/** Results shown. */
const shownResults = 8;

/** Looks up `text`; undefined unless `text` can be a name. */
export function useLookup(text: string): Lookup | undefined {
  return useRead<Envelope<Lookup>>(isName(text) ? '/lookup' : undefined, { q: text }).answer?.data;
}

export function SearchResults({ lookup, onPick }: { lookup: Lookup; onPick: () => void }) {
  return (
    <>
      <p class="visually-hidden" role="status">
        {plural(lookup.results.length, 'result')}. Use the arrow keys to select one.
      </p>
      <ul class="search-results" aria-label="Search results">
        {lookup.results.slice(0, shownResults).map((result) => (
          <li key={`${result.kind} ${result.label} ${result.href}`}>
            <To place={placeOfResult(result)} onClick={onPick}>
              <span class="dim">{kinds[result.kind]}</span>
              <span class="mono strong">{result.label}</span>
              <span class="dim">{result.text}</span>
              <span class="dim number">{result.routes === null ? '' : `${formatCount(result.routes)} routes`}</span>
            </To>
          </li>
        ))}
      </ul>
    </>
  );
}

const kinds: Readonly<Record<Lookup['results'][number]['kind'], string>> = {
  prefix: 'prefix',
  neighbor: 'neighbor',
  node: 'node',
  service: 'service',
  asn: 'AS',
  community: 'community',
  largeCommunity: 'community',
  pool: 'pool',
  advertisement: 'advertisement',
  bgpPeer: 'peer',
};

/** Moves the focus among the results and the box with the arrow keys. */
export function moveInResults(event: KeyboardEvent, input: HTMLElement | null): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const form = event.currentTarget as HTMLElement;
  const stops = [input, ...form.querySelectorAll<HTMLElement>('.search-results a')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const next = stops[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (at < 0 || stops.length === 1) return;
  event.preventDefault();
  event.stopPropagation();
  next?.focus();
}

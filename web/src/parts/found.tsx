/** What the collector knows under the name that is being typed: links to it, below the search box. */
import type { Envelope, Lookup } from '../../../src/api/schemas.ts';
import { useRead } from '../app.ts';
import { formatCount, plural } from '../format.ts';
import { namesOneThing, placeOfResult } from '../lookup.ts';
import { To } from './link.tsx';

/** Milliseconds without a key before the collector is asked; results that are shown. */
export const lookupDelay = 200;
const shownResults = 8;

/** The answer for `text`; nothing while it does not name one thing. */
export function useLookup(text: string): Lookup | undefined {
  return useRead<Envelope<Lookup>>(namesOneThing(text) ? '/lookup' : undefined, { q: text }).answer?.data;
}

export function Found({ lookup, onPick }: { lookup: Lookup; onPick: () => void }) {
  return (
    <>
      <p class="visually-hidden" role="status">
        {plural(lookup.results.length, 'thing')} found; the arrow keys lead to them
      </p>
      <ul class="found" aria-label="Known under this name">
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

/** Up and down among the links, and back to the box. */
export function moveInFound(event: KeyboardEvent, input: HTMLElement | null): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const form = event.currentTarget as HTMLElement;
  const stops = [input, ...form.querySelectorAll<HTMLElement>('.found a')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const next = stops[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (at < 0 || stops.length === 1) return;
  event.preventDefault();
  event.stopPropagation();
  next?.focus();
}

/** Filter buttons: the most frequent values in the list, with counts. */
import type { ComponentChildren } from 'preact';
import type { Facet } from '../../../src/api/schemas.ts';
import { formatCount, plural, sentenceCase } from '../format.ts';
import './facets.css';

/** Values shown per facet; enough for all verdicts. */
const shownValues = 8;

export interface FacetsProps {
  facets: Record<string, Facet>;
  /** Facets to show, in order. Hides a facet with a single value unless it is picked. */
  keys: readonly string[];
  /** Current REST parameters. */
  picked: Record<string, string>;
  onPick: (key: string, value: string) => void;
  /** Glyph and CSS class of a value. */
  mark?: (key: string, value: string) => { class: string; glyph: ComponentChildren } | undefined;
}

export function Facets({ facets, keys, picked, onPick, mark }: FacetsProps) {
  const shown = keys.filter((key) => (facets[key]?.values.length ?? 0) > 1 || picked[key] !== undefined);
  if (shown.length === 0) return null;
  return (
    <div class="facets">
      {shown.map((key) => (
        <fieldset key={key} aria-label={`Filter by ${key}`}>
          <span class="dim">{sentenceCase(key)}</span>
          {facets[key]?.values.slice(0, shownValues).map(({ value, count }) => {
            const marked = mark?.(key, value);
            return (
              <button
                type="button"
                key={value}
                class={marked?.class}
                aria-pressed={picked[key]?.split(',').includes(value) ?? false}
                onClick={() => onPick(key, value)}
              >
                {marked?.glyph} {value} <span class="dim">{formatCount(count)}</span>
              </button>
            );
          })}
          {(facets[key]?.values.length ?? 0) > shownValues && (
            <span class="dim">and {plural(facets[key]!.values.length - shownValues, 'more', 'more')}</span>
          )}
        </fieldset>
      ))}
    </div>
  );
}

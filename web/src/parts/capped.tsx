/** Shortens a long list and adds a button that shows the rest. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { plural } from '../format.ts';

/** The first `cap` of `rows`, and the button to show below them. `name`, `names`: singular and plural of a row. */
export function useCapped<Row>(
  rows: readonly Row[],
  cap: number,
  name: string,
  names = `${name}s`,
): [shown: readonly Row[], more: ComponentChildren] {
  const [all, setAll] = useState(false);
  const left = rows.length - cap;
  if (all || left <= 0) return [rows, null];
  const more = (
    <p class="dim">
      <button type="button" class="link" onClick={() => setAll(true)}>
        Show {plural(left, `more ${name}`, `more ${names}`)}
      </button>
    </p>
  );
  return [rows.slice(0, cap), more];
}

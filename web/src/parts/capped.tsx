/** A long list cut short, with a button for the rest: a thousand nodes are not read one by one. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { plural } from '../format.ts';

/** The first `cap` of `rows`, and what to show below them. `name`: what one row is, `names`: what several are. */
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

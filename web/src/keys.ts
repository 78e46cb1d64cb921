/**
 * Keyboard shortcuts: single keys and `g` sequences. Keys typed into a field are text; keys with Ctrl, Alt or Meta belong
 * to the browser.
 */
import type { ViewName } from './router.ts';

/** Commands of the keyboard. */
export type Command =
  | { do: 'search' }
  | { do: 'go'; view: ViewName }
  | { do: 'move'; by: number | 'first' | 'last' }
  | { do: 'open' }
  | { do: 'close' }
  | { do: 'pause' }
  | { do: 'refresh' }
  | { do: 'help' };

/** Maximum milliseconds between the keys of a sequence. */
export const sequenceWindow = 1_500;

const single: Readonly<Record<string, Command>> = {
  '/': { do: 'search' },
  '?': { do: 'help' },
  j: { do: 'move', by: 1 },
  k: { do: 'move', by: -1 },
  ArrowDown: { do: 'move', by: 1 },
  ArrowUp: { do: 'move', by: -1 },
  G: { do: 'move', by: 'last' },
  Enter: { do: 'open' },
  Escape: { do: 'close' },
  p: { do: 'pause' },
  r: { do: 'refresh' },
};

const afterG: Readonly<Record<string, Command>> = {
  o: { do: 'go', view: 'overview' },
  n: { do: 'go', view: 'neighbors' },
  r: { do: 'go', view: 'routes' },
  l: { do: 'go', view: 'live' },
  c: { do: 'go', view: 'checks' },
  d: { do: 'go', view: 'diagnoses' },
  e: { do: 'go', view: 'explain' },
  2: { do: 'go', view: 'l2' },
  g: { do: 'move', by: 'first' },
};

/** The rows of the shortcuts dialog. */
export const shortcuts: readonly (readonly [keys: string, does: string])[] = [
  ['/', 'Search'],
  ['g o', 'Overview'],
  ['g d', 'Diagnoses'],
  ['g c', 'Checks'],
  ['g e', 'Why'],
  ['g r', 'Received routes'],
  ['g 2', 'Layer 2'],
  ['g n', 'Neighbors'],
  ['g l', 'Live feed'],
  ['j  k', 'Next row, previous row'],
  ['g g  G', 'First row, last row'],
  ['Enter', 'Open row'],
  ['Esc', 'Close the drawer, leave the search box'],
  ['p', 'Pause or resume the live feed'],
  ['r', 'Reload the list'],
  ['?', 'Show keyboard shortcuts'],
];

export interface KeyPress {
  key: string;
  /** The focus is in a text field. */
  typing: boolean;
  /** The focus is on a link or button, which handles Enter itself. */
  onControl: boolean;
  /** Ctrl, Alt or Meta is held. */
  modified: boolean;
  /** Milliseconds from any origin. */
  at: number;
}

/** Translates key presses to commands; remembers a `g`. */
export function keyReader(): (press: KeyPress) => Command | undefined {
  let prefixAt = Number.NEGATIVE_INFINITY;
  return ({ key, typing, onControl, modified, at }) => {
    if (modified) return undefined;
    if (typing) return key === 'Escape' ? single[key] : undefined;
    const inSequence = at - prefixAt <= sequenceWindow;
    prefixAt = Number.NEGATIVE_INFINITY;
    if (inSequence) return afterG[key];
    if (key === 'g') prefixAt = at;
    if (key === 'Enter' && onControl) return undefined;
    return single[key];
  };
}

/**
 * The keyboard: single keys and `g`-sequences. A key typed into a field is text; with Ctrl, Alt or Meta it belongs to
 * the browser.
 */
import type { ViewName } from './router.ts';

/** What keys ask for. */
export type Command =
  | { do: 'search' }
  | { do: 'go'; view: ViewName }
  | { do: 'move'; by: number | 'first' | 'last' }
  | { do: 'open' }
  | { do: 'close' }
  | { do: 'pause' }
  | { do: 'refresh' }
  | { do: 'help' };

/** Milliseconds within which the second key of a sequence must follow. */
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

/** The rows of the help, in order: keys and what they do. */
export const shortcuts: readonly (readonly [keys: string, does: string])[] = [
  ['/', 'Search'],
  ['g o', 'Overview'],
  ['g d', 'Diagnoses'],
  ['g c', 'Checks'],
  ['g e', 'Why: explain a prefix'],
  ['g r', 'Received routes'],
  ['g 2', 'Layer 2'],
  ['g n', 'Neighbors'],
  ['g l', 'Live feed'],
  ['j  k', 'Next, previous row'],
  ['g g  G', 'First, last row'],
  ['Enter', 'Open the row'],
  ['Esc', 'Close what is open; leave the search box'],
  ['p', 'Pause or resume the live feed'],
  ['r', 'Read the list again'],
  ['?', 'This help'],
];

export interface KeyPress {
  key: string;
  /** The key goes to a text field. */
  typing: boolean;
  /** The focus is on a link or button, which takes Enter itself. */
  onControl: boolean;
  /** Ctrl, Alt or Meta is held. */
  modified: boolean;
  /** ms, any base. */
  at: number;
}

/** Makes commands of key presses; remembers a `g`. */
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

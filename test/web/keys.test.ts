import { expect, test } from 'vitest';
import { type Command, type KeyPress, keyReader, sequenceWindow, shortcuts } from '../../web/src/keys.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  typing: false,
  onControl: false,
  modified: false,
  at: 0,
  ...more,
});
const typed = (...presses: KeyPress[]) => {
  const read = keyReader();
  return presses.map(read).at(-1);
};

test.each<[string, KeyPress[], Command | undefined]>([
  ['/ searches', [press('/')], { do: 'search' }],
  ['j moves down', [press('j')], { do: 'move', by: 1 }],
  ['G moves to the end', [press('G')], { do: 'move', by: 'last' }],
  ['g alone waits', [press('g')], undefined],
  ['g r opens Routes', [press('g'), press('r')], { do: 'go', view: 'routes' }],
  ['g g moves to the top', [press('g'), press('g')], { do: 'move', by: 'first' }],
  ['g and an unknown key do nothing', [press('g'), press('x')], undefined],
  ['an unknown key ends the sequence', [press('g'), press('x'), press('r')], { do: 'refresh' }],
  ['r after the sequence timeout reloads', [press('g'), press('r', { at: sequenceWindow + 1 })], { do: 'refresh' }],
  ['a letter in a field is text', [press('j', { typing: true })], undefined],
  ['Esc in a field is a command', [press('Escape', { typing: true })], { do: 'close' }],
  ['Enter opens a row', [press('Enter')], { do: 'open' }],
  ['Enter on a link belongs to the link', [press('Enter', { onControl: true })], undefined],
  ['j on a link still moves', [press('j', { onControl: true })], { do: 'move', by: 1 }],
  ['Ctrl-r belongs to the browser', [press('r', { modified: true })], undefined],
  ['an unknown key does nothing', [press('z')], undefined],
])('%s', (_, presses, command) => {
  expect(typed(...presses)).toEqual(command);
});

test('every key in the help has a command', () => {
  const names: Record<string, string> = { Esc: 'Escape' };
  for (const [keys] of shortcuts) {
    // two spaces separate alternatives, one separates the keys of a sequence
    for (const sequence of keys.split(/ {2}|(?<=g g) /)) {
      const presses = sequence
        .trim()
        .split(' ')
        .map((key) => press(names[key] ?? key));
      expect(typed(...presses), sequence).toBeDefined();
    }
  }
});

/** Text from outside: nothing in it may be invisible, or move what is around it. */
import { expect, test } from 'vitest';
import { escapeJson, visible, withoutHidden } from '../src/visible.ts';

const hidden: [string, string][] = [
  ['right-to-left override', '\u202e'],
  ['isolate', '\u2066'],
  ['left-to-right mark', '\u200e'],
  ['Arabic letter mark', '\u061c'],
  ['line separator', '\u2028'],
  ['paragraph separator', '\u2029'],
  ['zero-width space', '\u200b'],
  ['zero-width joiner', '\u200d'],
  ['word joiner', '\u2060'],
  ['byte order mark', '\ufeff'],
  ['soft hyphen', '\u00ad'],
  ['variation selector', '\ufe0f'],
  ['Hangul filler', '\u3164'],
  ['tag', '\u{e0041}'],
  ['interlinear annotation', '\ufff9'],
  ['lone surrogate', '\ud800'],
];
const controls: [string, string][] = [
  ['line feed', '\n'],
  ['escape', '\u001b'],
  ['next line', '\u0085'],
  ['CSI of C1', '\u009b'],
];

test.each([...hidden, ...controls])('%s becomes U+FFFD', (_name, character) => {
  expect(visible(`a${character}b`)).toBe('a\ufffdb');
});

test.each(hidden)('%s goes where lines stay', (_name, character) => {
  expect(withoutHidden(`a\n${character}b`)).toBe('a\n\ufffdb');
});

test.each([...hidden, ...controls])('%s is an escape in JSON, which means the same', (_name, character) => {
  const text = escapeJson(JSON.stringify({ text: `a${character}b` }));
  expect(text).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(text)).toEqual({ text: `a${character}b` });
});

test.each(['node-a', '203.0.113.0/24', 'naïve 节点 🙂', ''])('%j stays', (text) => {
  expect(visible(text)).toBe(text);
  expect(escapeJson(JSON.stringify(text))).toBe(JSON.stringify(text));
});

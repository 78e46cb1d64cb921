/** Text from outside must have no invisible characters and no effect on text around it. */
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

test.each(hidden)('%s is replaced in text that keeps its lines', (_name, character) => {
  expect(withoutHidden(`a\n${character}b`)).toBe('a\n\ufffdb');
});

test.each([...hidden, ...controls])('%s is escaped in JSON without changing the value', (_name, character) => {
  const text = escapeJson(JSON.stringify({ text: `a${character}b` }));
  expect(text).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(text)).toEqual({ text: `a${character}b` });
});

test.each([
  ['::add-mask::node-a', ':\ufffdadd-mask::node-a'],
  ['  ::Error file=a,line=1::text', '  :\ufffdError file=a,line=1::text'],
  ['::stop-commands', ':\ufffdstop-commands'],
  ['a ##[error]text', 'a #\ufffd[error]text'],
  ['##vso[task.setvariable variable=a]b', '#\ufffdvso[task.setvariable variable=a]b'],
])('the workflow command %j has no effect in a pipeline log', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each(['##[error]a', '##vso[task.complete]'])('%j is escaped in JSON without changing the value', (text) => {
  const json = escapeJson(JSON.stringify({ text }));
  expect(json).not.toContain('##');
  expect(JSON.parse(json)).toEqual({ text });
});

test.each([
  '::/0',
  '::1',
  '::ffff:192.0.2.1/128',
  '::a',
  '2001:db8::add',
  '## heading',
  'node-a',
  '203.0.113.0/24',
  'naïve 节点 🙂',
  '',
])('%j is unchanged', (text) => {
  expect(visible(text)).toBe(text);
  expect(escapeJson(JSON.stringify(text))).toBe(JSON.stringify(text));
});

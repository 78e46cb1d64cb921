import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter, LineTooLong } from '../../src/kubernetes/lines.ts';

/** The lines of a text that comes in pieces of these lengths, the last one again and again. */
function linesOf(text: string, lengths: readonly number[], most = 1000): { lines: string[]; rest: number } {
  const splitter = new LineSplitter(most);
  const octets = Buffer.from(text);
  const lines: string[] = [];
  for (let start = 0, i = 0; start < octets.length; i++) {
    const length = lengths[Math.min(i, lengths.length - 1)]!;
    lines.push(...splitter.push(octets.subarray(start, start + length)));
    start += length;
  }
  return { lines, rest: splitter.rest };
}

describe('octets become lines', () => {
  it.each<[string, string, string[], number]>([
    ['two of them', 'a\nbc\n', ['a', 'bc'], 0],
    ['without empty ones', '\n\na\n\n', ['a'], 0],
    ['an unfinished one is kept back', 'a\nbcd', ['a'], 3],
    ['characters of several octets stay whole', '{"city":"Zürich"}\n日本🜁\n', ['{"city":"Zürich"}', '日本🜁'], 0],
  ])('%s, in pieces of any length', (_, text, lines, rest) => {
    for (let length = 1; length <= Buffer.byteLength(text); length++)
      expect(linesOf(text, [length])).toEqual({ lines, rest });
  });

  it('whatever the pieces, as if the text were split at once', () => {
    const texts = fc.array(fc.constantFrom('a', 'ü', '日', '🜁', '\n')).map((characters) => characters.join(''));
    const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(texts, pieces, (text, lengths) => {
        expect(linesOf(text, lengths).lines).toEqual(text.split('\n').slice(0, -1).filter(Boolean));
      }),
    );
  });

  it.each([
    ['a line of as many octets as may be is one', 'xxxx\n', ['xxxx']],
    ['one more is too many', 'xxxxx\n', undefined],
    ['also when it never ends', 'xxxxx', undefined],
    ['characters count by their octets', 'üüü\n', undefined],
  ])('%s', (_, text, lines) => {
    if (lines) expect(linesOf(text, [3], 4).lines).toEqual(lines);
    else expect(() => linesOf(text, [3], 4)).toThrow(LineTooLong);
  });
});

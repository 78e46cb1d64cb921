import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter, LineTooLong } from '../../src/kubernetes/lines.ts';

/** The lines of a text split into chunks of these lengths; the last length repeats. */
function linesOf(text: string, lengths: readonly number[], maxLength = 1000): { lines: string[]; rest: number } {
  const splitter = new LineSplitter(maxLength);
  const octets = Buffer.from(text);
  const lines: string[] = [];
  for (let start = 0, i = 0; start < octets.length; i++) {
    const length = lengths[Math.min(i, lengths.length - 1)]!;
    lines.push(...splitter.push(octets.subarray(start, start + length)));
    start += length;
  }
  return { lines, rest: splitter.rest };
}

describe('splits octets into lines', () => {
  it.each<[string, string, string[], number]>([
    ['two lines', 'a\nbc\n', ['a', 'bc'], 0],
    ['no empty lines', '\n\na\n\n', ['a'], 0],
    ['keeps an incomplete line back', 'a\nbcd', ['a'], 3],
    ['keeps characters of several octets whole', '{"city":"Zürich"}\n日本🜁\n', ['{"city":"Zürich"}', '日本🜁'], 0],
  ])('%s, in chunks of any length', (_, text, lines, rest) => {
    for (let length = 1; length <= Buffer.byteLength(text); length++)
      expect(linesOf(text, [length])).toEqual({ lines, rest });
  });

  it('any chunks give the lines of the whole text', () => {
    const texts = fc.array(fc.constantFrom('a', 'ü', '日', '🜁', '\n')).map((characters) => characters.join(''));
    const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(texts, pieces, (text, lengths) => {
        expect(linesOf(text, lengths).lines).toEqual(text.split('\n').slice(0, -1).filter(Boolean));
      }),
    );
  });

  it.each([
    ['accepts a line of the maximum length', 'xxxx\n', ['xxxx']],
    ['rejects one octet more', 'xxxxx\n', undefined],
    ['rejects it without a newline too', 'xxxxx', undefined],
    ['counts characters by their octets', 'üüü\n', undefined],
  ])('%s', (_, text, lines) => {
    if (lines) expect(linesOf(text, [3], 4).lines).toEqual(lines);
    else expect(() => linesOf(text, [3], 4)).toThrow(LineTooLong);
  });
});

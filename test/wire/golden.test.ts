import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isCleanUpdate } from '../../src/wire/check.ts';
import { Framer } from '../../src/wire/framer.ts';
import { MessageType } from '../../src/wire/iana.ts';
import { everything, loadGolden, meaning } from '../support/golden.ts';
import { concat } from '../support/hex.ts';

describe.each(loadGolden(join(import.meta.dirname, '../golden')))('$name', ({ messages, expected, internal }) => {
  const context = everything(internal);

  test('the octets of a whole session mean what its speaker meant', () => {
    const meanings: unknown[] = [];
    new Framer().push(concat(...messages), (bytes, start, end) => {
      meanings.push(meaning(bytes.subarray(start, end), context));
    });
    expect(meanings).toEqual(expected);
  });

  test('no real UPDATE needs treatment', () => {
    const doubtful = messages.filter(
      (bytes) => bytes[18] === MessageType.update && !isCleanUpdate(bytes, 0, bytes.length, context),
    );
    expect(doubtful).toEqual([]);
  });
});

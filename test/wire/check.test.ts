/** The hot path against a row that it has no case for. */
import { beforeEach, expect, test } from 'vitest';
import { attributesByCode } from '../../src/wire/attributes/index.ts';
import { isCleanUpdate } from '../../src/wire/check.ts';
import { AttributeCode } from '../../src/wire/iana.ts';
import * as build from '../support/builders.ts';
import { everything } from '../support/golden.ts';
import { hex } from '../support/hex.ts';

/** Type code that IANA has not assigned. */
const newCode = 250;
const table = attributesByCode as (typeof attributesByCode)[number][];

beforeEach(() => {
  table[newCode] = { ...table[AttributeCode.otc]!, code: newCode };
  return () => {
    table[newCode] = undefined;
  };
});

test.each([
  ['an attribute without a row is clean', newCode + 1, true],
  ['an attribute with a row and without a case is left to its row', newCode, false],
])('%s', (_, code, isClean) => {
  const update = build.update({
    attributes: [
      build.origin('igp'),
      build.asPath([64512]),
      build.nextHop('192.0.2.1'),
      build.attribute(code, 0xc0, hex('00')),
    ],
    nlri: hex('08 0a'),
  });
  expect(isCleanUpdate(update, 0, update.length, everything(false))).toBe(isClean);
});

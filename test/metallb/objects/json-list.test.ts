/** Keys of a large JSON object, and the one that is too long to be decoded. */
import { expect, it } from 'vitest';
import { jsonObject, maxKeyLength } from '../../../src/metallb/objects/json-list.ts';

it.each([
  ['of maxKeyLength octets with its quotes is a field', maxKeyLength - 2, 2],
  ['that is longer is skipped, with its value', maxKeyLength - 1, 1],
])('a key %s', (_, length, fields) => {
  const parts = jsonObject(Buffer.from(JSON.stringify({ ['x'.repeat(length)]: { a: [1] }, kind: 'List', items: [1] })));
  expect(parts?.fields.size).toBe(fields);
  expect(parts?.fields.has('kind')).toBe(true);
  expect(parts?.items).toHaveLength(2);
});

/** Length rules that many attributes share. */
import { AttributeError } from '../errors.ts';
import type { Reader } from '../reader.ts';

/** Exactly `length` octets. */
export function exactly(value: Reader, length: number): Reader {
  if (value.remaining !== length) throw new AttributeError(`length ${value.remaining}, expected ${length}`);
  return value;
}

/** One or more items of `size` octets each. */
export function multipleOf(value: Reader, size: number): Reader {
  if (value.remaining === 0 || value.remaining % size !== 0)
    throw new AttributeError(`length ${value.remaining} is not a non-zero multiple of ${size}`);
  return value;
}

/** Reads items until the value ends. */
export function list<T>(value: Reader, one: (value: Reader) => T): T[] {
  const items: T[] = [];
  while (value.remaining > 0) items.push(one(value));
  return items;
}

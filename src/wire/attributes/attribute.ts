/** The row that describes one path attribute: what it is, how to read it, what happens when that fails. */
import type { z } from 'zod';
import type { UpdateContext } from '../context.ts';
import type { UpdateProblem } from '../errors.ts';
import type { Reader } from '../reader.ts';

/** RFC 4271 §5; decides the Optional and Transitive flags. */
export type Category = 'well-known' | 'optional-transitive' | 'optional-non-transitive';

/** zod as a parameter, so that threads which decode attributes and show none do not load it. */
export type Zod = typeof import('zod').z;

/** An attribute as JSON shows it. */
export interface Shown<T> {
  /** Its value when it is not on the wire: an empty list for a list. */
  readonly absent: null | readonly [];
  /** Schema of the decoded value. */
  schema(zod: Zod): z.ZodType<T>;
}

export interface Attribute<Name extends string, T, Json extends Shown<T> | null = Shown<T> | null> {
  readonly code: number;
  /** Key in the decoded attributes and in JSON. */
  readonly name: Name;
  readonly category: Category;
  /** How it is shown; null: not at all, or under another name (`PathAttributes`). */
  readonly json: Json;
  /** What a malformed value means for the UPDATE (RFC 7606 §2). */
  readonly onError: UpdateProblem['action'];
  /** Where `onError` is written. */
  readonly clause: string;
  /** What wrong Optional or Transitive flags mean, where not as RFC 7606 §3(c) has it: treat-as-withdraw. */
  readonly onFlags?: UpdateProblem['action'];
  /** RFC 7606 §7: discarded when an external neighbor sends it. */
  readonly internalOnly?: true;
  /** Reads the value, which `value` bounds. Throws AttributeError or Truncated when it is malformed. */
  decode(value: Reader, context: UpdateContext): T;
  /** Text for tables and columns. */
  format(value: NoInfer<T>): string;
}

/** Checks the shape of a row and keeps its types. */
export function attribute<const Name extends string, T, Json extends Shown<T> | null>(
  row: Attribute<Name, T, Json>,
): Attribute<Name, T, Json> {
  return row;
}

export const flag = { optional: 0x80, transitive: 0x40, partial: 0x20, extendedLength: 0x10 } as const;

/** The Optional and Transitive bits that a category demands. */
export function flagsOf(category: Category): number {
  if (category === 'well-known') return flag.transitive;
  return category === 'optional-transitive' ? flag.optional | flag.transitive : flag.optional;
}

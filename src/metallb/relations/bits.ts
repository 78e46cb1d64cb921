/** Sets of nodes as bits: a node is a small number, and "which nodes" is answered 32 at a time. */
export type Bits = Readonly<Uint32Array>;

const wordsFor = (size: number): number => (size + 31) >>> 5;

/** Numbers below `size` for which `member` holds. */
export function bitsOf(size: number, member: (index: number) => boolean): Bits {
  const bits = new Uint32Array(wordsFor(size));
  for (let i = 0; i < size; i++) if (member(i)) bits[i >>> 5]! |= 1 << (i & 31);
  return bits;
}

export const noBits: Bits = new Uint32Array(0);

export const hasBit = (bits: Bits, index: number): boolean => ((bits[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;

export function union(a: Bits, b: Bits): Bits {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const result = Uint32Array.from(long as Uint32Array);
  for (let i = 0; i < short.length; i++) result[i]! |= short[i]!;
  return result;
}

export function intersection(a: Bits, b: Bits): Bits {
  const result = new Uint32Array(Math.min(a.length, b.length));
  for (let i = 0; i < result.length; i++) result[i] = a[i]! & b[i]!;
  return result;
}

/** What is in `a` and not in `b`. */
export function difference(a: Bits, b: Bits): Bits {
  const result = Uint32Array.from(a as Uint32Array);
  for (let i = 0; i < Math.min(a.length, b.length); i++) result[i]! &= ~b[i]!;
  return result;
}

export const isEmpty = (bits: Bits): boolean => bits.every((word) => word === 0);

export function intersects(a: Bits, b: Bits): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if ((a[i]! & b[i]!) !== 0) return true;
  return false;
}

/** The members in rising order. */
export function* members(bits: Bits): Generator<number> {
  for (let word = 0; word < bits.length; word++)
    for (let rest = bits[word]!; rest !== 0; rest &= rest - 1) yield word * 32 + 31 - Math.clz32(rest & -rest);
}

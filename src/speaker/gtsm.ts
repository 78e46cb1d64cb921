/**
 * RFC 5082 (GTSM) for single neighbors of a shared listener: a classic BPF socket filter drops segments, SYN included,
 * whose TTL is too low for their source. The kernel's IP_MINTTL has only one value per socket.
 */
import type { Family, Prefix } from '../ip.ts';
import type { FilterInstruction } from './libc.ts';

/** Minimum TTL of a range. `minTtl` undefined: no minimum, for a neighbor inside a range that has one. */
export interface TtlRule {
  range: Prefix;
  minTtl: number | undefined;
}

/** BPF_MAXINSNS of <linux/bpf_common.h>. */
export const maxInstructions = 4096;

/** Base of offsets from the network header (SKF_NET_OFF of <linux/filter.h>, as u32). */
const networkHeader = 0xfff00000;
const field = { 4: { ttl: 8, source: 12 }, 6: { ttl: 7, source: 8 } } as const;

const loadWord = 0x20;
const loadByte = 0x30;
const and = 0x54;
const jumpIfEqual = 0x15;
const jumpIfGreaterOrEqual = 0x35;
const answer = 0x06;
const keep: FilterInstruction = { code: answer, jt: 0, jf: 0, k: 0xffffffff };
const drop: FilterInstruction = { code: answer, jt: 0, jf: 0, k: 0 };

/** Minimum TTL from a neighbor at most `hops` away that sends 255 (RFC 5082 §3): 255 for 1 hop. */
export const minTtlFor = (hops: number): number => 256 - hops;

/**
 * The filter for the rules of one family, longest range first; undefined if no rule has a minimum.
 * Throws if the rules do not fit in one filter.
 */
export function gtsmFilter(family: Family, rules: TtlRule[]): FilterInstruction[] | undefined {
  if (!rules.some((rule) => rule.minTtl !== undefined)) return undefined;
  const program: FilterInstruction[] = [];
  for (const rule of [...rules].sort((a, b) => b.range.length - a.range.length))
    program.push(...ruleFilter(family, rule));
  program.push(keep);
  if (program.length > maxInstructions) throw new Error('too many neighbors for TTL security on one socket');
  return program;
}

/** Accepts or drops segments from the range; falls through to the next rule for other sources. */
function ruleFilter(family: Family, { range, minTtl }: TtlRule): FilterInstruction[] {
  const { ttl, source } = field[family];
  const found: FilterInstruction[] =
    minTtl === undefined
      ? [keep]
      : [
          { code: loadByte, jt: 0, jf: 0, k: networkHeader + ttl },
          { code: jumpIfGreaterOrEqual, jt: 0, jf: 1, k: minTtl },
          keep,
          drop,
        ];
  const tests: FilterInstruction[][] = [];
  const words = new DataView(range.bytes.buffer, range.bytes.byteOffset);
  for (let bit = 0; bit < range.length; bit += 32) {
    const mask = (0xffffffff << Math.max(0, 32 - (range.length - bit))) >>> 0;
    const test = [{ code: loadWord, jt: 0, jf: 0, k: networkHeader + source + bit / 8 }];
    if (mask !== 0xffffffff) test.push({ code: and, jt: 0, jf: 0, k: mask });
    tests.push([...test, { code: jumpIfEqual, jt: 0, jf: 0, k: words.getUint32(bit / 8) }]);
  }
  const program = [...tests.flat(), ...found];
  // each failed comparison skips the rest of this rule
  let at = 0;
  for (const test of tests) {
    at += test.length;
    program[at - 1]!.jf = program.length - at;
  }
  return program;
}

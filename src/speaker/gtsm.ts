/**
 * RFC 5082 (GTSM) for some neighbors of a shared listener: a classic socket filter that drops segments whose TTL is
 * too low for their source, SYN included. The kernel's own IP_MINTTL knows one value for a whole socket.
 */
import type { Family, Prefix } from '../ip.ts';
import type { FilterInstruction } from './libc.ts';

/** What a range asks of the TTL; `least` undefined = nothing (a neighbor inside a range that does ask). */
export interface TtlRule {
  range: Prefix;
  least: number | undefined;
}

/** BPF_MAXINSNS of <linux/bpf_common.h>. */
export const maxInstructions = 4096;

/** Offsets from the network header on (SKF_NET_OFF of <linux/filter.h>, as u32). */
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

/** Least TTL for a neighbor at most `hops` away that sends 255 (RFC 5082 §3): 1 hop = 255. */
export const leastTtl = (hops: number): number => 256 - hops;

/**
 * The filter for rules of one family, longest range first; undefined when no rule asks for anything.
 * Throws when there are more rules than a filter can hold.
 */
export function gtsmFilter(family: Family, rules: TtlRule[]): FilterInstruction[] | undefined {
  if (!rules.some((rule) => rule.least !== undefined)) return undefined;
  const program: FilterInstruction[] = [];
  for (const rule of [...rules].sort((a, b) => b.range.length - a.range.length))
    program.push(...ruleFilter(family, rule));
  program.push(keep);
  if (program.length > maxInstructions) throw new Error('too many neighbors for TTL security on one socket');
  return program;
}

/** If the source lies in the range: an answer; else falls through to the next rule. */
function ruleFilter(family: Family, { range, least }: TtlRule): FilterInstruction[] {
  const { ttl, source } = field[family];
  const found: FilterInstruction[] =
    least === undefined
      ? [keep]
      : [
          { code: loadByte, jt: 0, jf: 0, k: networkHeader + ttl },
          { code: jumpIfGreaterOrEqual, jt: 0, jf: 1, k: least },
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
  // each comparison that fails skips what is left of this rule
  let at = 0;
  for (const test of tests) {
    at += test.length;
    program[at - 1]!.jf = program.length - at;
  }
  return program;
}

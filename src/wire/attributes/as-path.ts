/** AS_PATH (RFC 4271 §4.3, RFC 5065 §3): `(segment type u8 | count u8 | AS numbers)*`, AS numbers of two or four octets. */
import { AttributeError } from '../errors.ts';
import { AttributeCode } from '../iana.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';
import { attribute } from './attribute.ts';

export const segmentTypes = ['set', 'sequence', 'confed-sequence', 'confed-set'] as const;

export interface AsPathSegment {
  type: (typeof segmentTypes)[number];
  asns: number[];
}

/** AS numbers in order; a set is a nested list. */
export type AsPath = (number | number[])[];

export const asPath = attribute({
  code: AttributeCode.asPath,
  name: 'asPath',
  json: null,
  category: 'well-known',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.2',
  decode(value, context): AsPathSegment[] {
    const segments = decodeSegments(value, context.as4);
    // RFC 5065 §5: confederation segments stay inside a confederation
    if (!context.ibgp && segments.some(isConfed))
      throw new AttributeError('confederation segment from an external neighbor (RFC 5065 §5)');
    return segments;
  },
  format: (segments) => formatAsPath(segments),
});

/** Reads segments; RFC 7606 §7.2 says what is malformed, RFC 7607 §2 adds AS 0. */
export function decodeSegments(value: Reader, as4: boolean): AsPathSegment[] {
  const segments: AsPathSegment[] = [];
  while (value.remaining > 0) {
    const code = value.u8();
    const type = segmentTypes[code - 1];
    if (type === undefined) throw new AttributeError(`unknown segment type ${code}`);
    const count = value.u8();
    if (count === 0) throw new AttributeError('segment of length 0');
    const asns: number[] = [];
    for (let i = 0; i < count; i++) asns.push(as4 ? value.u32() : value.u16());
    if (asns.includes(0)) throw new AttributeError('AS number 0 (RFC 7607 §2)');
    segments.push({ type, asns });
  }
  return segments;
}

/** Writes segments with four octets an AS number. */
export function writeSegments(writer: Writer, segments: readonly AsPathSegment[]): void {
  for (const { type, asns } of segments) {
    writer.u8(segmentTypes.indexOf(type) + 1).u8(asns.length);
    for (const asn of asns) writer.u32(asn);
  }
}

export const isConfed = ({ type }: AsPathSegment): boolean => type === 'confed-sequence' || type === 'confed-set';

/**
 * The path that an AS4_PATH stands for (RFC 6793 §4.2.3): as many leading AS numbers of the AS_PATH as it is longer,
 * then the AS4_PATH. An AS4_PATH longer than the AS_PATH is not to be used.
 */
export function mergeAs4Path(path: readonly AsPathSegment[], as4Path: readonly AsPathSegment[]): AsPathSegment[] {
  let lead = hops(path) - hops(as4Path);
  if (lead < 0) return [...path];
  const merged: AsPathSegment[] = [];
  for (const segment of path) {
    if (isConfed(segment)) {
      // counts for nothing; one that stands before the AS4_PATH's part keeps its place
      if (lead > 0) merged.push(segment);
    } else if (lead > 0) {
      const asns = segment.type === 'set' ? segment.asns : segment.asns.slice(0, lead);
      merged.push({ type: segment.type, asns });
      lead -= segment.type === 'set' ? 1 : asns.length;
    } else break;
  }
  for (const segment of as4Path) {
    const last = merged.at(-1);
    // two sequences that meet are one, as long as a segment can hold them
    if (last?.type === 'sequence' && segment.type === 'sequence' && last.asns.length + segment.asns.length <= 255)
      merged[merged.length - 1] = { type: 'sequence', asns: [...last.asns, ...segment.asns] };
    else merged.push(segment);
  }
  return merged;
}

/** RFC 4271 §9.1.2.2(a), RFC 5065 §5.3: a set counts as one, confederation segments not at all. */
function hops(segments: readonly AsPathSegment[]): number {
  return segments.reduce(
    (sum, segment) => sum + (segment.type === 'sequence' ? segment.asns.length : segment.type === 'set' ? 1 : 0),
    0,
  );
}

/** Sequences in line, sets nested; confederation segments are left out. */
export function toAsPath(segments: readonly AsPathSegment[]): AsPath {
  return segments
    .filter((segment) => !isConfed(segment))
    .flatMap(({ type, asns }): AsPath => (type === 'set' ? [asns] : asns));
}

/** `64512 64513 {1,2} (65001 65002) [65003,65004]`: sequence, set, confederation sequence, confederation set. */
export function formatAsPath(segments: readonly AsPathSegment[]): string {
  return segments.map(formatSegment).join(' ');
}

function formatSegment({ type, asns }: AsPathSegment): string {
  switch (type) {
    case 'sequence':
      return asns.join(' ');
    case 'set':
      return `{${asns.join(',')}}`;
    case 'confed-sequence':
      return `(${asns.join(' ')})`;
    case 'confed-set':
      return `[${asns.join(',')}]`;
  }
}

/** The path attributes of an UPDATE by their headers (RFC 7606 §3(g), §4); what their values say is judged elsewhere. */
import { flag } from './attributes/attribute.ts';
import { attributesByCode } from './attributes/index.ts';
import { SessionError, type UpdateProblem } from './errors.ts';
import { AttributeCode, attributeName, ErrorCode, Subcode } from './iana.ts';
import { Reader, Truncated } from './reader.ts';

/** A stretch of the message. */
export interface Span {
  start: number;
  end: number;
}

/** Repeated attributes of one UPDATE that are reported; 64 KiB hold 20,000 of them. */
export const maxDuplicates = 16;

/** One path attribute: where it begins, where its value is. */
export interface FoundAttribute {
  code: number;
  flags: number;
  at: number;
  value: Span;
}

/**
 * The attributes in `span`, at most one of each code, in order. `start` is where the message begins. Throws SessionError
 * when MP_REACH_NLRI or MP_UNREACH_NLRI is there twice.
 */
export function findAttributes(
  bytes: Uint8Array,
  start: number,
  span: Span,
  problems: UpdateProblem[],
): FoundAttribute[] {
  const { all, overrun } = walkHeaders(bytes, span);
  if (overrun !== undefined || all.some(isUnrecognizedWellKnown)) {
    const otherwise = withLongNextHop(bytes, span);
    if (otherwise) return otherwise;
  }
  const found: FoundAttribute[] = [];
  for (const attribute of all) {
    if (!found.some(({ code }) => code === attribute.code)) found.push(attribute);
    else {
      const problem = duplicate(start, attribute);
      if (problems.length < maxDuplicates) problems.push(problem);
    }
  }
  if (overrun !== undefined)
    problems.push({
      attribute: span.end - overrun >= 2 ? bytes[overrun + 1]! : 0,
      action: 'treat-as-withdraw',
      clause: 'RFC 7606 §4',
      offset: overrun - start,
      text: 'an attribute runs over the end of the path attributes',
    });
  return found;
}

/** RFC 7606 §4: behind an attribute that does not fit nothing more can be found; `overrun` is where it begins. */
function walkHeaders(bytes: Uint8Array, span: Span, nextHopLength?: number) {
  const all: FoundAttribute[] = [];
  const reader = new Reader(bytes, span.start, span.end);
  while (reader.remaining > 0) {
    const at = reader.offset;
    try {
      const flags = reader.u8();
      const code = reader.u8();
      const length = flags & flag.extendedLength ? reader.u16() : reader.u8();
      const value = reader.block(code === AttributeCode.nextHop ? (nextHopLength ?? length) : length);
      all.push({ code, flags, at, value: { start: value.offset, end: value.end } });
    } catch (error) {
      if (!(error instanceof Truncated)) throw error;
      return { all, overrun: at };
    }
  }
  return { all };
}

/**
 * MetalLB in native mode, on a session over IPv6, puts sixteen octets behind a NEXT_HOP length of four: everything
 * behind it is garbled. With sixteen all attributes fit, so it is a NEXT_HOP of wrong length (RFC 7606 §7.3), not the
 * end of a session that would only come back with the same.
 */
function withLongNextHop(bytes: Uint8Array, span: Span): FoundAttribute[] | undefined {
  const { all, overrun } = walkHeaders(bytes, span, 16);
  const codes = all.map(({ code }) => code);
  const sound = overrun === undefined && !all.some(isUnrecognizedWellKnown) && new Set(codes).size === codes.length;
  return sound && codes.includes(AttributeCode.nextHop) ? all : undefined;
}

function duplicate(start: number, { code, at }: FoundAttribute): UpdateProblem {
  const problem: UpdateProblem = {
    attribute: code,
    action: isMp(code) ? 'session-reset' : 'attribute-discard',
    clause: 'RFC 7606 §3(g)',
    offset: at - start,
    text: `${attributeName(code)} appears more than once`,
  };
  if (isMp(code)) throw reset(Subcode.malformedAttributeList, problem);
  return problem;
}

/** RFC 4271 §6.3. */
export function isUnrecognizedWellKnown({ code, flags }: FoundAttribute): boolean {
  return attributesByCode[code] === undefined && (flags & flag.optional) === 0;
}

export const isMp = (code: number): boolean => code === AttributeCode.mpReach || code === AttributeCode.mpUnreach;

/** An UPDATE that the session does not survive. */
export function reset(subcode: number, problem: UpdateProblem, data?: Uint8Array): SessionError {
  return new SessionError(ErrorCode.updateMessage, subcode, problem.text, data, {
    ...problem,
    action: 'session-reset',
  });
}

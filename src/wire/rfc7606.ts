/**
 * The revised error handling of UPDATE messages, in one place: each error becomes a problem that says what is done
 * about it, or a SessionError when nothing can be. What an attribute's own error means is in its row.
 */

import { flag, flagsOf } from './attributes/attribute.ts';
import { attributesByCode } from './attributes/index.ts';
import { isNegotiated } from './attributes/mp-reach.ts';
import type { UpdateContext } from './context.ts';
import { AttributeError, type UpdateProblem } from './errors.ts';
import {
  type FoundAttribute,
  findAttributes,
  isMp,
  isUnrecognizedWellKnown,
  reset,
  type Span,
} from './find-attributes.ts';
import { headerLength } from './framer.ts';
import { toHex } from './hex.ts';
import { AttributeCode, attributeName, familyName, familyOf, Subcode } from './iana.ts';
import { nlriEnd } from './nlri.ts';
import { Reader, Truncated } from './reader.ts';

/** An UPDATE taken apart and judged. Spans are positions in `bytes`. */
export interface JudgedUpdate {
  bytes: Uint8Array;
  /** IPv4 routes of the message itself, not of its attributes. */
  withdrawn: Span;
  nlri: Span;
  /** Attributes that survived, in order, at most one of each code. */
  attributes: FoundAttribute[];
  problems: UpdateProblem[];
  /** All its routes are to be treated as withdrawn. */
  withdraw: boolean;
}

/** Judges `bytes[start..end)`, one UPDATE with its header. Throws SessionError (code 3) where a reset is demanded. */
export function judgeUpdate(bytes: Uint8Array, start: number, end: number, context: UpdateContext): JudgedUpdate {
  const { withdrawn, attributes, nlri } = sections(bytes, start, end);
  for (const routes of [withdrawn, nlri]) checkRoutes(bytes, start, routes, context);

  const problems: UpdateProblem[] = [];
  const found = findAttributes(bytes, start, attributes, problems);
  const kept = found.filter((it) => {
    const problem = problemOf(bytes, start, it, context);
    if (problem) problems.push(problem);
    // the routes of an MP attribute are needed even when its flags are wrong
    return !problem || (isMp(it.code) && problem.action === 'treat-as-withdraw');
  });
  const reach = found.find(({ code }) => code === AttributeCode.mpReach);
  if (nlri.start < nlri.end || reach) problems.push(...missing(found, nlri.start < nlri.end));
  if (nlri.start < nlri.end && !context.ipv4)
    problems.push({
      attribute: 0,
      action: 'treat-as-withdraw',
      clause: 'RFC 4760 §8',
      offset: nlri.start - start,
      text: 'ipv4-unicast was not negotiated',
    });

  const withdraw = problems.find(({ action }) => action === 'treat-as-withdraw');
  const announces = nlri.start < nlri.end || (reach !== undefined && hasRoutes(bytes, reach));
  // RFC 7606 §5.2: what should announce but has no routes is not to be trusted to have been read in full
  const onlyWithdraws = found.length === 1 && withdraw?.attribute === AttributeCode.mpUnreach;
  if (withdraw && !announces && !onlyWithdraws)
    throw reset(Subcode.malformedAttributeList, { ...withdraw, clause: 'RFC 7606 §5.2' });
  return { bytes, withdrawn, nlri, attributes: kept, problems, withdraw: withdraw !== undefined };
}

/** The three parts; RFC 4271 §6.3: lengths that do not fit are a malformed attribute list. */
function sections(bytes: Uint8Array, start: number, end: number): Record<'withdrawn' | 'attributes' | 'nlri', Span> {
  const reader = new Reader(bytes, start + headerLength, end);
  try {
    const withdrawn = reader.block(reader.u16());
    const attributes = reader.block(reader.u16());
    return {
      withdrawn: { start: withdrawn.offset, end: withdrawn.end },
      attributes: { start: attributes.offset, end: attributes.end },
      nlri: { start: reader.offset, end },
    };
  } catch (error) {
    if (!(error instanceof Truncated)) throw error;
    throw reset(Subcode.malformedAttributeList, {
      attribute: 0,
      action: 'session-reset',
      clause: 'RFC 7606 §3(b)',
      offset: reader.offset - start,
      text: 'a length of the UPDATE is greater than what is left of it',
    });
  }
}

function checkRoutes(bytes: Uint8Array, start: number, routes: Span, context: UpdateContext): void {
  const at = nlriEnd(bytes, routes.start, routes.end, 32, context.addPath4);
  if (at !== routes.end)
    throw reset(Subcode.invalidNetworkField, {
      attribute: 0,
      action: 'session-reset',
      clause: 'RFC 7606 §5.3',
      offset: at - start,
      text: 'an IPv4 prefix is longer than 32 bits or runs over the end',
    });
}

/** What is wrong with one attribute, if anything. */
function problemOf(
  bytes: Uint8Array,
  start: number,
  attribute: FoundAttribute,
  context: UpdateContext,
): UpdateProblem | undefined {
  const { code, flags, at, value } = attribute;
  const name = attributeName(code);
  const row = attributesByCode[code];
  const problem = (action: UpdateProblem['action'], clause: string, text: string): UpdateProblem => ({
    attribute: code,
    action,
    clause,
    offset: at - start,
    text: `${name}: ${text}`,
  });
  if (isUnrecognizedWellKnown(attribute)) {
    const unrecognized = problem('session-reset', 'RFC 4271 §6.3', 'flagged well-known, but not known');
    throw reset(Subcode.unrecognizedWellKnownAttribute, unrecognized, bytes.slice(at, value.end));
  }
  if (row === undefined) return undefined;
  if (row.internalOnly && !context.ibgp) return problem('attribute-discard', row.clause, 'from an external neighbor');
  if ((code === AttributeCode.as4Path || code === AttributeCode.as4Aggregator) && context.as4)
    return problem('attribute-discard', 'RFC 6793 §4.1', 'from a neighbor that speaks four-octet AS numbers');
  if (isMp(code)) {
    const unnegotiated = unnegotiatedFamily(bytes, value, context);
    if (unnegotiated) return problem('attribute-discard', 'RFC 4760 §8', `${unnegotiated} was not negotiated`);
  }
  try {
    // before the flags are judged: a reset is stronger than what wrong flags mean
    row.decode(new Reader(bytes, value.start, value.end), context);
  } catch (error) {
    if (!(error instanceof AttributeError || error instanceof Truncated)) throw error;
    const malformed = problem(row.onError, row.clause, error.message);
    if (row.onError === 'session-reset')
      throw reset(Subcode.optionalAttributeError, malformed, bytes.slice(at, value.end));
    return malformed;
  }
  if ((flags & (flag.optional | flag.transitive)) !== flagsOf(row.category))
    return problem(
      row.onFlags ?? 'treat-as-withdraw',
      'RFC 7606 §3(c)',
      `flags 0x${toHex(Uint8Array.of(flags))} do not fit ${row.category}`,
    );
  return undefined;
}

/** The family of an MP attribute when both sides did not announce it. */
function unnegotiatedFamily(bytes: Uint8Array, { start, end }: Span, context: UpdateContext): string | undefined {
  if (end - start < 3) return undefined; // malformed: the row says so
  const afi = (bytes[start]! << 8) | bytes[start + 1]!;
  const safi = bytes[start + 2]!;
  const family = familyOf(afi, safi);
  return family !== undefined && isNegotiated(family, context) ? undefined : familyName(afi, safi);
}

/** RFC 7606 §3(d). NEXT_HOP belongs to routes outside MP_REACH_NLRI only (RFC 4760 §3). */
function missing(found: readonly FoundAttribute[], classic: boolean): UpdateProblem[] {
  const mandatory = [AttributeCode.origin, AttributeCode.asPath, ...(classic ? [AttributeCode.nextHop] : [])];
  return mandatory
    .filter((code) => !found.some((attribute) => attribute.code === code))
    .map((code) => ({
      attribute: code,
      action: 'treat-as-withdraw',
      clause: 'RFC 7606 §3(d)',
      offset: 0,
      text: `${attributeName(code)} is missing`,
    }));
}

/** Does an MP_REACH_NLRI hold any route? */
function hasRoutes(bytes: Uint8Array, { value }: FoundAttribute): boolean {
  return value.start + 5 + bytes[value.start + 3]! < value.end;
}

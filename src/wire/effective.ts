/** A judged UPDATE → the octets that are left to apply. Nothing is announced that was not received. */

import { parseAddress } from '../ip.ts';
import { aggregator } from './attributes/aggregator.ts';
import { asPath, mergeAs4Path, writeSegments } from './attributes/as-path.ts';
import { as4Aggregator } from './attributes/as4-aggregator.ts';
import { as4Path } from './attributes/as4-path.ts';
import { type Attribute, flag } from './attributes/attribute.ts';
import { mpReach } from './attributes/mp-reach.ts';
import { mpUnreach } from './attributes/mp-unreach.ts';
import type { UpdateContext } from './context.ts';
import type { FoundAttribute, Span } from './find-attributes.ts';
import { maxExtendedMessageLength } from './framer.ts';
import { Afi, AttributeCode, asTrans, MessageType, Safi } from './iana.ts';
import { Reader } from './reader.ts';
import type { JudgedUpdate } from './rfc7606.ts';
import { Writer } from './writer.ts';

const nothing = new Uint8Array(0);

/** The UPDATE with its discarded attributes left out and AS numbers of four octets; undefined when it grows too long. */
export function remainingUpdate(judged: JudgedUpdate, context: UpdateContext): Uint8Array | undefined {
  const { bytes, withdrawn, nlri, attributes } = judged;
  if (!carriesRoutes(judged, context)) return nothing;
  const writer = updateWriter();
  writeBlock(writer, (part) => part.octets(octets(bytes, withdrawn)));
  writeBlock(writer, (part) => {
    if (context.as4) for (const { at, value } of attributes) part.octets(bytes.subarray(at, value.end));
    else writeFourOctetAttributes(part, judged, context);
  });
  writer.octets(octets(bytes, nlri));
  return writer.length > maxExtendedMessageLength ? undefined : finish(writer);
}

/** The UPDATE with all its routes among the withdrawn (RFC 7606 §2): IPv4 in the message, IPv6 in MP_UNREACH_NLRI. */
export function withdrawingUpdate(judged: JudgedUpdate, context: UpdateContext): Uint8Array {
  const { bytes, withdrawn, nlri } = judged;
  const mp = mpRoutes(judged, context);
  const spans = (family: number): Uint8Array[] =>
    mp.filter((it) => it.family === family).map((it) => octets(bytes, it.nlri));
  const ipv4 = [octets(bytes, withdrawn), octets(bytes, nlri), ...spans(4)];
  const ipv6 = spans(6);
  if ([...ipv4, ...ipv6].every(({ length }) => length === 0)) return nothing;
  const writer = updateWriter();
  writeBlock(writer, (part) => {
    for (const routes of ipv4) part.octets(routes);
  });
  writeBlock(writer, (part) => {
    const length = ipv6.reduce((sum, routes) => sum + routes.length, 0);
    if (length === 0) return;
    part
      .u8(flag.optional | flag.extendedLength)
      .u8(AttributeCode.mpUnreach)
      .u16(3 + length);
    part.u16(Afi.ipv6).u8(Safi.unicast);
    for (const routes of ipv6) part.octets(routes);
  });
  return finish(writer);
}

/** Is anything announced or withdrawn? What lost its attributes must not look like an End-of-RIB. */
function carriesRoutes(judged: JudgedUpdate, context: UpdateContext): boolean {
  const { withdrawn, nlri } = judged;
  return [withdrawn, nlri, ...mpRoutes(judged, context).map((it) => it.nlri)].some(({ start, end }) => start < end);
}

function mpRoutes({ bytes, attributes }: JudgedUpdate, context: UpdateContext) {
  return attributes.flatMap(({ code, value }) => {
    const row = code === mpReach.code ? mpReach : code === mpUnreach.code ? mpUnreach : undefined;
    return row ? [row.decode(new Reader(bytes, value.start, value.end), context)] : [];
  });
}

/** RFC 6793 §4.2.3: what a neighbor with two-octet AS numbers sent, as one with four octets would have. */
function writeFourOctetAttributes(writer: Writer, judged: JudgedUpdate, context: UpdateContext): void {
  const read = <T>(row: Attribute<string, T>): T | undefined => {
    const found = judged.attributes.find(({ code }) => code === row.code);
    return found && row.decode(new Reader(judged.bytes, found.value.start, found.value.end), context);
  };
  const path = read(asPath);
  const aggregated = read(aggregator);
  // an aggregator that is no AS_TRANS was not written by somebody who knew of the AS4 attributes
  const ignoreAs4 = aggregated !== undefined && aggregated.asn !== asTrans;
  const longPath = ignoreAs4 ? undefined : read(as4Path);
  const longAggregator = ignoreAs4 ? undefined : read(as4Aggregator);
  for (const attribute of judged.attributes) {
    switch (attribute.code) {
      case AttributeCode.asPath: {
        const value = new Writer();
        writeSegments(value, path && longPath ? mergeAs4Path(path, longPath) : path!);
        writeAttribute(writer, attribute, value.done());
        break;
      }
      case AttributeCode.aggregator: {
        const { asn, routerId } = longAggregator ?? aggregated!;
        writeAttribute(writer, attribute, new Writer().u32(asn).octets(parseAddress(routerId)!).done());
        break;
      }
      case AttributeCode.as4Path:
      case AttributeCode.as4Aggregator:
        break;
      default:
        writer.octets(judged.bytes.subarray(attribute.at, attribute.value.end));
    }
  }
}

function writeAttribute(writer: Writer, { code, flags }: FoundAttribute, value: Uint8Array): void {
  const extended = value.length > 255;
  writer.u8((flags & ~flag.extendedLength) | (extended ? flag.extendedLength : 0)).u8(code);
  if (extended) writer.u16(value.length);
  else writer.u8(value.length);
  writer.octets(value);
}

/** Header and type; finish() fills the length in. */
function updateWriter(): Writer {
  const writer = new Writer(256);
  for (let i = 0; i < 16; i++) writer.u8(0xff);
  return writer.u16(0).u8(MessageType.update);
}

function finish(writer: Writer): Uint8Array {
  return writer.patch16(16, writer.length).done();
}

/** What `write` writes, behind its length in two octets. */
function writeBlock(writer: Writer, write: (writer: Writer) => void): void {
  const at = writer.length;
  writer.u16(0);
  write(writer);
  writer.patch16(at, writer.length - at - 2);
}

const octets = (bytes: Uint8Array, { start, end }: Span): Uint8Array => bytes.subarray(start, end);

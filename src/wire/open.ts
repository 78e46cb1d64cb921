/**
 * OPEN (RFC 4271 §4.2), with the longer form of the optional parameters (RFC 9072).
 *
 *     version u8 | my AS u16 | hold time u16 | BGP identifier 4 | parameters length u8 | parameters
 *     parameters length 255 and first type 255: | 255 u8 | length u16 | parameters with lengths of two octets
 *     parameter: type u8 | length u8 or u16 | value; type 2 holds capabilities: (code u8 | length u8 | value)*
 */
import { formatAddress, parseAddress } from '../ip.ts';
import { as4, type Capability, decodeCapability, valuesOf } from './capabilities.ts';
import { SessionError } from './errors.ts';
import { fromHex } from './hex.ts';
import { asTrans, ErrorCode, Subcode } from './iana.ts';
import { type Reader, Truncated } from './reader.ts';
import { Writer } from './writer.ts';

export const bgpVersion = 4;

export interface Open {
  kind: 'open';
  version: number;
  /** The My Autonomous System field: AS_TRANS where the AS number needs four octets. */
  myAs: number;
  /** The AS number: from the four-octet AS capability when there is one, else `myAs`. */
  asn: number;
  /** Seconds. */
  holdTime: number;
  /** BGP Identifier as a dotted quad. */
  routerId: string;
  capabilities: Capability[];
}

const capabilitiesParameter = 2;
const extendedLength = 255;
/** Octets for code and length, and the value, that one length octet can describe. */
const maxShortParameters = 254;

/** Reads the body of an OPEN. Throws SessionError (code 2). Values are judged by negotiate(), not here. */
export function decodeOpen(body: Reader): Open {
  try {
    const version = body.u8();
    if (version !== bgpVersion)
      throw openError(
        Subcode.unsupportedVersion,
        `BGP version ${version} is not spoken here`,
        Uint8Array.of(0, bgpVersion),
      );
    const myAs = body.u16();
    const holdTime = body.u16();
    const routerId = formatAddress(body.take(4), 4);
    const capabilities = decodeParameters(body);
    const asn = valuesOf(capabilities, as4)[0]?.asn ?? myAs;
    return { kind: 'open', version, myAs, asn, holdTime, routerId, capabilities };
  } catch (error) {
    if (!(error instanceof Truncated)) throw error;
    // RFC 4271 §6.2: recognised but malformed optional parameters are an unspecific OPEN error
    throw openError(0, 'the optional parameters do not fit their length');
  }
}

function decodeParameters(body: Reader): Capability[] {
  let length = body.u8();
  // RFC 9072 §2: the first parameter type tells, not the length octet
  const extended = length !== 0 && body.remaining > 0 && body.bytes[body.offset] === extendedLength;
  if (extended) {
    body.u8();
    length = body.u16();
  }
  const parameters = body.block(length);
  if (body.remaining > 0) throw openError(0, `${body.remaining} octets behind the optional parameters`);
  const capabilities: Capability[] = [];
  while (parameters.remaining > 0) {
    const type = parameters.u8();
    const value = parameters.block(extended ? parameters.u16() : parameters.u8());
    if (type !== capabilitiesParameter)
      throw openError(Subcode.unsupportedOptionalParameter, `optional parameter type ${type} is not known`);
    while (value.remaining > 0) capabilities.push(decodeCapability(value.u8(), value.block(value.u8())));
  }
  return capabilities;
}

/** Writes the body of an OPEN; all capabilities in one parameter, in the order given. */
export function encodeOpen(writer: Writer, open: Open): void {
  const capabilities = new Writer();
  for (const { code, raw } of open.capabilities) {
    const value = fromHex(raw);
    capabilities.u8(code).u8(value.length).octets(value);
  }
  const parameter = capabilities.done();
  writer.u8(open.version).u16(open.myAs).u16(open.holdTime).octets(parseAddress(open.routerId)!);
  if (parameter.length === 0) writer.u8(0);
  else if (parameter.length + 2 <= maxShortParameters)
    writer
      .u8(parameter.length + 2)
      .u8(capabilitiesParameter)
      .u8(parameter.length);
  else
    writer
      .u8(extendedLength)
      .u8(extendedLength)
      .u16(parameter.length + 3)
      .u8(capabilitiesParameter)
      .u16(parameter.length);
  writer.octets(parameter);
}

/** What the My Autonomous System field holds for an AS number (RFC 6793 §4.1). */
export const myAsField = (asn: number): number => (asn > 0xffff ? asTrans : asn);

function openError(subcode: number, text: string, data?: Uint8Array): SessionError {
  return new SessionError(ErrorCode.openMessage, subcode, text, data);
}

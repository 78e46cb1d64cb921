/**
 * NOTIFICATION (RFC 4271 §4.5): `code u8 | subcode u8 | data`. The data of Cease/Administrative Shutdown and
 * Cease/Administrative Reset is a sentence for the other side's operator (RFC 9003): `length u8 | UTF-8`.
 */
import { visible } from '../visible.ts';
import { ErrorCode, Subcode } from './iana.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface Notification {
  kind: 'notification';
  code: number;
  subcode: number;
  data: Uint8Array;
}

/** RFC 8654 §5: a NOTIFICATION fits into 4096 octets whoever receives it; the rest is the header, code and subcode. */
const maxData = 4096 - 21;
/** RFC 9003 §2: octets of a shutdown communication. */
const maxShutdownText = 255;

export function decodeNotification(body: Reader): Notification {
  return { kind: 'notification', code: body.u8(), subcode: body.u8(), data: body.rest().slice() };
}

export function encodeNotification(writer: Writer, { code, subcode, data }: Notification): void {
  writer.u8(code).u8(subcode).octets(data.subarray(0, maxData));
}

/** A Cease; `text` is carried where RFC 9003 has a place for it, cut to 255 octets at a character's end. */
export function cease(subcode: number, text = ''): Notification {
  let data = new Uint8Array(0);
  if (carriesText(ErrorCode.cease, subcode) && text !== '') {
    const octets = new Uint8Array(maxShutdownText);
    const { written } = new TextEncoder().encodeInto(text, octets);
    data = Uint8Array.of(written, ...octets.subarray(0, written));
  }
  return { kind: 'notification', code: ErrorCode.cease, subcode, data };
}

/**
 * The shutdown communication in a NOTIFICATION, fit for logs and pages: invalid UTF-8, control and invisible characters
 * become U+FFFD, a length that does not fit is taken as far as there are octets. A Hard Reset (RFC 8538 §3.1) is looked into.
 */
export function shutdownText({ code, subcode, data }: Notification): string | undefined {
  if (code === ErrorCode.cease && subcode === Subcode.hardReset && data.length >= 2)
    return shutdownText({ kind: 'notification', code: data[0]!, subcode: data[1]!, data: data.subarray(2) });
  if (!carriesText(code, subcode) || data.length < 2) return undefined;
  const text = new TextDecoder().decode(data.subarray(1, 1 + data[0]!));
  return visible(text) || undefined;
}

const carriesText = (code: number, subcode: number): boolean =>
  code === ErrorCode.cease && (subcode === Subcode.administrativeShutdown || subcode === Subcode.administrativeReset);

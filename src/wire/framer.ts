/**
 * A TCP stream → whole BGP messages (RFC 4271 §4.1, §6.1; RFC 8654).
 *
 *     marker 16 × 0xff | length u16, header included | type u8 | body
 *
 * A message that lies wholly in one chunk is handed out in place; only one that straddles chunks is put together
 * in a buffer of its own. Nothing is allocated per message.
 */

import { SessionError } from './errors.ts';
import { ErrorCode, MessageType, Subcode } from './iana.ts';

export const headerLength = 19;
/** RFC 4271 §4.1. */
export const maxMessageLength = 4096;
/** RFC 8654 §6: of every message but OPEN and KEEPALIVE, from a neighbor that we announced the capability to. */
export const maxExtendedMessageLength = 65535;

/** `bytes[start..end)` is one message, header included; valid only during the call. Return false to stop reading. */
export type OnMessage = (bytes: Uint8Array, start: number, end: number, type: number) => unknown;

/** Least length by type; KEEPALIVE has exactly that (RFC 4271 §6.1; RFC 2918 §3 for ROUTE-REFRESH). */
const leastLength = Uint8Array.of(0, 29, 23, 21, 19, 23);

/** One per connection. */
export class Framer {
  /** Set once the neighbor has our OPEN with the extended message capability. */
  extendedMessage = false;
  /** A message that began in an earlier chunk. */
  #partial = new Uint8Array(0);
  #partialLength = 0;

  /** Octets of an unfinished message that wait for the rest. */
  get pending(): number {
    return this.#partialLength;
  }

  /** Hands out every message that is complete with this chunk. Throws SessionError (code 1) on a bad header. */
  push(chunk: Uint8Array, onMessage: OnMessage): void {
    let at = 0;
    if (this.#partialLength > 0) {
      at = this.#complete(chunk, onMessage);
      if (at < 0) return;
    }
    const { length } = chunk;
    while (length - at >= headerLength) {
      const size = this.#header(chunk, at);
      if (length - at < size) break;
      if (onMessage(chunk, at, at + size, chunk[at + 18]!) === false) return;
      at += size;
    }
    if (at < length) this.#keep(chunk, at);
  }

  /** Puts the message begun earlier together. Returns where the next begins, or -1 when there is nothing more to do. */
  #complete(chunk: Uint8Array, onMessage: OnMessage): number {
    let at = 0;
    if (this.#partialLength < headerLength) {
      at = Math.min(headerLength - this.#partialLength, chunk.length);
      this.#append(chunk, 0, at, headerLength);
      if (this.#partialLength < headerLength) {
        checkMarker(this.#partial, 0, Math.min(16, this.#partialLength));
        return -1;
      }
    }
    const size = this.#header(this.#partial, 0);
    const end = Math.min(at + size - this.#partialLength, chunk.length);
    this.#append(chunk, at, end, size);
    if (this.#partialLength < size) return -1;
    this.#partialLength = 0;
    return onMessage(this.#partial, 0, size, this.#partial[18]!) === false ? -1 : end;
  }

  /** Keeps the beginning of a message until the next chunk. */
  #keep(chunk: Uint8Array, at: number): void {
    const known = chunk.length - at >= headerLength;
    // garbage is refused as soon as it cannot become a marker, not when nineteen octets of it are there
    if (!known) checkMarker(chunk, at, Math.min(16, chunk.length - at));
    this.#append(chunk, at, chunk.length, known ? this.#header(chunk, at) : headerLength);
  }

  #append(chunk: Uint8Array, from: number, to: number, capacity: number): void {
    if (this.#partial.length < capacity) {
      const grown = new Uint8Array(capacity);
      grown.set(this.#partial.subarray(0, this.#partialLength));
      this.#partial = grown;
    }
    this.#partial.set(chunk.subarray(from, to), this.#partialLength);
    this.#partialLength += to - from;
  }

  /** The length of the message whose header is at `at`, after the checks of RFC 4271 §6.1. */
  #header(bytes: Uint8Array, at: number): number {
    checkMarker(bytes, at, 16);
    const length = (bytes[at + 16]! << 8) | bytes[at + 17]!;
    const type = bytes[at + 18]!;
    if (length < headerLength) throw badLength(length);
    if (type < MessageType.open || type > MessageType.routeRefresh)
      throw new SessionError(
        ErrorCode.messageHeader,
        Subcode.badMessageType,
        `message type ${type} is not known`,
        Uint8Array.of(type),
      );
    if (length < leastLength[type]!) throw badLength(length);
    if (type === MessageType.keepalive && length !== headerLength) throw badLength(length);
    // RFC 8654 §6: OPEN stays within 4096 octets even then
    const extended = this.extendedMessage && type !== MessageType.open;
    if (length > (extended ? maxExtendedMessageLength : maxMessageLength)) throw badLength(length);
    return length;
  }
}

function checkMarker(bytes: Uint8Array, at: number, length: number): void {
  for (let i = at; i < at + length; i++)
    if (bytes[i] !== 0xff)
      throw new SessionError(
        ErrorCode.messageHeader,
        Subcode.connectionNotSynchronized,
        'the marker is not all ones: this is not BGP',
      );
}

function badLength(length: number): SessionError {
  return new SessionError(
    ErrorCode.messageHeader,
    Subcode.badMessageLength,
    `message length ${length} is not possible`,
    Uint8Array.of(length >> 8, length & 0xff),
  );
}

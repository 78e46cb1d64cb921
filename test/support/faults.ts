/** Faults on the wire that end a connection: octets in, NOTIFICATION out (RFC 4271 §6, RFC 6608). */
import { encodeMessage } from '../../src/wire/message.ts';
import type { Open } from '../../src/wire/open.ts';
import { metallbNativeCapabilities } from './test-peer.ts';

const marker = 'ff'.repeat(16);
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));
const open = (changes: Partial<Open> = {}): Uint8Array =>
  encodeMessage({
    kind: 'open',
    version: 4,
    myAs: 64512,
    asn: 64512,
    holdTime: 90,
    routerId: '10.0.0.1',
    capabilities: metallbNativeCapabilities(64512),
    ...changes,
  });
const keepalive = `${marker} 0013 04`;
const endOfRib = `${marker} 0017 02 0000 0000`;

/** What a neighbor may do wrong, and what it hears. */
export interface Fault {
  name: string;
  /** Sent at once after connecting; text is hex. */
  send: (string | Uint8Array)[];
  /** Code, subcode and data of our NOTIFICATION in hex. */
  notification: string;
  /** Stable word of the reason. */
  code: string;
}

/** Everything of `send`, in one piece. */
export function octets({ send }: Fault): Uint8Array {
  return Buffer.concat(send.map((part) => (typeof part === 'string' ? hex(part) : part)));
}

/** Each ends the connection with a NOTIFICATION where AS 64512 is expected. */
export const faults: Fault[] = [
  {
    name: 'an HTTP request is not BGP',
    send: [new TextEncoder().encode('GET / HTTP/1.1\r\nHost: glass\r\n\r\n')],
    notification: '01 01',
    code: 'message-header-error/connection-not-synchronized',
  },
  {
    name: 'a TLS hello is not BGP',
    send: ['16030100 c8010000 c40303'],
    notification: '01 01',
    code: 'message-header-error/connection-not-synchronized',
  },
  {
    name: 'a PROXY header is not BGP',
    send: ['0d0a0d0a000d0a515549540a'],
    notification: '01 01',
    code: 'message-header-error/connection-not-synchronized',
  },
  {
    name: 'one zero in the marker',
    send: [`${'ff'.repeat(15)}00 0013 04`],
    notification: '01 01',
    code: 'message-header-error/connection-not-synchronized',
  },
  {
    name: 'length 0',
    send: [`${marker} 0000 01`],
    notification: '01 02 0000',
    code: 'message-header-error/bad-message-length',
  },
  {
    name: 'length 18',
    send: [`${marker} 0012 04`],
    notification: '01 02 0012',
    code: 'message-header-error/bad-message-length',
  },
  {
    name: 'an OPEN of 28 octets',
    send: [`${marker} 001c 01`],
    notification: '01 02 001c',
    code: 'message-header-error/bad-message-length',
  },
  {
    name: 'an UPDATE of 19 octets',
    send: [`${marker} 0013 02`],
    notification: '01 02 0013',
    code: 'message-header-error/bad-message-length',
  },
  {
    name: 'a KEEPALIVE with a body',
    send: [`${marker} 0014 04 00`],
    notification: '01 02 0014',
    code: 'message-header-error/bad-message-length',
  },
  {
    name: '4097 octets before extended messages were agreed on',
    send: [`${marker} 1001 02`],
    notification: '01 02 1001',
    code: 'message-header-error/bad-message-length',
  },
  {
    name: 'message type 6',
    send: [`${marker} 0013 06`],
    notification: '01 03 06',
    code: 'message-header-error/bad-message-type',
  },
  {
    name: 'message type 255',
    send: [`${marker} 0013 ff`],
    notification: '01 03 ff',
    code: 'message-header-error/bad-message-type',
  },
  {
    name: 'BGP version 3',
    send: [open({ version: 3 })],
    notification: '02 01 0004',
    code: 'open-message-error/unsupported-version-number',
  },
  {
    name: 'the wrong AS',
    send: [open({ myAs: 64513, asn: 64513, capabilities: metallbNativeCapabilities(64513) })],
    notification: '02 02',
    code: 'open-message-error/bad-peer-as',
  },
  {
    name: 'AS 0',
    send: [open({ myAs: 0, asn: 0, capabilities: [] })],
    notification: '02 02',
    code: 'open-message-error/bad-peer-as',
  },
  {
    name: 'a four-octet AS that My AS contradicts',
    send: [open({ myAs: 64513 })],
    notification: '02 02',
    code: 'open-message-error/bad-peer-as',
  },
  {
    name: 'hold time 1',
    send: [open({ holdTime: 1 })],
    notification: '02 06',
    code: 'open-message-error/unacceptable-hold-time',
  },
  {
    name: 'hold time 2',
    send: [open({ holdTime: 2 })],
    notification: '02 06',
    code: 'open-message-error/unacceptable-hold-time',
  },
  {
    name: 'optional parameter type 1',
    send: [`${marker} 0020 01 04 fc00 005a 0a000001 03 01 01 00`],
    notification: '02 04',
    code: 'open-message-error/unsupported-optional-parameter',
  },
  {
    name: 'optional parameters longer than the OPEN',
    send: [`${marker} 0020 01 04 fc00 005a 0a000001 09 02 01 00`],
    notification: '02 00',
    code: 'open-message-error',
  },
  {
    name: 'a capability longer than its parameter',
    send: [`${marker} 0021 01 04 fc00 005a 0a000001 04 02 02 41 04`],
    notification: '02 00',
    code: 'open-message-error',
  },
  {
    name: 'an UPDATE instead of an OPEN',
    send: [endOfRib],
    notification: '05 01',
    code: 'fsm-error/unexpected-message-in-open-sent',
  },
  {
    name: 'a KEEPALIVE instead of an OPEN',
    send: [keepalive],
    notification: '05 01',
    code: 'fsm-error/unexpected-message-in-open-sent',
  },
  {
    name: 'an UPDATE before the KEEPALIVE',
    send: [open(), endOfRib],
    notification: '05 02',
    code: 'fsm-error/unexpected-message-in-open-confirm',
  },
  {
    name: 'a second OPEN',
    send: [open(), open()],
    notification: '05 02',
    code: 'fsm-error/unexpected-message-in-open-confirm',
  },
  {
    name: 'an OPEN in an established session',
    send: [open(), keepalive, open()],
    notification: '05 03',
    code: 'fsm-error/unexpected-message-in-established',
  },
  {
    name: 'garbage in an established session',
    send: [open(), keepalive, '00'],
    notification: '01 01',
    code: 'message-header-error/connection-not-synchronized',
  },
  {
    name: 'withdrawn routes longer than the UPDATE',
    send: [open(), keepalive, `${marker} 0017 02 0005 0000`],
    notification: '03 01',
    code: 'update-message-error/malformed-attribute-list',
  },
  {
    name: 'path attributes longer than the UPDATE',
    send: [open(), keepalive, `${marker} 0017 02 0000 0005`],
    notification: '03 01',
    code: 'update-message-error/malformed-attribute-list',
  },
];

/**
 * A station that answers for addresses that its kernel does not have, as MetalLB's speaker does (its internal/layer2):
 * ARP requests, and solicitations with a source hardware address; to announce, gratuitous ARP as request and reply, and
 * unsolicited advertisements with Override. Runs in a namespace of its own; told what to answer for by lines of JSON.
 */
import { createInterface } from 'node:readline';
import { parseAddress } from '../../src/ip.ts';
import { libc } from '../../src/libc.ts';
import { concat } from './hex.ts';

export interface ResponderCommand {
  answer: string[];
  announce: boolean;
  /** Of eth0. */
  mac: string;
}

const broadcast = new Uint8Array(6).fill(0xff);
const allNodes = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const allNodesMac = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
const word = (value: number): number[] => [value >> 8, value & 255];

let mac = new Uint8Array(6);
let linkLocal = new Uint8Array(16);
let addresses = new Set<string>();
let fd: number | undefined;
const buffer = new Uint8Array(2048);
const from = new Uint8Array(20);

/** `struct sockaddr_ll`, all protocols. */
function bindTo(index: number): Uint8Array {
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, 17, true);
  view.setUint16(2, 3);
  view.setInt32(4, index, true);
  return address;
}

const key = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const send = (frame: Uint8Array): void => libc!.sendTo(fd!, frame, bindTo(libc!.interfaceIndex('eth0')!));

function arp(operation: number, owner: Uint8Array, toMac: Uint8Array, to: Uint8Array): Uint8Array {
  return concat(toMac, mac, [8, 6, 0, 1, 8, 0, 6, 4, 0, operation], mac, owner, toMac, to);
}

function advertisement(owner: Uint8Array, toMac: Uint8Array, to: Uint8Array, flags: number): Uint8Array {
  const message = concat([136, 0, 0, 0, flags, 0, 0, 0], owner, [2, 1], mac);
  const pseudo = concat(linkLocal, to, [0, 0, ...word(message.length), 0, 0, 0, 58], message);
  let sum = 0;
  for (let i = 0; i < pseudo.length; i += 2) sum += (pseudo[i]! << 8) + pseudo[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  message.set(word(~sum & 0xffff), 2);
  return concat(toMac, mac, [0x86, 0xdd, 0x60, 0, 0, 0, ...word(message.length), 58, 255], linkLocal, to, message);
}

function answer(frame: Uint8Array): void {
  const type = (frame[12]! << 8) | frame[13]!;
  if (type === 0x0806 && frame[21] === 1) {
    const target = frame.slice(38, 42);
    if (addresses.has(key(target))) send(arp(2, target, frame.slice(22, 28), frame.slice(28, 32)));
  }
  if (type === 0x86dd && frame[20] === 58 && frame[54] === 135) {
    const target = frame.slice(62, 78);
    // without a Source Link-Layer Address MetalLB does not answer
    if (addresses.has(key(target)) && frame[78] === 1)
      send(advertisement(target, frame.slice(80, 86), frame.slice(22, 38), 0x40));
  }
}

function announce(address: Uint8Array): void {
  if (address.length === 16) send(advertisement(address, allNodesMac, allNodes, 0x20));
  else for (const operation of [1, 2]) send(arp(operation, address, broadcast, address));
}

/** fe80:: with the interface identifier of RFC 4291, appendix A: what the kernel itself makes of the hardware address. */
function linkLocalOf([a, b, c, d, e, f]: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a! ^ 2, b!, c!, 0xff, 0xfe, d!, e!, f!);
}

createInterface(process.stdin).on('line', (line) => {
  const command = JSON.parse(line) as ResponderCommand;
  mac = Uint8Array.from(command.mac.split(':'), (octet) => Number.parseInt(octet, 16));
  linkLocal = linkLocalOf(mac);
  if (fd === undefined) {
    fd = libc!.socket(17, 3, 0);
    libc!.bind(fd, bindTo(libc!.interfaceIndex('eth0')!));
  }
  const octets = command.answer.map((text) => parseAddress(text)!);
  addresses = new Set(octets.map(key));
  if (command.announce) for (const address of octets) announce(address);
  console.log('done');
});

setInterval(() => {
  if (fd === undefined) return;
  for (let length = libc!.receive(fd, buffer, from); length !== undefined; length = libc!.receive(fd, buffer, from))
    answer(buffer.slice(0, length));
}, 5);

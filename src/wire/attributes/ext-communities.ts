import { formatAddress } from '../../ip.ts';
import { toHex } from '../hex.ts';
import { AttributeCode } from '../iana.ts';
import type { Reader } from '../reader.ts';
import { attribute } from './attribute.ts';
import { list, multipleOf } from './lengths.ts';

/** RFC 4360, RFC 5668: `rt:65000:1`, `soo:192.0.2.1:5`; what has no name here stays `0x` and its eight octets. */
export const extCommunities = attribute({
  code: AttributeCode.extCommunities,
  name: 'extCommunities',
  json: { absent: [], schema: (z) => z.array(z.string()).describe('rt:65000:1') },
  category: 'optional-transitive',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.14',
  decode: (value) => list(multipleOf(value, 8), formatExtCommunity),
  format: (items) => items.join(' '),
});

/** Sub-types that mean the same under each AS-specific and address-specific type (RFC 7153 §5.2). */
const administered: Record<number, string> = { 2: 'rt', 3: 'soo' };

/** Reads eight octets. */
function formatExtCommunity(item: Reader): string {
  const octets = item.take(8);
  const value = new DataView(octets.buffer, octets.byteOffset, 8);
  const type = octets[0]! & 0xbf; // without the transitive bit
  const subtype = octets[1]!;
  const name = administered[subtype];
  if (name !== undefined && type === 0x00) return `${name}:${value.getUint16(2)}:${value.getUint32(4)}`;
  if (name !== undefined && type === 0x01) return `${name}:${formatAddress(octets, 4, 2)}:${value.getUint16(6)}`;
  if (name !== undefined && type === 0x02) return `${name}:${value.getUint32(2)}:${value.getUint16(6)}`;
  // draft-ietf-idr-link-bandwidth: octets per second as a float
  if (type === 0x00 && subtype === 0x04) return `bandwidth:${value.getUint16(2)}:${value.getFloat32(4)}`;
  if (type === 0x03 && subtype === 0x0b) return `color:${value.getUint32(4)}`; // RFC 9012 §4.3
  return `0x${toHex(octets)}`;
}

import { formatAddress } from '../../ip.ts';
import { toHex } from '../hex.ts';
import { AttributeCode } from '../iana.ts';
import type { Reader } from '../reader.ts';
import { attribute } from './attribute.ts';
import { list, multipleOf } from './lengths.ts';

/** RFC 5701: `rt:2001:db8::1:5`; what has no name here stays `0x` and its twenty octets. */
export const ipv6ExtCommunities = attribute({
  code: AttributeCode.ipv6ExtCommunities,
  name: 'ipv6ExtCommunities',
  json: null,
  category: 'optional-transitive',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.15',
  decode: (value) => list(multipleOf(value, 20), formatIpv6ExtCommunity),
  format: (items) => items.join(' '),
});

function formatIpv6ExtCommunity(item: Reader): string {
  const octets = item.take(20);
  const name = octets[0] !== 0 ? undefined : octets[1] === 2 ? 'rt' : octets[1] === 3 ? 'soo' : undefined;
  if (name === undefined) return `0x${toHex(octets)}`;
  return `${name}:${formatAddress(octets, 6, 2)}:${(octets[18]! << 8) | octets[19]!}`;
}

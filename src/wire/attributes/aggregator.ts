import { formatAddress } from '../../ip.ts';
import { AttributeError } from '../errors.ts';
import { AttributeCode } from '../iana.ts';
import type { Reader } from '../reader.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

export interface Aggregator {
  asn: number;
  /** BGP Identifier as a dotted quad. */
  routerId: string;
}

/** RFC 4271 §5.1.7, RFC 6793 §3: AS number of two or four octets, then the BGP Identifier. */
export const aggregator = attribute({
  code: AttributeCode.aggregator,
  name: 'aggregator',
  json: { absent: null, schema: (z) => z.object({ asn: z.int(), routerId: z.string() }) },
  category: 'optional-transitive',
  onError: 'attribute-discard',
  clause: 'RFC 7606 §7.7',
  decode: (value, { as4 }) => decodeAggregator(exactly(value, as4 ? 8 : 6), as4),
  format: formatAggregator,
});

export function decodeAggregator(value: Reader, as4: boolean): Aggregator {
  const asn = as4 ? value.u32() : value.u16();
  if (asn === 0) throw new AttributeError('AS number 0 (RFC 7607 §2)');
  return { asn, routerId: formatAddress(value.take(4), 4) };
}

export function formatAggregator({ asn, routerId }: Aggregator): string {
  return `${asn}:${routerId}`;
}

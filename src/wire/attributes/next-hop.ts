import { formatAddress } from '../../ip.ts';
import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/**
 * RFC 4271 §5.1.3. The address is shown, not judged: FRR without an IPv4 address sends 0.0.0.0, and a witness that
 * dropped the route could not tell.
 */
export const nextHop = attribute({
  code: AttributeCode.nextHop,
  name: 'nextHop',
  json: { absent: null, schema: (z) => z.string() },
  category: 'well-known',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.3',
  decode: (value) => formatAddress(exactly(value, 4).take(4), 4),
  format: (address) => address,
});

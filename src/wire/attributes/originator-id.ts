import { formatAddress } from '../../ip.ts';
import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/** RFC 4456 §8. */
export const originatorId = attribute({
  code: AttributeCode.originatorId,
  name: 'originatorId',
  json: { absent: null, schema: (z) => z.string().describe('Router ID of the route reflector client, RFC 4456') },
  category: 'optional-non-transitive',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.9',
  internalOnly: true,
  decode: (value) => formatAddress(exactly(value, 4).take(4), 4),
  format: (id) => id,
});

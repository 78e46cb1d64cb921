import { formatAddress } from '../../ip.ts';
import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { list, multipleOf } from './lengths.ts';

/** RFC 4456 §8. */
export const clusterList = attribute({
  code: AttributeCode.clusterList,
  name: 'clusterList',
  json: { absent: [], schema: (z) => z.array(z.string()).describe('Route reflectors that the route passed, RFC 4456') },
  category: 'optional-non-transitive',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.10',
  internalOnly: true,
  decode: (value) => list(multipleOf(value, 4), (item) => formatAddress(item.take(4), 4)),
  format: (ids) => ids.join(' '),
});

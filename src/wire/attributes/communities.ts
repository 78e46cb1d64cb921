import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { list, multipleOf } from './lengths.ts';

/** RFC 1997: `AS:value`, numbers also for well-known ones, in the order received. */
export const communities = attribute({
  code: AttributeCode.communities,
  name: 'communities',
  json: { absent: [], schema: (z) => z.array(z.string()).describe('64512:100') },
  category: 'optional-transitive',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.8',
  decode: (value) => list(multipleOf(value, 4), (item) => `${item.u16()}:${item.u16()}`),
  format: (items) => items.join(' '),
});

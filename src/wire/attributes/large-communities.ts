import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { list, multipleOf } from './lengths.ts';

/** RFC 8092: `a:b:c`. Repeated values count once (§2). */
export const largeCommunities = attribute({
  code: AttributeCode.largeCommunities,
  name: 'largeCommunities',
  json: { absent: [], schema: (z) => z.array(z.string()).describe('64512:1:2') },
  category: 'optional-transitive',
  onError: 'treat-as-withdraw',
  clause: 'RFC 8092 §6',
  decode: (value) => [...new Set(list(multipleOf(value, 12), (item) => `${item.u32()}:${item.u32()}:${item.u32()}`))],
  format: (items) => items.join(' '),
});

import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/** RFC 4271 §5.1.6: it is there or not. */
export const atomicAggregate = attribute({
  code: AttributeCode.atomicAggregate,
  name: 'atomicAggregate',
  json: { absent: null, schema: (z) => z.literal(true) },
  category: 'well-known',
  onError: 'attribute-discard',
  clause: 'RFC 7606 §7.6',
  decode(value): true {
    exactly(value, 0);
    return true;
  },
  format: String,
});

import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/** MULTI_EXIT_DISC, RFC 4271 §5.1.4. */
export const med = attribute({
  code: AttributeCode.med,
  name: 'med',
  json: { absent: null, schema: (z) => z.int() },
  category: 'optional-non-transitive',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.4',
  decode: (value) => exactly(value, 4).u32(),
  format: String,
});

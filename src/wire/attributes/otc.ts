import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/** Only to Customer, RFC 9234 §5. */
export const otc = attribute({
  code: AttributeCode.otc,
  name: 'otc',
  json: { absent: null, schema: (z) => z.int().describe('Only to Customer, RFC 9234') },
  category: 'optional-transitive',
  onError: 'treat-as-withdraw',
  clause: 'RFC 9234 §5',
  decode: (value) => exactly(value, 4).u32(),
  format: String,
});

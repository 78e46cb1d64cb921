import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/** RFC 4271 §5.1.5. */
export const localPref = attribute({
  code: AttributeCode.localPref,
  name: 'localPref',
  json: { absent: null, schema: (z) => z.int() },
  category: 'well-known',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.5',
  internalOnly: true,
  decode: (value) => exactly(value, 4).u32(),
  format: String,
});

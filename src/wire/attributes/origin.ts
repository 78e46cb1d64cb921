import { AttributeError } from '../errors.ts';
import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/** RFC 4271 §5.1.1, by value. */
export const origins = ['igp', 'egp', 'incomplete'] as const;
export type Origin = (typeof origins)[number];

export const origin = attribute({
  code: AttributeCode.origin,
  name: 'origin',
  json: { absent: null, schema: (z) => z.enum(origins) },
  category: 'well-known',
  onError: 'treat-as-withdraw',
  clause: 'RFC 7606 §7.1',
  decode(value): Origin {
    const code = exactly(value, 1).u8();
    const name = origins[code];
    if (name === undefined) throw new AttributeError(`undefined value ${code}`);
    return name;
  },
  format: (name) => name,
});

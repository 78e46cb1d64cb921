import { AttributeError } from '../errors.ts';
import { AttributeCode } from '../iana.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/**
 * The accumulated IGP metric (RFC 7311 §3): TLVs of `type u8 | length u16, these three included | value`. The first
 * of type 1 counts. It has 64 bits: values that a double cannot hold are rounded.
 */
export const aigp = attribute({
  code: AttributeCode.aigp,
  name: 'aigp',
  json: null,
  category: 'optional-non-transitive',
  onError: 'attribute-discard',
  clause: 'RFC 7311 §3.2',
  onFlags: 'attribute-discard',
  decode(value) {
    let metric: number | undefined;
    while (value.remaining > 0) {
      const type = value.u8();
      const length = value.u16();
      if (length < 3) throw new AttributeError(`TLV of length ${length}`);
      const content = value.block(length - 3);
      if (type !== 1) continue;
      exactly(content, 8);
      metric ??= content.u32() * 2 ** 32 + content.u32();
    }
    if (metric === undefined) throw new AttributeError('no AIGP TLV');
    return metric;
  },
  format: String,
});

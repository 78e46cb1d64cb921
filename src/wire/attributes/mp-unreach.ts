/** MP_UNREACH_NLRI (RFC 4760 §4): `afi u16 | safi u8 | withdrawn routes`. */
import type { Family } from '../../ip.ts';
import { AttributeCode } from '../iana.ts';
import { checkNlri } from '../nlri.ts';
import { attribute } from './attribute.ts';
import { readFamily } from './mp-reach.ts';

export interface MpUnreach {
  family: Family;
  /** Where the withdrawn routes are in the message. */
  nlri: { start: number; end: number };
}

export const mpUnreach = attribute({
  code: AttributeCode.mpUnreach,
  name: 'mpUnreach',
  json: null,
  category: 'optional-non-transitive',
  onError: 'session-reset',
  clause: 'RFC 7606 §7.12',
  decode(value, context): MpUnreach {
    const family = readFamily(value);
    const nlri = { start: value.offset, end: value.end };
    checkNlri(value, family, context);
    return { family, nlri };
  },
  format: ({ family }) => `IPv${family}`,
});

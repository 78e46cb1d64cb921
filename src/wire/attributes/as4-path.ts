import { AttributeCode } from '../iana.ts';
import { type AsPathSegment, decodeSegments, formatAsPath, isConfed } from './as-path.ts';
import { attribute } from './attribute.ts';

/** RFC 6793 §3. Confederation segments do not belong here and are left out (§6). */
export const as4Path = attribute({
  code: AttributeCode.as4Path,
  name: 'as4Path',
  json: null,
  category: 'optional-transitive',
  onError: 'attribute-discard',
  clause: 'RFC 6793 §6',
  decode: (value): AsPathSegment[] => decodeSegments(value, true).filter((segment) => !isConfed(segment)),
  format: (segments) => formatAsPath(segments),
});

import { AttributeCode } from '../iana.ts';
import { decodeAggregator, formatAggregator } from './aggregator.ts';
import { attribute } from './attribute.ts';
import { exactly } from './lengths.ts';

/** RFC 6793 §3. */
export const as4Aggregator = attribute({
  code: AttributeCode.as4Aggregator,
  name: 'as4Aggregator',
  json: null,
  category: 'optional-transitive',
  onError: 'attribute-discard',
  clause: 'RFC 6793 §6',
  decode: (value) => decodeAggregator(exactly(value, 8), true),
  format: formatAggregator,
});

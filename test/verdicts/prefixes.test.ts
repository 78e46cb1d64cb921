import { expect, it } from 'vitest';
import { maxPathsJudged, Prefixes } from '../../src/verdicts/prefixes.ts';

const prefix = '203.0.113.1/32';

it('judges the first maxPathsJudged paths of a prefix, in order of their ids, and others once those are gone', () => {
  const known = Array.from({ length: maxPathsJudged + 5 }, (_, nlri) => nlri);
  const prefixes = new Prefixes({ prefixText: () => prefix, nlris: () => known } as never);
  const id = prefixes.intern(prefix);
  for (const nlri of known.toReversed()) prefixes.ofNlri(nlri);
  const judged = () => [prefixes.firstNlri(id), ...prefixes.moreNlris(id)];
  expect(judged()).toEqual(known.slice(0, maxPathsJudged));
  for (const nlri of known.slice(0, maxPathsJudged)) prefixes.forgetNlri(nlri);
  expect(judged()).toEqual(known.slice(maxPathsJudged));
});

import { describe, expect, it } from 'vitest';
import { maxFindings } from '../../../src/metallb/max-findings.ts';
import { readText } from '../../../src/metallb/objects/yaml.ts';

const advertisement = (community: string): string => `apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: {name: a, namespace: metallb-system}
spec:
  communities:
    - ${community}
`;
const alias = (value: string): string => `apiVersion: metallb.io/v1beta1
kind: Community
metadata: {name: c, namespace: metallb-system}
spec:
  communities:
    - name: vip
      value: ${value}
`;
const found = (text: string): string[] =>
  readText(text, 'f.yaml').flatMap(({ lint }) =>
    lint.map(({ object, path, message, hint }) => `${object.line} ${path}: ${message} (${hint})`),
  );

describe('a community in a manifest', () => {
  it.each<[string, string, string[]]>([
    ['is fine in quotes', advertisement('"65000:10"'), []],
    ['is fine when no part of it is a place to the base of 60', advertisement('65000:100'), []],
    ['is fine when it is a name', advertisement('vip'), []],
    [
      'is found without quotes where YAML 1.1 reads a number',
      advertisement('65000:10'),
      [
        '6 spec.communities[0]: 65000:10 without quotes is text here, but the number 3900010 to tools that read YAML 1.1 (write "65000:10")',
      ],
    ],
    [
      'is found as the number that it became',
      advertisement('3932100'),
      [
        '6 spec.communities[0]: the number 3932100 is what YAML 1.1 makes of 65535:0 without quotes (write "65535:0", if that is what was meant)',
      ],
    ],
    [
      'is found behind an alias name too',
      alias('64512:7'),
      [
        '7 spec.communities[0].value: 64512:7 without quotes is text here, but the number 3870727 to tools that read YAML 1.1 (write "64512:7")',
      ],
    ],
  ])('%s', (_, text, finds) => expect(found(text)).toEqual(finds));
});

it.each<[string, number, number, string[]]>([
  ['maxFindings communities are all listed', maxFindings, maxFindings, []],
  [
    'beyond maxFindings the last entry says that there are more',
    maxFindings + 5,
    maxFindings + 1,
    [
      `spec.communities[${maxFindings}]: more findings than Peerglass lists of one rule (1,000); the first one left out is base-sixty`,
    ],
  ],
])('%s', (_, communities, entries, last) => {
  const text = advertisement(`"65000:100"${'\n    - 65000:10'.repeat(communities)}`).replace('- "65000:100"\n    ', '');
  const lint = readText(text, 'f.yaml').flatMap((result) => result.lint);
  expect(lint).toHaveLength(entries);
  expect(
    lint.filter(({ code }) => code === 'too-many-findings').map(({ path, message }) => `${path}: ${message}`),
  ).toEqual(last);
});

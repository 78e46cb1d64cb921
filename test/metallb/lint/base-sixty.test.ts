import { describe, expect, it } from 'vitest';
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

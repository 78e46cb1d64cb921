import { expect, it } from 'vitest';
import { createCalculator } from '../../../src/metallb/calculator.ts';
import { assembleResources } from '../../../src/metallb/objects/read.ts';
import { readText } from '../../../src/metallb/objects/yaml.ts';
import { frr } from '../../support/metallb-objects.ts';

it('a finding points at the line of the entry that it is about', () => {
  const text = `apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: {name: a, namespace: metallb-system}
spec:
  ipAddressPools:
    - one
    - two
  peers: [tor]
`;
  const { lint } = createCalculator(frr).update(assembleResources(readText(text, 'a.yaml'))).table;
  expect(lint.map(({ object, path }) => `${object.file}:${object.line} ${path}`)).toEqual([
    'a.yaml:6 spec.ipAddressPools[0]',
    'a.yaml:7 spec.ipAddressPools[1]',
    'a.yaml:8 spec.peers[0]',
  ]);
});

import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import {
  advertisement,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
  service,
} from '../../support/metallb-objects.ts';

const labels = (key: string, value: string): object[] => [{ matchLabels: { [key]: value } }];
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'shop' } } };
const allotted = (serviceAllocation: object): KubeObject => ({
  ...pool('r', []),
  spec: { addresses: ['10.2.0.0/24'], serviceAllocation },
});
const base = [node('node-a'), pool('public', ['10.0.0.0/24'], { zone: 'east' }), peer('tor-1'), service('web', [])];

describe('selectors that match nothing', () => {
  it.each<LintRow>([
    {
      name: 'are fine when they match',
      objects: [...base, advertisement('a', { ipAddressPoolSelectors: labels('zone', 'east') })],
      finds: [],
    },
    {
      name: 'of pools leave the advertisement without any',
      objects: [...base, l2Advertisement('l2', { ipAddressPoolSelectors: labels('zone', 'west') })],
      finds: [
        'L2Advertisement/l2 spec.ipAddressPoolSelectors[0]: matches no IPAddressPool: the advertisement has none (this does not mean all)',
      ],
    },
    {
      name: 'of pools add nothing to those that are named',
      objects: [
        ...base,
        advertisement('a', { ipAddressPools: ['public'], ipAddressPoolSelectors: labels('zone', 'west') }),
      ],
      finds: ['BGPAdvertisement/a spec.ipAddressPoolSelectors[0]: matches no IPAddressPool: it adds none'],
    },
    {
      name: 'of nodes are found, upper case and all',
      objects: [...base, advertisement('a', { nodeSelectors: labels('kubernetes.io/hostname', 'Node-A') })],
      finds: ['BGPAdvertisement/a spec.nodeSelectors[0]: matches no Node: labels are case-sensitive'],
    },
    {
      name: 'of nodes are found at peers too',
      objects: [...base, peer('tor-2', { peerAddress: '192.0.2.2', nodeSelectors: labels('rack', '9') })],
      finds: ['BGPPeer/tor-2 spec.nodeSelectors[0]: matches no Node: labels are case-sensitive'],
    },
    {
      name: 'of nodes cannot be told where no node is known',
      objects: [pool('public', ['10.0.0.0/24']), advertisement('a', { nodeSelectors: labels('rack', '9') })],
      finds: [],
    },
    {
      name: 'of services are found',
      objects: [...base, advertisement('a', { serviceSelectors: labels('app', 'shop') })],
      finds: ['BGPAdvertisement/a spec.serviceSelectors[0]: matches no Service of type LoadBalancer'],
    },
    {
      name: 'of namespaces are found',
      objects: [
        ...base,
        namespace,
        allotted({ namespaceSelectors: [...labels('team', 'shop'), ...labels('team', 'x')] }),
      ],
      finds: ['IPAddressPool/r spec.serviceAllocation.namespaceSelectors[1]: matches no Namespace'],
    },
    {
      name: 'of the services of a pool are found',
      objects: [...base, allotted({ serviceSelectors: labels('app', 'x') })],
      finds: ['IPAddressPool/r spec.serviceAllocation.serviceSelectors[0]: matches no Service of type LoadBalancer'],
    },
  ])('$name', ({ objects, finds }) => expect(findings(objects, /^matches no/)).toEqual(finds));
});

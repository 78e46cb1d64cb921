import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import {
  advertisement,
  communityAliases,
  type KubeObject,
  l2Advertisement,
  node,
  peer,
  pool,
} from '../../support/metallb-objects.ts';

const base = [node('node-a'), pool('public', ['10.0.0.0/24']), peer('tor-1')];
const misplaced = { ...pool('private', ['10.1.0.0/24']), metadata: { name: 'private', namespace: 'default' } };
const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const allotted = {
  ...pool('r', []),
  spec: { addresses: ['10.2.0.0/24'], serviceAllocation: { namespaces: ['shop', 'shpo'] } },
};

describe('names that nothing has', () => {
  it.each<LintRow>([
    {
      name: 'are fine when something does',
      objects: [...base, advertisement('a', { ipAddressPools: ['public'], peers: ['tor-1'] })],
      finds: [],
    },
    {
      name: 'are found of pools',
      objects: [...base, advertisement('a', { ipAddressPools: ['public', 'pubic'] })],
      finds: ['BGPAdvertisement/a spec.ipAddressPools[1]: there is no IPAddressPool "pubic" (did you mean public?)'],
    },
    {
      name: 'are found on layer 2 too',
      objects: [...base, l2Advertisement('l2', { ipAddressPools: ['x'] })],
      finds: ['L2Advertisement/l2 spec.ipAddressPools[0]: there is no IPAddressPool "x"'],
    },
    {
      name: 'are found of peers, where no node is known (otherwise by peers-without-session)',
      objects: [...base.slice(1), advertisement('a', { peers: ['tor1'] })],
      finds: ['BGPAdvertisement/a spec.peers[0]: there is no BGPPeer "tor1" (did you mean tor-1?)'],
    },
    {
      name: 'are found of communities',
      objects: [
        ...base,
        communityAliases('c', [{ name: 'vip', value: '64512:1' }]),
        advertisement('a', { communities: ['64512:7', 'vip', 'vips'] }),
      ],
      finds: [
        'BGPAdvertisement/a spec.communities[2]: no Community object defines "vips": until one does the speakers keep the configuration they have (did you mean vip?)',
      ],
    },
    {
      name: 'are found of namespaces, where some are known',
      objects: [...base, namespace('shop'), allotted],
      finds: [
        'IPAddressPool/r spec.serviceAllocation.namespaces[1]: there is no Namespace "shpo" (did you mean shop?)',
      ],
    },
    { name: 'are not told of namespaces where none is known', objects: [...base, allotted], finds: [] },
    {
      name: 'are those of objects in other namespaces',
      objects: [...base, misplaced, advertisement('a', { ipAddressPools: ['private'] })],
      finds: ['BGPAdvertisement/a spec.ipAddressPools[0]: there is no IPAddressPool "private"'],
    },
    {
      name: 'are not those of objects that are refused: of these that is said already',
      objects: [...base, pool('broken', ['10.0.0.0']), advertisement('a', { ipAddressPools: ['broken'] })],
      finds: [],
    },
    {
      name: 'are not communities out of range: these are no names',
      objects: [...base, advertisement('a', { communities: ['64512:70000'] })],
      finds: [],
    },
  ])('$name', ({ objects, finds }) => expect(findings(objects, /^there is no|^no Community/)).toEqual(finds));
});

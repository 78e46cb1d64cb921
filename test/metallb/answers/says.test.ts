import { describe, expect, it } from 'vitest';
import {
  type Claim,
  disagreementOf,
  maxServices,
  nodeSays,
  type Says,
  saysOf,
} from '../../../src/metallb/answers/says.ts';
import { assembleResources, readObject } from '../../../src/metallb/objects/read.ts';
import { type KubeObject, node, peer, service } from '../../support/metallb-objects.ts';
import {
  bgpSessionState,
  configurationState,
  frrNodeState,
  pod,
  serviceBGPStatus,
} from '../../support/status-objects.ts';

const cluster = [
  node('node-a'),
  peer('tor-1'),
  peer('tor-6', { peerAddress: '2001:db8::1' }),
  peer('red', { vrf: 'red', peerAddress: '192.0.2.7' }),
  service('web', ['10.0.0.1']),
  service('shop', ['10.0.0.2']),
];
const stateOf = (objects: readonly KubeObject[]) =>
  assembleResources([...cluster, ...objects].map((raw) => readObject({ raw })));
const web: Claim = { node: 'node-a', bgpPeer: 'tor-1', prefix: '10.0.0.1/32', services: ['default/web'] };
const manyServices = Array.from({ length: maxServices + 1 }, (_, i) => `default/web-${i}`);
const ofWeb = serviceBGPStatus('node-a', 'web', ['tor-1', 'tor-6']);

const rows: { title: string; objects: KubeObject[]; claim?: Partial<Claim>; says: Partial<Says> | undefined }[] = [
  {
    title: 'nothing, where no object of the node is to be seen',
    objects: [serviceBGPStatus('node-b', 'web', ['tor-1'])],
    says: undefined,
  },
  {
    title: 'yes, where the speaker names the peer, and what that is worth',
    objects: [ofWeb],
    says: {
      announced: true,
      text: 'The speaker on node node-a says that it announces Service default/web to BGPPeer tor-1. It says so of every session that it has, established or not.',
    },
  },
  {
    title: 'no, where it names others',
    objects: [ofWeb],
    claim: { bgpPeer: 'tor-2' },
    says: {
      announced: false,
      text: 'The speaker on node node-a does not say of Service default/web that it announces it to BGPPeer tor-2, but to tor-1, tor-6.',
    },
  },
  {
    title: 'no, where it has no object about the service',
    objects: [serviceBGPStatus('node-a', 'shop', ['tor-1'])],
    says: {
      announced: false,
      text: 'The speaker on node node-a does not say of Service default/web that it announces it to anybody.',
      objects: [],
    },
  },
  {
    title: 'that cannot be told, where there is no ServiceBGPStatus in the whole cluster',
    objects: [configurationState('node-a', 'Valid')],
    says: {
      announced: null,
      text: 'No ServiceBGPStatus is to be seen, so nothing says which services are announced to whom.',
    },
  },
  {
    title: 'yes for an aggregate, where one of its services is announced',
    objects: [ofWeb],
    claim: { prefix: '10.0.0.0/24', services: ['default/shop', 'default/web'] },
    says: { announced: true },
  },
  {
    title: 'no for an aggregate of maxServices services, where none of them is announced',
    objects: [ofWeb],
    claim: { bgpPeer: 'tor-2', prefix: '10.0.0.0/16', services: manyServices.slice(1) },
    says: { announced: false },
  },
  {
    title: 'that cannot be told, where the aggregate has more than maxServices services',
    objects: [ofWeb],
    claim: { bgpPeer: 'tor-2', prefix: '10.0.0.0/16', services: manyServices },
    says: {
      announced: null,
      text: 'The speaker on node node-a reports none of the first 1000 of 1001 Services in 10.0.0.0/16 as announced to BGPPeer tor-2. Peerglass does not look at the others, so it cannot tell whether the speaker reports one of them.',
    },
  },
  {
    title: 'of a prefix that nobody expects: what is said of the services with an address in it',
    objects: [ofWeb],
    claim: { prefix: '10.0.0.0/30', services: undefined },
    says: { announced: true },
  },
  {
    title: 'nothing of a prefix without a service',
    objects: [ofWeb],
    claim: { prefix: '10.9.0.0/24', services: undefined },
    says: { announced: null, text: 'No Service has an address in 10.9.0.0/24, so nothing is said of it.' },
  },
  {
    title: 'that its configuration is refused, with the error',
    objects: [configurationState('node-a', 'Invalid', 'unknown community "gold"')],
    says: {
      configuration: 'invalid',
      configurationText: 'The speaker on node node-a refuses its configuration: unknown community "gold".',
    },
  },
  {
    title: 'that its configuration is valid, which need not be the one in force',
    objects: [configurationState('node-a', 'Valid')],
    says: {
      configuration: 'valid',
      configurationText: 'The speaker on node node-a calls its configuration valid, in force or not.',
    },
  },
  {
    title: 'that it does not know yet',
    objects: [configurationState('node-a', 'Unknown')],
    says: { configuration: 'unknown' },
  },
  {
    title: 'nothing about its configuration, where that word is a new one',
    objects: [configurationState('node-a', 'Sideways')],
    says: { configuration: null, configurationText: null },
  },
  {
    title: 'that FRR failed to load it',
    objects: [frrNodeState('node-a', 'success', 'failed: line 7')],
    says: { configuration: null, configurationText: 'FRR there failed to load it: failed: line 7.' },
  },
  {
    title: 'that frr-k8s refuses to merge it',
    objects: [configurationState('node-a', 'Valid'), frrNodeState('node-a', 'different asns', 'success')],
    says: {
      configurationText:
        'The speaker on node node-a calls its configuration valid, in force or not. frr-k8s there refuses its own: different asns.',
    },
  },
  {
    title: 'how FRR has the session, by the address of the peer',
    objects: [bgpSessionState('node-a', '192.0.2.1', 'Established')],
    says: { session: 'Established' },
  },
  {
    title: 'how FRR has a session over IPv6, however that is written',
    objects: [bgpSessionState('node-a', '2001:DB8:0::1', 'Active')],
    claim: { bgpPeer: 'tor-6' },
    says: { session: 'Active' },
  },
  {
    title: 'how FRR has a session in a VRF',
    objects: [
      bgpSessionState('node-a', '192.0.2.7', 'Idle', 'red'),
      bgpSessionState('node-a', '192.0.2.7', 'Active', 'blue'),
    ],
    claim: { bgpPeer: 'red' },
    says: { session: 'Idle' },
  },
  {
    title: 'nothing of a session that FRR does not have',
    objects: [bgpSessionState('node-a', '192.0.2.99', 'Established')],
    says: { session: null },
  },
];

describe('the cluster says', () => {
  it.each(rows)('$title', ({ objects, claim, says }) => {
    const found = saysOf(stateOf(objects), 'metallb-system', { ...web, ...claim });
    if (says === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(says);
  });

  it('which objects it goes by', () => {
    const objects = [
      ofWeb,
      configurationState('node-a', 'Valid'),
      bgpSessionState('node-a', '192.0.2.1', 'Established'),
    ];
    const kinds = saysOf(stateOf(objects), 'metallb-system', web)?.objects.map(({ kind }) => kind);
    expect(kinds).toEqual(['ServiceBGPStatus', 'ConfigurationState', 'BGPSessionState']);
  });

  it('something else when one of its objects has changed, though no other did', () => {
    const before = stateOf([ofWeb, configurationState('node-a', 'Valid')]);
    expect(saysOf(before, 'metallb-system', web)?.configuration).toBe('valid');
    const after = {
      ...before,
      ConfigurationState: stateOf([configurationState('node-a', 'Invalid')]).ConfigurationState,
    };
    expect(saysOf(after, 'metallb-system', web)?.configuration).toBe('invalid');
  });

  it('of a node: its configuration, reload, sessions and Pods', () => {
    const state = stateOf([
      configurationState('node-a', 'Valid'),
      frrNodeState('node-a', 'success', 'success'),
      bgpSessionState('node-a', '192.0.2.1', 'Established'),
      pod('speaker-1', 'node-a'),
    ]);
    expect(nodeSays(state, 'metallb-system', 'node-a')).toMatchObject({
      configuration: 'valid',
      conversion: 'success',
      reload: 'success',
      sessions: [{ peer: '192.0.2.1', vrf: '', bgpStatus: 'Established', bfdStatus: 'N/A' }],
      pods: [{ name: 'speaker-1', namespace: 'metallb-system', phase: 'Running', ready: true, terminating: false }],
    });
    expect(nodeSays(state, 'metallb-system', 'node-b')).toBeUndefined();
  });
});

describe('should, says and is', () => {
  it.each([
    [true, true, true, undefined],
    [true, true, false, 'believed-announced'],
    [true, false, true, 'announced-unsaid'],
    [true, false, false, 'not-announced-though-expected'],
    [false, true, true, 'announced-though-not-expected'],
    [false, true, false, 'believed-though-not-expected'],
    [false, false, true, 'announced-unsaid'],
    [false, false, false, undefined],
    [true, null, false, undefined],
    [false, null, true, undefined],
  ])('%s, %s and %s: %s', (should, says, is, code) => expect(disagreementOf(should, says, is)).toBe(code));
});

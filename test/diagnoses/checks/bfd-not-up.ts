import { bfdProfile, type KubeObject, node, peer } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { clusterOf } from '../objects.ts';

const bfd = [node('node-1', 11), bfdProfile('fast'), peer('tor-1', { bfdProfile: 'fast' })];
/** What frr-k8s says of the session with tor-1. */
const sessionState = (bgpStatus: string, bfdStatus: string): KubeObject => ({
  apiVersion: 'frrk8s.metallb.io/v1beta1',
  kind: 'BGPSessionState',
  metadata: { name: 'node-1-tor', namespace: 'frr-k8s-system' },
  status: { node: 'node-1', peer: '192.0.2.1', bgpStatus, bfdStatus },
});

export const cases: Case[] = [
  {
    name: 'the session is up and BFD is not',
    given: { objects: [...bfd, sessionState('Established', 'down')], own: { interfaces: [] } },
    found: [
      'BGPPeer tor-1 has the bfdProfile fast, and BGPSessionState node-1-tor says that BFD between node-1 and 192.0.2.1 is down',
    ],
  },
  {
    name: 'the other end is this host, which speaks no BFD',
    given: { objects: [...bfd, sessionState('Established', 'N/A')] },
    found: ['is N/A'],
    severity: 'info',
  },
  { name: 'silent: up', given: { objects: [...bfd, sessionState('Established', 'Up')] }, found: [] },
  {
    name: 'silent: nobody asked for BFD',
    given: { objects: [...clusterOf(node('node-1', 11)), sessionState('Established', 'N/A')] },
    found: [],
  },
  {
    name: 'silent: the session is down itself',
    given: { objects: [...bfd, sessionState('Active', 'down')] },
    found: [],
  },
];

import {
  advertisement,
  bfdProfile,
  type KubeObject,
  node,
  peer,
  pool,
  service,
  slice,
} from '../../support/metallb-objects.ts';
import { type Case, up } from '../facts.ts';

const excluded = { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } };
const objects = (...nodes: KubeObject[]): KubeObject[] => [
  ...nodes,
  peer('tor-1'),
  pool('block', ['203.0.113.0/24']),
  advertisement('a'),
  service('web', ['203.0.113.5']),
  slice('web', ['node-1']),
];

/** A node with a condition or a cordon. */
const nodeThat = (ready: string | undefined, unschedulable = false): KubeObject => {
  const base = node('node-1', 11) as KubeObject & { status: object };
  const conditions = ready === undefined ? [] : [{ type: 'Ready', status: ready }];
  return { ...base, spec: { taints: [], unschedulable }, status: { ...base.status, conditions } };
};

const state = (kind: string, name: string, labels: Record<string, string>, status: object): KubeObject => ({
  apiVersion: kind === 'FRRNodeState' ? 'frrk8s.metallb.io/v1beta1' : 'metallb.io/v1beta1',
  kind,
  metadata: { name, ...(kind === 'FRRNodeState' ? {} : { namespace: 'metallb-system' }), labels },
  status,
});
const bfd = [node('node-1', 11), bfdProfile('fast'), peer('tor-1', { bfdProfile: 'fast' })];
const sessionState = (status: object): KubeObject => ({
  apiVersion: 'frrk8s.metallb.io/v1beta1',
  kind: 'BGPSessionState',
  metadata: { name: 'node-1-tor', namespace: 'frr-k8s-system' },
  status: { node: 'node-1', peer: '192.0.2.1', ...status },
});
const speakerOn = { 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': 'node-1' };

export const nodeCases: Record<string, Case[]> = {
  'excluded-from-load-balancers': [
    {
      name: 'a cluster of one node that has the label',
      given: { objects: objects(node('node-1', 11, excluded)) },
      found: ['The only node (node-1) has the label'],
      severity: 'critical',
    },
    {
      name: 'one of two nodes: an explanation',
      given: { objects: objects(node('node-1', 11), node('node-2', 12, excluded)) },
      found: ['1 node of 2 (node-2) has the label'],
    },
    {
      name: 'silent: the speakers ignore the label',
      given: { objects: objects(node('node-1', 11, excluded)), options: { ignoreExcludeLB: true } },
      found: [],
    },
    { name: 'silent: no node has it', given: { objects: objects(node('node-1', 11)) }, found: [] },
  ],
  'node-not-ready': [
    {
      name: 'a node that is not ready and still announces',
      given: {
        objects: objects(nodeThat('Unknown')),
        neighbors: { 1: up(1) },
        routes: [[1, '203.0.113.5/32']],
      },
      found: [
        /node-1 \(192\.0\.2\.11\) is not ready \(Ready is Unknown\) and still announces 1 route \(hold time 90 s/,
      ],
    },
    {
      name: 'a cordoned node: meant so',
      given: { objects: objects(nodeThat('True', true)), neighbors: { 1: up(1) }, routes: [[1, '203.0.113.5/32']] },
      found: ['is cordoned and still announces'],
      severity: 'info',
    },
    {
      name: 'silent: ready',
      given: { objects: objects(nodeThat('True')), neighbors: { 1: up(1) }, routes: [[1, '203.0.113.5/32']] },
      found: [],
    },
    {
      name: 'silent: manifests that say nothing of conditions',
      given: { objects: objects(nodeThat(undefined)), neighbors: { 1: up(1) }, routes: [[1, '203.0.113.5/32']] },
      found: [],
    },
    {
      name: 'silent: not ready, and its routes are gone',
      given: { objects: objects(nodeThat('False')), neighbors: { 1: up(1) } },
      found: [],
    },
  ],
  'stale-configuration': [
    {
      name: 'a configuration that every speaker refuses',
      given: {
        objects: [
          node('node-1', 11),
          peer('tor-1'),
          advertisement('a', { aggregationLength: 24 }),
          pool('small', ['203.0.113.0/28']),
        ],
      },
      found: [/The speakers on node-1 refuse the present configuration and keep the last one/],
    },
    { name: 'silent: a good one', given: { objects: objects(node('node-1', 11)) }, found: [] },
    {
      name: 'silent: an object that the webhook keeps out makes no speaker stale',
      given: { objects: [...objects(node('node-1', 11)), peer('bad', { myASN: 0 })] },
      found: [],
    },
  ],
  'bfd-not-up': [
    {
      name: 'the session is up and BFD is not',
      given: {
        objects: [...bfd, sessionState({ bgpStatus: 'Established', bfdStatus: 'down' })],
        own: { interfaces: [] },
      },
      found: [
        'BGPPeer tor-1 has the bfdProfile fast, and BGPSessionState node-1-tor says that BFD between node-1 and 192.0.2.1 is down',
      ],
    },
    {
      name: 'the other end is this host, which speaks no BFD',
      given: { objects: [...bfd, sessionState({ bgpStatus: 'Established', bfdStatus: 'N/A' })] },
      found: ['is N/A'],
      severity: 'info',
    },
    {
      name: 'silent: up',
      given: { objects: [...bfd, sessionState({ bgpStatus: 'Established', bfdStatus: 'Up' })] },
      found: [],
    },
    {
      name: 'silent: nobody asked for BFD',
      given: {
        objects: [...objects(node('node-1', 11)), sessionState({ bgpStatus: 'Established', bfdStatus: 'N/A' })],
      },
      found: [],
    },
    {
      name: 'silent: the session is down itself',
      given: { objects: [...bfd, sessionState({ bgpStatus: 'Active', bfdStatus: 'down' })] },
      found: [],
    },
  ],
  'configuration-refused-there': [
    {
      name: 'a ConfigurationState that says Invalid',
      given: {
        objects: [
          ...objects(node('node-1', 11)),
          state('ConfigurationState', 'speaker-node-1', speakerOn, {
            result: 'Invalid',
            errorSummary: 'no such bfd profile',
          }),
        ],
      },
      found: ['the speaker on node-1 holds its configuration for invalid: no such bfd profile'],
    },
    {
      name: 'an FRRNodeState whose reload failed',
      given: {
        objects: [
          ...objects(node('node-1', 11)),
          state(
            'FRRNodeState',
            'node-1',
            {},
            { lastConversionResult: 'success', lastReloadResult: 'failure: line 12' },
          ),
        ],
        options: { mode: 'frr-k8s' },
      },
      found: ['the last reload failed (failure: line 12)'],
    },
    {
      name: 'silent: Valid, success, and nothing written yet',
      given: {
        objects: [
          ...objects(node('node-1', 11)),
          state('ConfigurationState', 'speaker-node-1', speakerOn, { result: 'Valid' }),
          state('ConfigurationState', 'controller', {}, {}),
          state('FRRNodeState', 'node-1', {}, { lastConversionResult: 'success', lastReloadResult: 'success' }),
        ],
      },
      found: [],
    },
  ],
};

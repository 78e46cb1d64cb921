import type { KubeObject } from '../../support/metallb-objects.ts';
import type { Case } from '../facts.ts';
import { cluster } from '../objects.ts';

/** What MetalLB's components say: the speaker on a node, or else the controller. */
const configurationState = (node: string | undefined, status: object): KubeObject => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'ConfigurationState',
  metadata: {
    name: node === undefined ? 'controller' : `speaker-${node}`,
    namespace: 'metallb-system',
    labels: node === undefined ? {} : { 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': node },
  },
  status,
});
const frrNodeState = (lastReloadResult: string): KubeObject => ({
  apiVersion: 'frrk8s.metallb.io/v1beta1',
  kind: 'FRRNodeState',
  metadata: { name: 'node-1' },
  status: { lastConversionResult: 'success', lastReloadResult },
});

export const cases: Case[] = [
  {
    name: 'a ConfigurationState that says Invalid',
    given: {
      objects: [...cluster, configurationState('node-1', { result: 'Invalid', errorSummary: 'no such bfd profile' })],
    },
    found: ['the speaker on node-1 reports its configuration as invalid: no such bfd profile'],
  },
  {
    name: 'an FRRNodeState whose reload failed',
    given: { objects: [...cluster, frrNodeState('failure: line 12')], options: { mode: 'frr-k8s' } },
    found: ['the last reload failed (failure: line 12)'],
  },
  {
    name: 'silent: Valid, success, and nothing written yet',
    given: {
      objects: [
        ...cluster,
        configurationState('node-1', { result: 'Valid' }),
        configurationState(undefined, {}),
        frrNodeState('success'),
      ],
    },
    found: [],
  },
];

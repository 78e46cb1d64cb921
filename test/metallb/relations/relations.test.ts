/** Which objects are accepted, and who selects whom among them. */
import { describe, expect, it } from 'vitest';
import type { ExpectOptions } from '../../../src/metallb/types.ts';
import { advertisement, type KubeObject, node, peer, pool, TestCluster } from '../../support/metallb-objects.ts';

const [blue, red] = [pool('blue', ['10.0.0.0/24']), pool('red', ['10.0.1.0/24'])];
const base = [node('node-1', 11), peer('tor'), blue];
const noWebhook: Partial<ExpectOptions> = { webhookMode: 'disabled' };
const unknownAlias = advertisement('a', { communities: ['no-such-alias'] });

const rows: { name: string; states: KubeObject[][]; options?: Partial<ExpectOptions>; accepted: string[] }[] = [
  { name: 'every valid object', states: [[...base, red, advertisement('a')]], accepted: ['blue: a', 'red: a'] },
  {
    name: 'no pool that a webhook rejects',
    states: [[...base, pool('late', ['10.0.0.0/28']), advertisement('a')]],
    accepted: ['blue: a'],
  },
  {
    name: 'no advertisement that a webhook rejects',
    states: [[...base, advertisement('a'), advertisement('wide', { aggregationLength: 16 })]],
    accepted: ['blue: a'],
  },
  {
    name: 'of an edit that a webhook rejects, the version before',
    states: [
      [...base, red, advertisement('a', { ipAddressPools: ['red'] })],
      [...base, red, advertisement('a', { ipAddressPools: ['blue'], aggregationLength: 16 })],
    ],
    accepted: ['blue: ', 'red: a'],
  },
  {
    name: 'no object that speakers reject',
    states: [[...base, advertisement('a', { localPref: 1 }), advertisement('b', { localPref: 2 })]],
    options: noWebhook,
    accepted: ['blue: a'],
  },
  {
    name: 'of two pools that overlap, the earlier one, whatever comes after',
    states: [[...base, pool('late', ['10.0.0.0/28']), red, advertisement('a')]],
    options: noWebhook,
    accepted: ['blue: a', 'red: a'],
  },
  {
    name: 'of an edit that speakers reject, the version that they run with',
    states: [
      [...base, red, advertisement('a', { ipAddressPools: ['red'] })],
      [...base, red, unknownAlias],
    ],
    accepted: ['blue: ', 'red: a'],
  },
  {
    name: 'no advertisement that the speakers never took',
    states: [[...base, unknownAlias]],
    accepted: ['blue: '],
  },
  {
    name: 'no object with an unknown field',
    states: [[...base, advertisement('a', { nodeSelector: {} })]],
    accepted: ['blue: '],
  },
  {
    name: 'an object with an unknown field where the API server drops it',
    states: [[...base, advertisement('a', { nodeSelector: {} })]],
    options: { fieldValidation: 'prune' },
    accepted: ['blue: a'],
  },
];

describe('MetalLB accepts', () => {
  it.each(rows)('$name', ({ states, options, accepted: expected }) => {
    const cluster = new TestCluster(options);
    const [table] = states.map((objects) => cluster.update(...objects).table).reverse();
    const { accepted } = table!.cluster;
    expect(
      accepted.pools.map(
        (one) => `${one.object.ref.name}: ${accepted.advertisementsOf(one).map(({ ref }) => ref.name)}`,
      ),
    ).toEqual(expected);
  });
});

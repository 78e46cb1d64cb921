import { describe, expect, it } from 'vitest';
import type { BGPMode, ExpectOptions } from '../../../src/metallb/types.ts';
import { advertisement, type KubeObject, node, peer, pool, tableOf } from '../../support/metallb-objects.ts';

const six = [node('node-a'), pool('six', ['2001:db8::/124']), advertisement('a')];
const large = [node('node-a'), advertisement('a', { communities: ['large:1:2:3'] })];
const misplaced: KubeObject = { ...pool('p', ['10.0.0.0/24']), metadata: { name: 'p', namespace: 'default' } };

interface Row {
  name: string;
  objects: KubeObject[];
  mode: BGPMode;
  webhookMode?: ExpectOptions['webhookMode'];
  /** `stage name: error`, the beginning of it. */
  refused: string[];
}

describe('the webhook', () => {
  it.each<Row>([
    { name: 'goes by the speakers’ mode', objects: six, mode: 'native', refused: ['webhook a: pool "six" has ipv6'] },
    {
      name: 'refuses in native mode what the speakers would take',
      objects: six,
      mode: 'frr',
      webhookMode: 'native',
      refused: ['webhook a: pool "six" has ipv6'],
    },
    {
      name: 'lets pass in an FRR mode what the speakers refuse',
      objects: six,
      mode: 'native',
      webhookMode: 'frr',
      refused: ['config a: pool "six" has ipv6'],
    },
    {
      name: 'lets everything pass where it is off',
      objects: large,
      mode: 'native',
      webhookMode: 'disabled',
      refused: ['config a: native BGP mode only supports legacy communities'],
    },
    {
      name: 'looks at pairs of peers by its own mode too',
      objects: [node('node-a'), peer('x'), peer('y', { myASN: 64999, peerAddress: '192.0.2.2' })],
      mode: 'frr',
      webhookMode: 'native',
      refused: ['config y: FRR mode requires all BGPPeers'],
    },
    {
      name: 'that is off refuses nothing in other namespaces, where nothing looks',
      objects: [misplaced],
      mode: 'frr',
      webhookMode: 'disabled',
      refused: [],
    },
  ])('$name', ({ objects, mode, webhookMode, refused }) =>
    expect(
      tableOf(objects, { mode, webhookMode }).refusals.map(
        ({ stage, object, error }) => `${stage} ${object.name}: ${error}`,
      ),
    ).toEqual(refused.map((text) => expect.stringContaining(text))),
  );

  it('that is off leaves it to us to say that a namespace is wrong', () => {
    const { lint } = tableOf([misplaced], { webhookMode: 'disabled' });
    expect(lint).toMatchObject([
      {
        object: { name: 'p' },
        path: 'metadata.namespace',
        message: 'is "default": MetalLB looks at metallb-system only, so the object has no effect',
      },
    ]);
  });
});

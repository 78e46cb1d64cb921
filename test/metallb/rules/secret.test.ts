import { describe, expect, it } from 'vitest';
import { reportJson, reportText } from '../../../src/metallb/answers/report.ts';
import { readText } from '../../../src/metallb/objects/yaml.ts';
import { type KubeObject, node, peer, TestCluster, tableOf } from '../../support/metallb-objects.ts';

const content = 'aHVudGVyMg==';
const secret = (name: string, fields: object = {}, namespace = 'metallb-system'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    namespace,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': content },
  },
  type: 'kubernetes.io/basic-auth',
  data: { password: content },
  ...fields,
});
const tor = [node('node-a'), peer('tor', { passwordSecret: { name: 'bgp' } })];

describe('a password secret', () => {
  it.each<{ name: string; objects: KubeObject[]; refused?: string }>([
    { name: 'is fine', objects: [secret('bgp')] },
    { name: 'is fine as text', objects: [secret('bgp', { data: {}, stringData: { password: content } })] },
    { name: 'that is kept back, as all are, cannot be judged', objects: [] },
    { name: 'of other namespaces says nothing', objects: [secret('other', {}, 'default')] },
    {
      name: 'that is missing among others is waited for',
      objects: [secret('other')],
      refused: 'secret "bgp" of peer tor not found (transient)',
    },
    {
      name: 'of another type is refused',
      objects: [secret('bgp', { type: 'Opaque' })],
      refused: 'secret type mismatch on "bgp", type "kubernetes.io/basic-auth" is expected',
    },
    {
      name: 'without a password is refused',
      objects: [secret('bgp', { data: { username: content } })],
      refused: 'password not specified in the secret "bgp"',
    },
  ])('$name', ({ objects, refused }) => {
    const table = tableOf([...tor, ...objects]);
    expect(table.refusals.map(({ stage, object, error }) => `${stage} ${object.name}: ${error}`)).toEqual(
      refused === undefined ? [] : [`config tor: ${refused}`],
    );
    expect([...reportJson(table), ...reportText(table)].join('')).not.toContain(content);
  });

  it('that comes makes the peer valid', () => {
    const state = new TestCluster();
    expect(state.update(...tor, secret('other')).table.nodes.get('node-a')).toMatchObject({
      configurationUnknown: true,
    });
    expect(state.update(...tor, secret('other'), secret('bgp')).table.sessions).toHaveLength(1);
  });
});

describe('of a Secret that is no YAML', () => {
  const list = (text: string): string =>
    `apiVersion: v1\nkind: List\nitems:\n${text.replaceAll(/^/gm, '    ').replace('    ', '  - ')}`;
  it.each([
    ['with a field twice', `kind: Secret\nmetadata: {name: s}\ndata:\n  key: ${content}\n  key: ${content}`],
    ['with bad indentation', `kind: Secret\ndata:\n  - a\n  key: ${content}`],
    ['with a stray word', `kind: Secret\nstringData:\n  key: "x" ${content}`],
    ['with an unknown alias', `kind: Secret\nstringData:\n  key: *${content.replaceAll('=', '')}`],
    ['in a list', list(`kind: Secret\ndata:\n  key: ${content}\n  key: ${content}`)],
    ['that is a peer with its password indented badly', `kind: BGPPeer\nspec:\n  - a\n  password: ${content}`],
    ['that is a peer with its password twice', `kind: BGPPeer\nspec:\n  password: ${content}\n  password: ${content}`],
  ])('%s nothing is quoted', (_, text) => {
    const results = readText(text, 's.yaml');
    expect(results[0]!.refusal).toMatchObject({ stage: 'yaml' });
    expect(JSON.stringify(results)).not.toContain(content.replaceAll('=', ''));
  });
});

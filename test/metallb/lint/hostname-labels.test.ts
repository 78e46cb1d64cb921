import { describe, expect, it } from 'vitest';
import { findings, type LintRow } from '../../support/lint.ts';
import { node } from '../../support/metallb-objects.ts';

const renamed = node('node-a', 11, { labels: { 'kubernetes.io/hostname': 'Node-A' } });

describe('the label kubernetes.io/hostname', () => {
  it.each<LintRow>([
    { name: 'is fine when it is the name', objects: [node('node-a')], options: { mode: 'frr-k8s' }, finds: [] },
    { name: 'plays no part in frr mode', objects: [renamed], options: { mode: 'frr' }, finds: [] },
    {
      name: 'is found in frr-k8s mode when it is another',
      objects: [renamed],
      options: { mode: 'frr-k8s' },
      finds: [
        'Node/node-a metadata.labels["kubernetes.io/hostname"]: is not the node\'s name "node-a": in frr-k8s mode the node\'s FRRConfiguration then selects no node, and nothing is announced',
      ],
    },
  ])('$name', ({ objects, options, finds }) =>
    expect(findings(objects, /is not the node's name/, options)).toEqual(finds),
  );
});

import { expect, it } from 'vitest';
import { readObject } from '../../../src/metallb/objects/read.ts';
import type { ObjectOrigin } from '../../../src/metallb/objects/resources.ts';

it.each<[string, object, ObjectOrigin | undefined]>([
  ['a file says nothing of it', {}, undefined],
  ['a resourceVersion', { resourceVersion: '17' }, { resourceVersion: '17' }],
  [
    'the last of several managers, by time',
    {
      resourceVersion: '18',
      managedFields: [
        { manager: 'kubectl-edit', time: '2026-01-01T00:00:02Z' },
        { manager: 'controller', time: '2026-01-01T00:00:01Z' },
      ],
    },
    { resourceVersion: '18', manager: 'kubectl-edit' },
  ],
  ['nonsense instead of managers', { managedFields: [null, 'x', { manager: 7 }] }, undefined],
])('who wrote an object last: %s', (_, metadata, origin) => {
  const { object } = readObject({ raw: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a', ...metadata } } });
  expect(object?.origin).toEqual(origin);
});

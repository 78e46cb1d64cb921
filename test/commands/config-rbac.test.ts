import { describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { run } from '../../src/commands/index.ts';

/** What a command prints. */
async function printed(...args: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await run(args);
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

interface Printed {
  kind: string;
  metadata: { name: string; namespace?: string };
  rules?: { resources: string[] }[];
}

const objectsOf = (text: string): Printed[] => parseAllDocuments(text).map((document) => document.toJS() as Printed);

/** Resources that a role of this kind grants. */
const granted = (objects: Printed[], role: string): string[] =>
  objects.filter(({ kind }) => kind === role).flatMap(({ rules }) => rules!.flatMap(({ resources }) => resources));

describe('peerglass config rbac', () => {
  it('prints objects for kubectl apply', async () => {
    const objects = objectsOf(await printed('config', 'rbac'));
    expect(objects.map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'ClusterRole',
      'ClusterRoleBinding',
      'Role',
      'RoleBinding',
    ]);
  });

  it.each<[string[], string, string, boolean]>([
    [[], 'Role', 'secrets', false],
    [['--secrets'], 'Role', 'secrets', true],
    [['--secrets'], 'ClusterRole', 'secrets', false],
    [[], 'ClusterRole', 'bgppeers', false],
    [[], 'Role', 'bgppeers', true],
    [['--all-namespaces'], 'ClusterRole', 'bgppeers', true],
    [['--all-namespaces'], 'Role', 'bgppeers', false],
    [[], 'ClusterRole', 'machineconfigs', false],
    [['--openshift'], 'ClusterRole', 'machineconfigs', true],
  ])('%j: a %s grants %s: %s', async (options, role, resource, isGranted) => {
    expect(granted(objectsOf(await printed('config', 'rbac', ...options)), role).includes(resource)).toBe(isGranted);
  });

  it('takes names from its options', async () => {
    const text = await printed(
      'config',
      'rbac',
      '--namespace',
      'lb',
      '--name',
      'glass',
      '--service-account-namespace',
      'noc',
    );
    expect(objectsOf(text).map(({ metadata: { name, namespace } }) => [name, namespace])).toEqual([
      ['glass', 'noc'],
      ['glass', undefined],
      ['glass', undefined],
      ['glass', 'lb'],
      ['glass', 'lb'],
    ]);
  });
});

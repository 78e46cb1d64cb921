import { describe, expect, it } from 'vitest';
import { ApiClient } from '../../src/kubernetes/client.ts';
import { list } from '../../src/kubernetes/list.ts';
import { node } from '../support/kube-api/objects.ts';
import { startApi, temporaryFolder } from '../support/kube-api/watched.ts';

/** Lists ten nodes with this maximum page size; returns the requested limits. */
async function listNodes(
  pageBytes: number,
  pageSize = Number.POSITIVE_INFINITY,
): Promise<{ names: unknown[]; limits: (string | undefined)[] }> {
  const api = await startApi(...Array.from({ length: 10 }, (_, i) => node(`n${i}`)));
  api.pageSize = pageSize;
  const options = { inCluster: false, kubeconfig: api.kubeconfig(temporaryFolder()), context: null };
  const client = new ApiClient(options, 'Peerglass/test', 5_000);
  const { signal } = new AbortController();
  try {
    const { items } = await list(client, {
      path: '/api/v1/nodes',
      pageSize: 16,
      pageBytes,
      maxItems: 100,
      silence: 5_000,
      signal,
      read: ({ metadata }) => (metadata as { name: string }).name,
    });
    return { names: items, limits: api.seen.map(({ query }) => query['limit']) };
  } finally {
    client.close();
  }
}

describe('a list', () => {
  // a node has about 350 octets
  it.each<[string, number, string[]]>([
    ['with small pages', 100_000, ['16']],
    ['with a page that is too large asks for smaller ones', 2_000, ['16', '4', '4', '4']],
    ['with large objects reads them one by one', 700, ['16', '4', ...Array.from({ length: 10 }, () => '1')]],
  ])('%s', async (_, pageBytes, limits) => {
    const listed = await listNodes(pageBytes);
    expect(listed.names).toEqual(Array.from({ length: 10 }, (_, i) => `n${i}`));
    expect(listed.limits).toEqual(limits);
  });

  it('fails on an object larger than a page (maxPageBytes)', async () => {
    await expect(listNodes(100)).rejects.toThrow('an object is larger than 100 octets');
  });

  it('fails on more than maxEmptyPages pages without an object', async () => {
    await expect(listNodes(100_000, 0)).rejects.toThrow('the list has too many empty pages');
  });
});

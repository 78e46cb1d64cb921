/** Objects for the fake API server: the files of test/support/manifests, and small ones made up. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ApiObject } from './cluster.ts';

/** All objects of some files of test/support/manifests. */
export function manifestObjects(...names: string[]): ApiObject[] {
  return names.flatMap((name) =>
    parseAllDocuments(readFileSync(join(import.meta.dirname, '../manifests', name), 'utf8')).flatMap((document) => {
      const object = document.toJS() as ApiObject & { items?: ApiObject[] };
      return object.kind === 'List' ? (object.items ?? []) : [object];
    }),
  );
}

/** One /24 of 10.0.0.0/8. */
export function pool(name: string, third = 0, namespace = 'metallb-system'): ApiObject {
  return {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name, namespace },
    spec: { addresses: [`10.0.${third}.0/24`] },
  };
}

export function node(name: string, labels: Record<string, string> = {}): ApiObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
}

export function service(name: string, annotations: Record<string, string> = {}): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', annotations },
    spec: { type: 'LoadBalancer' },
  };
}

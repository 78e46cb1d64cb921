/** Names and places of cluster objects. Pure. */
import type { ObjectRef } from '../../src/api/schemas.ts';
import { type Place, place, type ViewName } from './router.ts';

/** `namespace/name` for Services; only the name for cluster-wide objects and those in MetalLB's namespace. */
export function objectName({ kind, namespace, name }: ObjectRef): string {
  return kind === 'Service' && namespace !== undefined ? `${namespace}/${name}` : name;
}

/** `manifests/adv.yaml:12`; empty if not read from a file. */
export function objectSource({ file, line }: ObjectRef): string {
  if (!file) return '';
  return line === undefined ? file : `${file}:${line}`;
}

const viewOf: Readonly<Record<string, ViewName>> = {
  Service: 'service',
  Node: 'node',
  IPAddressPool: 'pool',
  BGPAdvertisement: 'advertisement',
};

/** The place that shows the object; undefined for kinds without a view. */
export function objectPlace(object: ObjectRef): Place | undefined {
  const view = Object.hasOwn(viewOf, object.kind) ? viewOf[object.kind] : undefined;
  return view && place(view, { subject: objectName(object) });
}

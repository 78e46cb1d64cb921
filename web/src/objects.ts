/** Objects of the cluster as the page names them, and where it shows them. Pure. */
import type { ObjectRef } from '../../src/api/schemas.ts';
import { type Place, place, type ViewName } from './router.ts';

/** `namespace/name` for Services, the name alone for what lives in MetalLB's own namespace or in none. */
export function objectName({ kind, namespace, name }: ObjectRef): string {
  return kind === 'Service' && namespace !== undefined ? `${namespace}/${name}` : name;
}

/** `manifests/adv.yaml:12`, where it was read from a file; else nothing. */
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

/** Where the page shows it; undefined for kinds without a view. */
export function objectPlace(object: ObjectRef): Place | undefined {
  const view = Object.hasOwn(viewOf, object.kind) ? viewOf[object.kind] : undefined;
  return view && place(view, { subject: objectName(object) });
}

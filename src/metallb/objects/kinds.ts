/** Which kinds matter, in which versions, and what somebody probably meant who wrote another one. */
import type { z } from 'zod';
import { didYouMean } from '../../suggest.ts';
import { configMap } from './config-map.ts';
import * as openshift from './openshift.ts';
import * as placement from './placement.ts';
import type { Kind } from './resources.ts';
import * as schema from './schema.ts';
import * as status from './status.ts';

/** Kind → apiVersion → schema; the first version is the one to write. A new kind is one row here and its schema. */
const table: Record<Kind, Record<string, z.ZodType>> = {
  IPAddressPool: { 'metallb.io/v1beta1': schema.ipAddressPool },
  BGPAdvertisement: { 'metallb.io/v1beta1': schema.bgpAdvertisement },
  L2Advertisement: { 'metallb.io/v1beta1': schema.l2Advertisement },
  BGPPeer: { 'metallb.io/v1beta2': schema.bgpPeer, 'metallb.io/v1beta1': schema.bgpPeerV1beta1 },
  Community: { 'metallb.io/v1beta1': schema.community },
  BFDProfile: { 'metallb.io/v1beta1': schema.bfdProfile },
  Service: { v1: schema.service },
  EndpointSlice: { 'discovery.k8s.io/v1': schema.endpointSlice },
  Node: { v1: schema.node },
  Namespace: { v1: schema.namespace },
  Secret: { v1: schema.secret },
  ConfigMap: { v1: configMap },
  FRRConfiguration: { 'frrk8s.metallb.io/v1beta1': schema.frrConfiguration },
  Network: { 'operator.openshift.io/v1': openshift.network },
  MachineConfig: { 'machineconfiguration.openshift.io/v1': openshift.machineConfig },
  MetalLB: { 'metallb.io/v1beta1': placement.metallb },
  Pod: { v1: placement.pod },
  ServiceBGPStatus: { 'metallb.io/v1beta1': status.serviceBGPStatus },
  ServiceL2Status: { 'metallb.io/v1beta1': status.serviceL2Status },
  ConfigurationState: { 'metallb.io/v1beta1': status.configurationState },
  BGPSessionState: { 'frrk8s.metallb.io/v1beta1': status.bgpSessionState },
  FRRNodeState: { 'frrk8s.metallb.io/v1beta1': status.frrNodeState },
};
const kinds: ReadonlyMap<string, ReadonlyMap<string, z.ZodType>> = new Map(
  Object.entries(table).map(([kind, versions]) => [kind, new Map(Object.entries(versions))]),
);
export const kindNames = [...kinds.keys()] as Kind[];
const byLowerCase: ReadonlyMap<string, string> = new Map(kindNames.map((kind) => [kind.toLowerCase(), kind]));

/** Kinds by which people configure MetalLB. What speakers write themselves, and the operator's, is not among them. */
const ownKinds: ReadonlySet<string> = new Set<Kind>([
  'IPAddressPool',
  'BGPAdvertisement',
  'L2Advertisement',
  'BGPPeer',
  'Community',
  'BFDProfile',
]);
export const isOwn = (kind: string): boolean => ownKinds.has(kind);

const metallbGroup = 'metallb.io';
/** Kinds of MetalLB's group that only it reads or writes. */
const otherMetallbKinds = new Set(['BGPSessionStatus']);

/** The schema of a kind in a version, or why the API server knows none; undefined for kinds that play no part here. */
export function schemaOf(kind: string, apiVersion: string): z.ZodType | { error: string } | undefined {
  const found = kinds.get(kind)?.get(apiVersion);
  if (found) return found;
  const group = groupOf(apiVersion);
  const isMetallb = group === metallbGroup && !otherMetallbKinds.has(kind);
  const meant = byLowerCase.get(kind.toLowerCase()) ?? (isMetallb ? didYouMean(kind, kindNames) : undefined);
  if (!isMetallb && (meant === undefined || !isMeant(meant, group))) return undefined;
  const version = meant === undefined || kind !== meant ? meant : [...kinds.get(meant)!.keys()][0];
  const hint = version === undefined ? '' : ` (did you mean ${version}?)`;
  return { error: `no matches for kind "${kind}" in version "${apiVersion}"${hint}` };
}

/** Is `group` a slip for that of a known kind? Groups with a domain of their own may have a kind of the same name. */
function isMeant(kind: string, group: string): boolean {
  const groups = Array.from(kinds.get(kind)!.keys(), groupOf);
  return groups.includes(group) || !group.includes('.') || (isOwn(kind) && didYouMean(group, groups) !== undefined);
}

const groupOf = (apiVersion: string): string => apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')));

/** Can an object be passed over by its outermost fields alone? Lists and what has no kind need a closer look. */
export function matters(outline: unknown): boolean {
  const { kind, apiVersion } = (outline ?? {}) as { kind?: unknown; apiVersion?: unknown };
  if (typeof kind !== 'string' || typeof apiVersion !== 'string' || kind.endsWith('List')) return true;
  return schemaOf(kind, apiVersion) !== undefined;
}

/** What is wrong with a List in a place where an object is read; undefined where that hides nothing of interest. */
export function listProblem(list: object): string | undefined {
  const { kind, items } = list as { kind: string; items?: unknown };
  if (items === undefined || items === null) return undefined;
  if (!Array.isArray(items)) return kind === 'List' ? 'items: expected a list' : undefined;
  const isOfInterest = (item: unknown): boolean => matters({ apiVersion: '', ...(item as object | null) });
  return items.some(isOfInterest)
    ? 'a List within a List, whose items are not read; move them into the outer List'
    : undefined;
}

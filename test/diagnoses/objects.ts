/** The objects that most tables begin with. */
import { advertisement, type KubeObject, node, peer, pool, service, slice } from '../support/metallb-objects.ts';

export const nodes = [node('node-1', 11), node('node-2', 12), node('node-3', 13)];
export const tor = peer('tor-1');
export const block = pool('block', ['203.0.113.0/24']);
/** A service with an address of the block and an endpoint on node-1. */
export const web = [service('web', ['203.0.113.5']), slice('web', ['node-1'])];
/** The block, announced by all for all, and the service. */
export const announced = [block, advertisement('a'), ...web];

/** A cluster that announces the service from these nodes. */
export const clusterOf = (...own: KubeObject[]): KubeObject[] => [...own, tor, ...announced];
export const cluster = clusterOf(...nodes);
/** The same with other fields of its BGPPeer. */
export const clusterWith = (spec: object): KubeObject[] => [...nodes, peer('tor-1', spec), ...announced];
/** The same without the service. */
export const announcing = [...nodes, tor, block, advertisement('a')];

/** A spec for one node. */
export const rack = (name: string) => ({ nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] });
/** What makes a service one for its own nodes. */
export const local = { spec: { externalTrafficPolicy: 'Local' } };

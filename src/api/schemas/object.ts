/** The same data by object of the cluster: a Service, a Node, an IPAddressPool, a BGPAdvertisement. */
import { z } from 'zod';
import { count, time } from './common.ts';
import { SessionState } from './neighbor.ts';
import { NeighborRef } from './route.ts';
import { CheckRow, ExpectedSession, Lint, NotAnnounced, ObjectRef, Refusal, Says } from './verdict.ts';

/** What every object has. */
const about = {
  object: ObjectRef,
  routes: z.array(CheckRow).describe('Verdicts on the routes that come from it; the first of them, /checks has all'),
  notAnnounced: z.array(NotAnnounced).describe('Services that nodes do not announce, with the reason word of MetalLB'),
  refusals: z.array(Refusal),
  lint: z.array(Lint),
  truncated: z.boolean().describe('A list was longer than is shown'),
};

/** A node announces the service, and not to this BGPPeer. */
export const NotAnnouncedTo = z.object({
  node: z.string(),
  bgpPeer: z.string(),
  address: z.string(),
  reason: z.string().describe('peerNotListed, familyMismatch, notOwner …'),
  text: z.string(),
});
export type NotAnnouncedTo = z.infer<typeof NotAnnouncedTo>;

export const ServiceView = z
  .object({
    ...about,
    type: z.string().nullable().describe('null: the object was refused'),
    addresses: z.array(z.string()).describe('Of its status, in that order'),
    pools: z.array(z.string()).describe('IPAddressPools that its addresses are of'),
    advertisements: z.array(z.string()).describe('BGPAdvertisements of these pools whose serviceSelectors select it'),
    notAnnouncedTo: z
      .array(NotAnnouncedTo)
      .describe('Sessions of nodes that announce it which carry no route of an address all the same'),
  })
  .meta({ id: 'ServiceView' });
export type ServiceView = z.infer<typeof ServiceView>;

export const NodeSession = ExpectedSession.omit({ node: true }).extend({
  neighbor: NeighborRef.nullable().describe('The session that is or was seen; null = none'),
  state: SessionState.nullable(),
});
export type NodeSession = z.infer<typeof NodeSession>;

/** What a node's speaker and frr-k8s say of themselves. */
export const NodeSays = Says.pick({ configuration: true, configurationText: true, objects: true }).extend({
  conversion: z.string().nullable().describe('What frr-k8s made of its FRRConfigurations: success, or the error'),
  reload: z.string().nullable().describe('What FRR made of that: success, or the error'),
  sessions: z.array(z.object({ peer: z.string(), vrf: z.string(), bgpStatus: z.string(), bfdStatus: z.string() })),
  pods: z.array(
    z.object({
      name: z.string(),
      namespace: z.string(),
      phase: z.string(),
      ready: z.boolean(),
      terminating: z.boolean(),
    }),
  ),
});
export type NodeSays = z.infer<typeof NodeSays>;

/** How long its speaker takes from a change of an object to the UPDATE that it asks for; seconds. */
export const LatencyFigures = z.object({
  count: count.describe('Routes that were measured since the start'),
  p50: z.number().describe('Of the latest of them, as p99'),
  p99: z.number(),
  last: z.number(),
  lastAt: time,
});
export type LatencyFigures = z.infer<typeof LatencyFigures>;

export const NodeView = z
  .object({
    ...about,
    addresses: z.array(z.string()),
    hostname: z.string().nullable(),
    staleConfig: z.string().nullable().describe('Why its speaker keeps its last valid configuration'),
    configurationUnknown: z.boolean().describe('No valid configuration was ever seen for its speaker'),
    timeToAdvertise: LatencyFigures.nullable().describe('null: nothing was measured yet'),
    timeToWithdraw: LatencyFigures.nullable(),
    sessions: z.array(NodeSession).describe('One for each BGPPeer that selects it'),
    neighbors: z.array(NeighborRef).describe('Every neighbor that was found to be this node'),
    says: NodeSays.nullable().describe(
      'What its speaker and frr-k8s say of themselves; null: nothing of them is to be seen',
    ),
  })
  .meta({ id: 'NodeView' });
export type NodeView = z.infer<typeof NodeView>;

export const PoolView = z
  .object({
    ...about,
    addresses: z.array(z.string()).describe('As they are written'),
    services: z.array(z.object({ service: z.string().describe('namespace/name'), addresses: z.array(z.string()) })),
    advertisements: z.array(z.string()).describe('BGPAdvertisements that apply to it'),
    l2Advertisements: z.array(z.string()),
  })
  .meta({ id: 'PoolView' });
export type PoolView = z.infer<typeof PoolView>;

export const AdvertisementView = z
  .object({
    ...about,
    pools: z.array(z.string()).describe('IPAddressPools that it applies to'),
    nodes: z.array(z.string()).describe('Nodes that its nodeSelectors select'),
    peers: z.array(z.string()).nullable().describe('BGPPeers that it is for; null = all'),
    services: z.array(z.string()).describe('Services of these pools that its serviceSelectors select, namespace/name'),
  })
  .meta({ id: 'AdvertisementView' });
export type AdvertisementView = z.infer<typeof AdvertisementView>;

/** The same data by object of the cluster: a Service, a Node, an IPAddressPool, a BGPAdvertisement. */
import { z } from 'zod';
import { count, time } from './common.ts';
import { SessionState } from './neighbor.ts';
import { NeighborRef } from './route.ts';
import { CheckRow, ExpectedSession, Lint, NotAnnounced, ObjectRef, Refusal, Says } from './verdict.ts';

/** What every object has. */
const about = {
  object: ObjectRef,
  routes: z.array(CheckRow).describe('Verdicts of its routes; only the first ones, see /checks'),
  notAnnounced: z.array(NotAnnounced).describe("Services that nodes do not announce, with MetalLB's reason"),
  refusals: z.array(Refusal),
  lint: z.array(Lint),
  truncated: z.boolean().describe('A list was cut'),
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
    type: z.string().nullable().describe('null: the object was rejected'),
    addresses: z.array(z.string()).describe('Its status addresses, in that order'),
    pools: z.array(z.string()).describe('IPAddressPools of its addresses'),
    advertisements: z
      .array(z.string())
      .describe('BGPAdvertisements of these pools whose serviceSelectors match the Service'),
    notAnnouncedTo: z
      .array(NotAnnouncedTo)
      .describe('Sessions without a route for an address, although their node announces it'),
  })
  .meta({ id: 'ServiceView' });
export type ServiceView = z.infer<typeof ServiceView>;

export const NodeSession = ExpectedSession.omit({ node: true }).extend({
  neighbor: NeighborRef.nullable().describe('The current or last session; null: none'),
  state: SessionState.nullable(),
});
export type NodeSession = z.infer<typeof NodeSession>;

/** What a node's speaker and frr-k8s say of themselves. */
export const NodeSays = Says.pick({ configuration: true, configurationText: true, objects: true }).extend({
  conversion: z.string().nullable().describe('Result of frr-k8s for its FRRConfigurations: success or the error'),
  reload: z.string().nullable().describe('Result in FRR: success or the error'),
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
  count: count.describe('Routes measured since the start'),
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
    staleConfig: z.string().nullable().describe('Why its speaker keeps its previous configuration'),
    configurationUnknown: z.boolean().describe('No valid configuration of its speaker is known'),
    timeToAdvertise: LatencyFigures.nullable().describe('null: not measured yet'),
    timeToWithdraw: LatencyFigures.nullable(),
    sessions: z.array(NodeSession).describe('One per BGPPeer that selects the node'),
    neighbors: z.array(NeighborRef).describe('Every neighbor identified as this node'),
    says: NodeSays.nullable().describe('Reported status of its speaker and frr-k8s; null: none available'),
  })
  .meta({ id: 'NodeView' });
export type NodeView = z.infer<typeof NodeView>;

export const PoolView = z
  .object({
    ...about,
    addresses: z.array(z.string()).describe('As written'),
    services: z.array(z.object({ service: z.string().describe('namespace/name'), addresses: z.array(z.string()) })),
    advertisements: z.array(z.string()).describe('BGPAdvertisements that apply to the object'),
    l2Advertisements: z.array(z.string()),
  })
  .meta({ id: 'PoolView' });
export type PoolView = z.infer<typeof PoolView>;

export const AdvertisementView = z
  .object({
    ...about,
    pools: z.array(z.string()).describe('IPAddressPools that the advertisement applies to'),
    nodes: z.array(z.string()).describe('Nodes that its nodeSelectors match'),
    peers: z.array(z.string()).nullable().describe('BGPPeers that the advertisement lists; null: all'),
    services: z.array(z.string()).describe('Services of these pools that its serviceSelectors match, namespace/name'),
  })
  .meta({ id: 'AdvertisementView' });
export type AdvertisementView = z.infer<typeof AdvertisementView>;

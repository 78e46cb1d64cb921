/** Routes and their changes. */
import { z } from 'zod';
import { changeActions } from '../../rib/types.ts';
import { verdicts } from '../../verdicts/types.ts';
import { segmentTypes } from '../../wire/attributes/as-path.ts';
import { attributeShape } from '../../wire/attributes/index.ts';
import { family, integer, time } from './common.ts';

const { nextHop, ...otherAttributes } = attributeShape(z);

/** `null`, or an empty list: not on the wire. Which attributes there are, and how each is shown, is in their rows. */
export const Attributes = z.object({
  nextHop,
  nextHopLinkLocal: z.string().nullable().describe('Second address of an IPv6 next hop, RFC 2545'),
  asPath: z.array(z.union([integer, z.array(integer)])).describe('AS_SETs are nested arrays'),
  asPathSegments: z
    .array(z.object({ type: z.enum(segmentTypes), asns: z.array(integer) }))
    .optional()
    .describe('The whole path with confederation segments, which asPath omits'),
  ...otherAttributes,
  unknown: z
    .array(z.object({ code: integer, flags: integer, raw: z.string().describe('Octets as hex') }))
    .describe('Attributes that Peerglass does not decode'),
});
export type Attributes = z.infer<typeof Attributes>;

export const NeighborRef = z.object({
  id: integer,
  address: z.string(),
  asn: integer.nullable(),
  routerId: z.string().nullable(),
  node: z.string().nullable(),
});
export type NeighborRef = z.infer<typeof NeighborRef>;

export const VerdictWord = z.enum(verdicts);
export type VerdictWord = z.infer<typeof VerdictWord>;

/** What a route is, without when: the key and the attributes. */
const RouteContent = z.object({
  prefix: z.string(),
  family,
  pathId: integer.describe('RFC 7911; 0 without ADD-PATH'),
  neighbor: NeighborRef,
  ...Attributes.shape,
});

/** A route as received, without the verdict on it. */
export const ReceivedRoute = z.object({
  ...RouteContent.shape,
  stale: z.boolean(),
  staleUntil: time.nullable(),
  receivedAt: time.describe('Last time that it was received, changed or not'),
  firstSeenAt: time,
  lastChangedAt: time,
  seq: integer,
});
export type ReceivedRoute = z.infer<typeof ReceivedRoute>;

export const Route = z
  .object({
    ...ReceivedRoute.shape,
    verdict: VerdictWord.nullable().describe('null: nothing is expected, or not evaluated yet'),
  })
  .meta({ id: 'Route' });
export type Route = z.infer<typeof Route>;

export const ChangeAction = z.enum(changeActions);
export type ChangeAction = z.infer<typeof ChangeAction>;

/** The route of a change; a snapshot fills in the optional part. */
export const ChangedRoute = z.object({
  ...RouteContent.shape,
  ...ReceivedRoute.pick({
    stale: true,
    staleUntil: true,
    receivedAt: true,
    firstSeenAt: true,
    lastChangedAt: true,
  }).partial().shape,
  seq: integer.optional(),
  verdict: VerdictWord.nullable().optional(),
});
export type ChangedRoute = z.infer<typeof ChangedRoute>;

export const Change = z
  .object({
    seq: integer,
    at: time,
    action: ChangeAction,
    route: ChangedRoute.describe('For `withdrawn`, the route as it was'),
    previous: Attributes.optional().describe('The replaced rules'),
  })
  .meta({ id: 'Change' });
export type Change = z.infer<typeof Change>;

/** Expectations with their chain, verdicts with their evidence. */
import { z } from 'zod';
import { lintCodes, refusalCodes } from '../../metallb/codes.ts';
import { count, family, integer, time } from './common.ts';
import { ReceivedRoute, VerdictWord } from './route.ts';

const codesOf = <T extends object>(codes: T) => Object.keys(codes) as (keyof T & string)[];

export const ObjectRef = z.object({
  kind: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  file: z.string().optional(),
  line: integer.optional(),
});
export type ObjectRef = z.infer<typeof ObjectRef>;

export const ChainLink = z.object({
  service: z.string().describe('namespace/name'),
  ip: z.string(),
  pool: z.string(),
  advertisement: z.string(),
  objects: z.array(ObjectRef),
  steps: z
    .array(z.object({ object: ObjectRef, rule: z.string() }))
    .optional()
    .describe(
      'In /explain and /services: the steps from the Service to the attributes, with the object that decides each',
    ),
});
export type ChainLink = z.infer<typeof ChainLink>;

export const ExpectedRoute = z
  .object({
    node: z.string(),
    bgpPeer: z.string(),
    prefix: z.string(),
    family,
    localPref: integer.nullable(),
    localPrefAnyOf: z.array(integer).optional(),
    communities: z.array(z.string()),
    communitiesAnyOf: z.array(z.array(z.string())).optional(),
    largeCommunities: z.array(z.string()),
    nextHop: z.literal('self').describe('An address of the node'),
    asPath: z.array(integer),
    med: integer.nullable(),
    origin: z.literal('igp'),
    chain: z.array(ChainLink).describe('The first links'),
    chainLeftOut: count.optional().describe('Further links of an aggregate; absent: none'),
  })
  .meta({ id: 'ExpectedRoute' });
export type ExpectedRoute = z.infer<typeof ExpectedRoute>;

/** One BGPPeer on one node. */
export const ExpectedSession = z.object({
  node: z.string(),
  bgpPeer: z.string(),
  myASN: integer,
  peerASN: z.union([integer, z.enum(['internal', 'external'])]),
  peerAddress: z.string().optional().describe('Absent: unnumbered'),
  interface: z.string().optional().describe('Of an unnumbered peer'),
  vrf: z.string().optional().describe('Absent: the default VRF'),
  peerPort: integer,
  families: z.array(family).describe('Families announced to the peer'),
  ibgp: z.boolean(),
  sourceAddress: z.string().optional(),
});
export type ExpectedSession = z.infer<typeof ExpectedSession>;

export const Evidence = z.object({
  kind: z.enum(['object', 'message', 'session', 'time']),
  ref: z.string(),
  text: z.string().optional(),
});
export type Evidence = z.infer<typeof Evidence>;

/** A rule of the overlay, as verdicts show it. */
export const RuleRef = z.object({
  id: z.string(),
  rule: z.enum(['must', 'must-not', 'ignore']),
  reason: z.string(),
  owner: z.string(),
  expires: time.nullable(),
});
export type RuleRef = z.infer<typeof RuleRef>;

export const Verdict = z
  .object({
    prefix: z.string(),
    neighbor: integer.nullable(),
    node: z.string().nullable(),
    bgpPeer: z.string().nullable(),
    verdict: VerdictWord,
    fields: z.array(z.string()).describe('Attributes that differ'),
    expected: ExpectedRoute.nullable(),
    received: ReceivedRoute.nullable(),
    reasonCode: z.string(),
    reasonText: z.string(),
    evidence: z.array(Evidence),
    overlay: RuleRef.nullable().describe('The overlay rule that decided it or made it `suppressed`'),
    rule: z
      .string()
      .nullable()
      .describe('The `must` rule that this row belongs to; it and the four keys identify the row'),
    since: time,
    deadline: time.nullable().describe('When the grace period of `pending` ends'),
  })
  .meta({ id: 'Verdict' });
export type Verdict = z.infer<typeof Verdict>;

/** The third column: what the cluster's own status objects say. A hint: speakers over-report. */
export const Says = z
  .object({
    announced: z.boolean().nullable().describe('null: unknown'),
    text: z.string(),
    configuration: z.enum(['valid', 'invalid', 'unknown']).nullable().describe('Whether the speaker applies it'),
    configurationText: z.string().nullable(),
    session: z.string().nullable().describe('Established, Active …, as FRR on the node reports it'),
    objects: z.array(ObjectRef).describe('Status objects'),
    reasonCode: z
      .string()
      .nullable()
      .describe(
        'Difference between expected, reported and received: believed-announced, not-announced-though-expected …',
      ),
    reasonText: z.string().nullable(),
  })
  .meta({ id: 'Says' });
export type Says = z.infer<typeof Says>;

/** A verdict beside what the cluster says. */
export const CheckRow = Verdict.extend({
  says: Says.nullable().describe('null: no status object of that node is available'),
}).meta({ id: 'CheckRow' });
export type CheckRow = z.infer<typeof CheckRow>;

export const Finding = z
  .object({ id: integer, since: time, until: time.nullable(), verdict: Verdict })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof Finding>;

export const FindingGroups = z
  .object({
    open: count.describe('Current verdicts that are not ok'),
    listed: count.describe('Findings that are listed; the others follow when there is room'),
    groups: z
      .array(
        z.object({
          verdict: VerdictWord,
          reasonCode: z.string(),
          node: z.string().nullable(),
          bgpPeer: z.string().nullable(),
          neighbor: integer.nullable(),
          rule: z.string().nullable(),
          count,
          examples: z.array(z.string()).describe('Some of the prefixes'),
        }),
      )
      .describe('Verdicts that are not ok, by verdict, reason and session; largest group first'),
    moreGroups: count.describe('Number of groups not listed'),
  })
  .meta({ id: 'FindingGroups' });
export type FindingGroups = z.infer<typeof FindingGroups>;

export const VerdictCounts = z.record(VerdictWord, count);

export const Summary = z
  .object({
    verdicts: VerdictCounts,
    sessions: z.object({
      expected: count.describe('Sessions expected with this collector'),
      established: count,
      elsewhere: count.describe('Sessions with other routers, which Peerglass cannot observe'),
    }),
    services: z.object({ ok: count, pending: count, failing: count }),
    evaluatedAt: time,
    emptyText: z.string().nullable().describe('Why nothing can be compared'),
  })
  .meta({ id: 'Summary' });
export type Summary = z.infer<typeof Summary>;

export const CheckRun = z
  .object({
    outcome: z.enum(['ok', 'findings', 'cannot-tell']),
    summary: Summary,
    findings: z.array(Verdict),
    truncated: z.boolean().describe('More findings exist; see /checks'),
  })
  .meta({ id: 'CheckRun' });
export type CheckRun = z.infer<typeof CheckRun>;

export const Refusal = z.object({
  code: z.enum(codesOf(refusalCodes)).describe('Stable code; the text may change'),
  stage: z.enum(['yaml', 'schema', 'webhook', 'config', 'runtime']),
  object: ObjectRef,
  error: z.string(),
  effect: z.string(),
  nodes: z.array(z.string()).describe('Nodes whose speaker keeps its previous configuration because of it'),
});
export type Refusal = z.infer<typeof Refusal>;
export const NotAnnounced = z.object({ service: z.string(), node: z.string(), reason: z.string(), text: z.string() });
export type NotAnnounced = z.infer<typeof NotAnnounced>;
export const Lint = z.object({
  code: z.enum(codesOf(lintCodes)).describe('Stable code; the text may change'),
  aliases: z.array(z.string()).readonly().optional().describe('Earlier codes of the same problem'),
  object: ObjectRef,
  path: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});
export type Lint = z.infer<typeof Lint>;
const L2Announcer = z.object({ service: z.string(), node: z.string(), interfaces: z.array(z.string()) });

/** What the objects say besides routes. */
export const ExpectationNotes = z
  .object({
    mode: z.enum(['native', 'frr', 'frr-k8s']).nullable(),
    refusals: z.array(Refusal),
    notAnnounced: z.array(NotAnnounced),
    lint: z.array(Lint),
    l2: z.array(L2Announcer),
    truncated: z.boolean().describe('A list was cut'),
  })
  .meta({ id: 'ExpectationNotes' });
export type ExpectationNotes = z.infer<typeof ExpectationNotes>;

/** Layer 2: who was elected to answer for an address, and who does. */
import { z } from 'zod';
import { l2Verdicts } from '../../l2/verdict.ts';
import { family, time } from './common.ts';
import { Evidence } from './verdict.ts';

export const L2VerdictWord = z.enum(l2Verdicts);
export type L2VerdictWord = z.infer<typeof L2VerdictWord>;

const Announcer = z.object({ node: z.string(), interfaces: z.array(z.string()).describe('Empty: all') });

export const L2Row = z
  .object({
    service: z.string().describe('namespace/name; empty when no Service has the address'),
    address: z.string(),
    family,
    pool: z.string().nullable(),
    elected: Announcer.nullable().describe('Whom the speakers elect'),
    reasonNotAnnounced: z.string().nullable().describe('Why nobody is elected'),
    says: Announcer.nullable().describe('What the ServiceL2Status of the service says'),
    seen: z
      .array(
        z.object({
          mac: z.string(),
          node: z.string().nullable().describe('Whose addresses resolve to that hardware address'),
          interface: z.string().describe('Ours'),
          via: z.enum(['neighbor-table', 'arp', 'ndp']),
          at: time,
        }),
      )
      .describe('Who has the address; several when they answered the same question'),
    verdict: L2VerdictWord,
    reasonCode: z.string(),
    reasonText: z.string(),
    evidence: z.array(Evidence),
    since: time,
  })
  .meta({ id: 'L2Row' });
export type L2Row = z.infer<typeof L2Row>;

export const L2Status = z.object({
  interfaces: z.array(
    z.object({
      name: z.string(),
      listens: z.enum(['arp-and-ndp', 'neighbor-table', 'nothing']),
      text: z.string().describe('What is done there, and why no more'),
    }),
  ),
});
export type L2Status = z.infer<typeof L2Status>;

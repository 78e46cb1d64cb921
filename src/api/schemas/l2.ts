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
    elected: Announcer.nullable().describe('The node that the speakers elect'),
    reasonNotAnnounced: z.string().nullable().describe('Why no node is elected'),
    says: Announcer.nullable().describe('ServiceL2Status of the Service'),
    seen: z
      .array(
        z.object({
          mac: z.string(),
          node: z.string().nullable().describe('The node whose addresses resolve to that MAC address'),
          interface: z.string().describe('Own address'),
          via: z.enum(['neighbor-table', 'arp', 'ndp']),
          at: time,
        }),
      )
      .describe('Owners of the address; several if they answered the same probe'),
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
      text: z.string().describe('What Peerglass does on the interface, and what it cannot do'),
    }),
  ),
});
export type L2Status = z.infer<typeof L2Status>;

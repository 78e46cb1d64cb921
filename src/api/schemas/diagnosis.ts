/** Known troubles that the collector found, and what it looks for. */
import { z } from 'zod';
import { severities } from '../../metallb/problems/rule.ts';
import { count, integer, time } from './common.ts';
import { Evidence, ObjectRef } from './verdict.ts';

export const DiagnosisSeverity = z.enum(severities);
export type DiagnosisSeverity = z.infer<typeof DiagnosisSeverity>;

export const Diagnosis = z
  .object({
    code: z.string().describe('Stable; see /diagnoses/catalog'),
    severity: DiagnosisSeverity,
    title: z.string(),
    text: z.string().describe('The finding in one sentence'),
    hint: z.string().describe('What to do'),
    node: z.string().nullable(),
    bgpPeer: z.string().nullable(),
    neighbor: integer.nullable(),
    prefix: z.string().nullable(),
    service: z.string().nullable().describe('namespace/name'),
    objects: z.array(ObjectRef),
    evidence: z.array(Evidence),
    since: time.describe('When it was first found'),
  })
  .meta({ id: 'Diagnosis' });
export type Diagnosis = z.infer<typeof Diagnosis>;

export const DiagnosisCounts = z.record(DiagnosisSeverity, count);

export const DiagnosisCatalogRow = z
  .object({
    code: z.string(),
    aliases: z.array(z.string()).describe('Earlier codes of lint for the same problem; ?code= takes them too'),
    severity: DiagnosisSeverity.describe('Usual severity; a diagnosis may have another'),
    title: z.string(),
    looksFor: z.string(),
    found: count.describe('Currently found'),
    foundBySeverity: DiagnosisCounts,
    notListed: count.describe('Found but not listed: /diagnoses limits the entries of one code'),
  })
  .meta({ id: 'DiagnosisCatalogRow' });
export type DiagnosisCatalogRow = z.infer<typeof DiagnosisCatalogRow>;

export const DiagnosisCatalog = z.object({
  evaluatedAt: time.nullable().describe('When all checks had run; null: not yet'),
  checks: z.array(DiagnosisCatalogRow),
});
export type DiagnosisCatalog = z.infer<typeof DiagnosisCatalog>;

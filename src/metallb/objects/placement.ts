/** Objects that tell on which nodes speakers run: their Pods, and what the operator is asked for. */
import { z } from 'zod';
import { labels, listOf, looseMetadata } from './schema.ts';

const text = z.string().default('');

/** core/v1 Toleration; no key with `Exists` tolerates everything, no effect every effect. */
export const toleration = z.object({
  key: z.string().default(''),
  operator: z.enum(['Exists', 'Equal', '']).default('Equal'),
  value: z.string().default(''),
  effect: z.string().default(''),
});
export type Toleration = z.output<typeof toleration>;

/** The operator's own object: where it lets speakers run. */
export const metallb = z
  .object({
    metadata: looseMetadata,
    spec: z.object({ nodeSelector: labels.optional(), speakerTolerations: listOf(toleration) }).prefault({}),
  })
  .transform(({ spec }) => spec);

/** A Pod as far as it tells whether a speaker, or frr-k8s, runs on a node. */
export const pod = z
  .object({
    metadata: z.object({ ...looseMetadata.shape, deletionTimestamp: z.string().optional() }),
    spec: z.object({ nodeName: text }).prefault({}),
    status: z.object({ phase: text, conditions: listOf(z.object({ type: text, status: text })) }).prefault({}),
  })
  .transform(({ metadata, spec, status }) => ({
    /** '' while none is chosen. */
    node: spec.nodeName,
    phase: status.phase,
    ready: status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    terminating: metadata.deletionTimestamp !== undefined,
  }));

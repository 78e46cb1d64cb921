/** What every answer is wrapped in, and what an error looks like. */
import { z } from 'zod';
import { count, integer, time } from './common.ts';
import { NeighborRef } from './route.ts';

export const Meta = z.object({
  generatedAt: time,
  seq: integer,
  collector: z.string(),
  emptyText: z.string().optional().describe('Why the list is empty'),
});
export type Meta = z.infer<typeof Meta>;

export const Facet = z.object({
  values: z.array(z.object({ value: z.string(), count })),
  truncated: z.boolean().describe('Some rows or values were not counted'),
});
export type Facet = z.infer<typeof Facet>;

export const envelope = <T extends z.ZodType>(data: T) => z.object({ data, meta: Meta });
export const page = <T extends z.ZodType>(row: T) =>
  z.object({
    data: z.array(row),
    meta: Meta,
    page: z.object({ nextCursor: z.string().nullable() }),
    facets: z.record(z.string(), Facet).optional(),
  });

/** Answer with one thing. */
export interface Envelope<T> {
  data: T;
  meta: Meta;
}
/** Answer with rows. */
export interface Page<T> {
  data: T[];
  meta: Meta;
  page: { nextCursor: string | null };
  facets?: Record<string, Facet>;
}

/** RFC 9457, with a stable `code`. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: integer,
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), text: z.string() })).optional(),
    candidates: z.array(NeighborRef).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

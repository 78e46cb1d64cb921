/** What all schemas are made of. */
import { z } from 'zod';

export const time = z.string().meta({ description: 'RFC 3339 with microseconds, UTC', format: 'date-time' });
export const integer = z.number().int();
export const count = integer.nonnegative();
export const family = z.union([z.literal(4), z.literal(6)]);

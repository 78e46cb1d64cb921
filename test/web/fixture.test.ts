/** The test data of the page must match the API schemas. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import * as schemas from '../../src/api/schemas.ts';
import { makeFixture } from '../support/fixture-data.ts';
import { answerTo } from '../support/fixture-server.ts';

const fixture = makeFixture({ now: Date.parse('2026-05-04T12:00:00Z'), nodes: 6, services: 12 });
const one = (schema: z.ZodType) => z.object({ data: schema, meta: schemas.Meta });
const { page } = schemas;

test.each<[string, z.ZodType]>([
  ['/status', one(schemas.Status)],
  ['/checks/summary', one(schemas.Summary)],
  ['/checks?limit=5', page(schemas.CheckRow)],
  ['/neighbors', page(schemas.Neighbor)],
  ['/neighbors/9', one(schemas.Neighbor)],
  ['/neighbors/9/capabilities', one(schemas.NeighborCapabilities)],
  ['/neighbors/9/events', page(schemas.NeighborEvent)],
  ['/routes?facets=node', page(schemas.Route)],
  ['/changes?prefix=203.0.113.10/32', page(schemas.Change)],
  ['/prefixes/203.0.113.10/32', one(schemas.PrefixView)],
  ['/diagnoses?facets=severity', page(schemas.Diagnosis)],
  ['/diagnoses/catalog', one(schemas.DiagnosisCatalog)],
  ['/l2?facets=verdict', page(schemas.L2Row)],
  ['/services/default/web-1', one(schemas.ServiceView)],
  ['/nodes/worker-3', one(schemas.NodeView)],
  ['/pools/public', one(schemas.PoolView)],
  ['/advertisements/to-the-racks', one(schemas.AdvertisementView)],
  ['/explain?prefix=203.0.113.10', one(schemas.Explanation)],
  ['/explain?prefix=192.0.2.200&node=worker-1', one(schemas.Explanation)],
  ['/lookup?q=web', one(schemas.Lookup)],
  ['/timeline/203.0.113.10/32', page(schemas.TimelineEntry)],
  ['/expectations/overlay', one(schemas.Overlay)],
])('%s matches its schema', (url, schema) => {
  const [path = '', search = ''] = url.split('?');
  expect(schema.safeParse(answerTo(fixture, path, new URLSearchParams(search))).error).toBeUndefined();
});

test('has every verdict', () => {
  expect(new Set(fixture.verdicts.map(({ verdict }) => verdict))).toEqual(new Set(schemas.VerdictWord.options));
});

/** Aggregates wider than a pool's entry (MetalLB issues 1577, 1538 and 1513). */

import { keyOf } from '../objects/resources.ts';
import { formatCidr } from '../relations/cidr.ts';
import type { Cluster } from './cluster.ts';
import { type ObjectProblems, type ObjectRule, placeOf } from './rule.ts';
import { names } from './words.ts';

/** Refused by the webhook; or, when the pool was made after the advertisement, by every speaker. */
export const aggregateRefused: ObjectRule = {
  code: 'aggregate-refused',
  aliases: ['wide-aggregate'],
  severity: 'critical',
  title: 'Aggregate wider than its pool',
  looksFor: 'aggregation lengths shorter than the widest block of a pool entry.',
  find,
};

function* find(cluster: Cluster): ObjectProblems {
  const { accepted, written } = cluster;
  for (const advertisement of written.advertisements) {
    yield;
    if (!cluster.isRejected(advertisement, 'aggregate-wider-than-pool')) continue;
    for (const pool of accepted.poolsOf(advertisement)) {
      for (const { text, cidrs } of pool.entries) {
        const widest = cidrs.reduce((a, b) => (b.length < a.length ? b : a));
        const field = widest.family === 4 ? 'aggregationLength' : 'aggregationLengthV6';
        const length = advertisement.spec[field];
        if (length >= widest.length || length < 0) continue;
        const refusals = cluster.table.refusals.filter(
          ({ object }) =>
            (object.kind === 'BGPAdvertisement' || object.kind === 'IPAddressPool') &&
            [advertisement.key, pool.object.key].includes(keyOf(object)),
        );
        const stale = refusals.flatMap(({ nodes }) => nodes);
        yield {
          text:
            `BGPAdvertisement ${advertisement.ref.name} aggregates to /${length}, but ${text} of ` +
            `IPAddressPool ${pool.object.ref.name} ` +
            `has no block wider than ${formatCidr(widest)}: ` +
            (stale.length > 0
              ? `the pool was there too late for the webhook to object, and the speakers on ${names(stale)} ` +
                'reject the whole configuration.'
              : 'the advertisement is rejected and announces nothing.'),
          hint:
            `Set spec.${field} of the BGPAdvertisement to ${widest.length} or more, or make the pool's entry a ` +
            `whole /${length}.`,
          objects: [placeOf(advertisement, `spec.${field}`), pool.object.ref],
          path: `spec.${field}`,
          about: text,
        };
        break;
      }
    }
  }
}

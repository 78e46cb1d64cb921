/** Published means durable: what live clients were told before the collector ended must be in the log of changes after. */
import type { Change, Status } from '../../src/api/schemas.ts';
import type { Product } from '../support/product.ts';
import type { Published } from './clients.ts';
import { rows } from './pages.ts';

/** Changes compared after each restart: the last that were published. */
const maxCompared = 5_000;
const pageRows = 2_500;
const maxReported = 5;

const key = ({ seq, action, neighbor, prefix }: Published): string => `${seq} ${action} ${neighbor} ${prefix}`;

/** Published changes that the collector no longer has, as sentences; `highest`: the highest seq that was published. */
export async function lostChanges(product: Product, published: Published[], highest: number): Promise<string[]> {
  const status = await product.get<{ data: Status }>('/api/v1/status');
  const { seq, gaps } = status.data;
  const lost: string[] = [];
  if (seq < highest) lost.push(`seq is ${seq} after the restart, and ${highest} was published before it`);
  const inGap = (at: number): boolean => gaps.some(({ from, to }) => at >= from && at <= to);
  // retention.maxBytes deletes the oldest, and a client that gets gaps may know only those
  const { data } = await product.get<{ data: Change[] }>('/api/v1/changes', { limit: 1 });
  const oldest = data[0]?.seq ?? Number.POSITIVE_INFINITY;
  const compared = published.slice(-maxCompared).filter(({ seq }) => seq >= oldest && !inGap(seq));
  if (compared.length === 0) return lost;

  const stored = new Set<string>();
  const range = { since: compared[0]!.seq - 1, until: compared.at(-1)!.seq, limit: pageRows };
  for await (const { seq, action, route } of rows<Change>(product, '/api/v1/changes', range))
    stored.add(key({ seq, action, neighbor: route.neighbor.address, prefix: route.prefix }));
  const missing = compared.filter((change) => !stored.has(key(change)));
  if (missing.length > 0) {
    const examples = missing.slice(0, maxReported).map(key).join('; ');
    lost.push(`${missing.length} of the last ${compared.length} published changes are not in /changes: ${examples}`);
  }
  return lost;
}

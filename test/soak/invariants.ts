/** What must hold all the time, and once a scenario is over and everything is quiet. */
import type { Neighbor, Status } from '../../src/api/schemas.ts';
import { until } from '../support/wait.ts';
import { serviceCount, sessionCount } from './addresses.ts';
import type { ClientTally } from './clients.ts';
import { maxDatabaseBytes, maxDescriptors, maxMemory } from './collector.ts';
import { rows } from './pages.ts';
import type { Report } from './probe.ts';
import type { Tally } from './speakers.ts';
import type { World } from './world.ts';

/** ms that no event loop may be late. */
export const maxDelayMs = 500;
/** ms until an answer of /healthz: a probe of Kubernetes fails after 1 s unless configured otherwise. */
const maxAnswerMs = 1_000;
/** How long the collector may take until all is as the tally says, ms. */
const quietTimeout = 60_000;
const mebibytes = (octets: number): string => `${Math.round(octets / 2 ** 20)} MiB`;

/** What was seen in one stretch of time. */
export interface Seen {
  report: Report;
  tally: Tally;
  clients: ClientTally;
}

interface Always {
  name: string;
  /** Judges a delay, which says little on a machine with other load. */
  isDelay?: true;
  /** Answers what is wrong, or null. */
  check(seen: Seen): string | null;
}

const late = (what: string, ms: number, raw: number, { report }: Seen, max = maxDelayMs): string | null =>
  ms <= max
    ? null
    : `${what}: ${Math.round(ms)} ms (${Math.round(raw)} ms as measured; in its window the machine took at most ${Math.round(report.stolenMs)} ms)`;

/** Checked for each stretch of time, also amid a scenario. */
export const always: Always[] = [
  {
    name: 'no session lost',
    check: ({ tally: { lost, lateMs } }) =>
      lost.length === 0
        ? null
        : `${lost.length} sessions ended without the soak's doing (its speakers were at most ${Math.round(lateMs)} ms late): ${lost.slice(0, 4).join('; ')}`,
  },
  {
    name: 'speaker is in time',
    isDelay: true,
    check: (seen) => late('speaker thread late by', seen.report.speakerMs, seen.report.rawSpeakerMs, seen),
  },
  {
    name: 'collector is in time',
    isDelay: true,
    check: (seen) => late('collector thread late by', seen.report.collectorMs, seen.report.rawCollectorMs, seen),
  },
  {
    name: 'answers in time',
    isDelay: true,
    check: (seen) => late('GET /healthz took', seen.report.healthMs, seen.report.rawHealthMs, seen, maxAnswerMs),
  },
  {
    name: 'answers',
    check: ({ report: { failures } }) => failures[0] ?? null,
  },
  {
    name: 'memory within its limit',
    check: ({ report: { peakMemory } }) =>
      peakMemory <= maxMemory ? null : `${mebibytes(peakMemory)} resident, limit ${mebibytes(maxMemory)}`,
  },
  {
    name: 'database within its bound',
    check: ({ report: { databaseBytes } }) =>
      databaseBytes <= maxDatabaseBytes
        ? null
        : `${mebibytes(databaseBytes)} on disk, bound ${mebibytes(maxDatabaseBytes)}`,
  },
  {
    name: 'descriptors within their limit',
    check: ({ report: { descriptors } }) =>
      descriptors < maxDescriptors - 8 ? null : `${descriptors} of ${maxDescriptors} descriptors in use`,
  },
  {
    name: 'live messages in order',
    check: ({ clients: { disordered } }) => disordered[0] ?? null,
  },
];

/** Waits until the collector agrees with the tally in everything, and says where it does not. */
export async function checkQuiet(world: World): Promise<void> {
  let differences: string[] = ['nothing was compared'];
  try {
    await world.speakers.settled();
    await until(
      'the collector agrees with the tally',
      async () => {
        if (world.hasDied) return true; // which is a failure already
        differences = await compare(world);
        return differences.length === 0;
      },
      { timeout: quietTimeout, every: 500 },
    );
  } catch (error) {
    const last = (error as Error).message.split('\n').slice(0, 3).join(' ');
    world.fail('status and metrics agree with the tally', `${differences.slice(0, 6).join('; ')} (${last})`);
  }
}

/** What differs between the collector's answers and what the speakers know they have sent. */
async function compare(world: World): Promise<string[]> {
  const { product } = world;
  const tally = await world.speakers.tally();
  if (tally.lost.length > 0)
    world.fail(
      'no session lost',
      `${tally.lost.slice(0, 4).join('; ')} (speakers at most ${Math.round(tally.lateMs)} ms late)`,
    );
  const status = (await product.get<{ data: Status }>('/api/v1/status')).data;
  const metrics = gauges((await world.request('GET', '/metrics')).text);
  const neighbors: Neighbor[] = [];
  for await (const neighbor of rows<Neighbor>(product, '/api/v1/neighbors', { limit: 1_000 })) neighbors.push(neighbor);
  const up = new Map(neighbors.filter(({ state }) => state === 'established').map((it) => [it.address, it]));

  const differences: string[] = [];
  const equal = (what: string, is: unknown, wanted: unknown): void => {
    if (is !== wanted) differences.push(`${what} is ${is}, not ${wanted}`);
  };
  equal('sessions of the tally', tally.established, tally.wanted);
  equal('status sessions.established', status.sessions.established, tally.established);
  equal('status rib.routes', status.rib.routes, tally.routes);
  equal('status rib.prefixes', status.rib.prefixes, tally.prefixes);
  equal('status watermark', status.watermark, status.seq);
  equal('status tablesSeq', status.tablesSeq, status.seq);
  equal('status degraded', status.degraded?.text ?? null, null);
  if (status.uptimeSeconds < 0) differences.push(`status uptimeSeconds is ${status.uptimeSeconds}`);
  equal('metric peerglass_routes', metrics.get('peerglass_routes'), tally.routes);
  equal('metric peerglass_prefixes', metrics.get('peerglass_prefixes'), tally.prefixes);
  const expected = sessionCount * serviceCount;
  for (const [verdict, count] of Object.entries(status.verdicts))
    equal(`verdicts ${verdict}`, count, verdict === 'ok' ? expected : 0);
  for (const [address, routes] of tally.neighbors) {
    const neighbor = up.get(address);
    if (!neighbor) differences.push(`${address} is not established in /neighbors`);
    else equal(`routes of ${address}`, neighbor.routes.ipv4 + neighbor.routes.ipv6, routes);
    if (neighbor?.routes.stale) differences.push(`${address} has ${neighbor.routes.stale} stale routes`);
    const labels = `peerglass_peer_prefixes{neighbor="${neighbor?.id}",peer="${address}",afi="ipv4"`;
    const gauge = [...metrics].find(([name]) => name.startsWith(labels));
    equal(`metric peer_prefixes of ${address}`, gauge?.[1], routes);
  }
  for (const { address } of neighbors)
    if (!address.startsWith('127.1.')) differences.push(`a stranger, ${address}, is among the neighbors`);
  return differences;
}

/** Samples of the exposition format, by name with its labels. */
function gauges(text: string): Map<string, number> {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

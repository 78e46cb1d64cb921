/** Peerglass as a user starts it, with everything on; expectations are off for the load, as the daemons have none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Status } from '../../src/api/schemas.ts';
import { until } from '../support/wait.ts';
import { paths } from './scenarios.ts';
import type { Run, Subject } from './subject.ts';

/** All routes answer from memory and every message behind them is committed with `synchronous=FULL`. */
export const inMemory = 'memory';
/** And `select * from received_routes` shows every one of them. */
export const inTables = 'tables';

const root = join(import.meta.dirname, '../..');

/** What is run to serve `config`. */
export const serve = (config: string): string[] => [
  process.execPath,
  '--max-semi-space-size=4',
  join(root, 'src/main.mjs'),
  'serve',
  '--config',
  config,
];

export const peerglass: Subject = {
  name: 'peerglass',
  label: 'Peerglass',
  points: [inMemory, inTables],
  pollFactor: 1,
  command(run) {
    const config = join(run.folder, 'peerglass.yaml');
    writeFileSync(
      config,
      `collector: bench
data: ${run.folder}/data
bgp:
  listen: ["127.0.0.1:${run.bgpPort}"]
  asn: 64512
  routerId: 127.0.0.1
  neighbors: [{ range: 127.0.0.0/8, asn: any }]
http: { listen: "127.0.0.1:${run.apiPort}" }
`,
    );
    return serve(config);
  },
  async ready(run) {
    await untilReady(run.apiPort);
  },
  async poll(run) {
    const { rib, seq, watermark, tablesSeq } = await status(run.apiPort);
    const reached: string[] = [];
    if (rib.routes >= paths(run.scenario)) {
      if (watermark >= seq) reached.push(inMemory);
      if (tablesSeq >= seq) reached.push(inTables);
    }
    return { routes: rib.routes, reached };
  },
  verify(run) {
    const rows = receivedRoutes(run);
    return rows === paths(run.scenario) ? null : `received_routes has ${rows} rows, not ${paths(run.scenario)}`;
  },
};

/** Resolves when /readyz says so. */
export async function untilReady(apiPort: number): Promise<void> {
  const ready = async () => (await fetch(`http://127.0.0.1:${apiPort}/readyz`)).ok;
  await until('Peerglass to be ready', ready, { timeout: 30_000, every: 100 });
}

async function status(apiPort: number): Promise<Status> {
  const response = await fetch(`http://127.0.0.1:${apiPort}/api/v1/status`);
  if (!response.ok) throw new Error(`/api/v1/status: ${response.status} ${await response.text()}`);
  const answer = (await response.json()) as { data: Status };
  return answer.data;
}

/** Rows of the view that a person reads, by a connection of our own. */
function receivedRoutes(run: Run): number {
  const database = new Database(join(run.folder, 'data/peerglass.db'), { readonly: true });
  try {
    return database.prepare('select count(*) from received_routes').pluck().get() as number;
  } finally {
    database.close();
  }
}

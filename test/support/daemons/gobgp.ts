/** A real gobgpd, steered by its own client. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, run, start } from '../processes.ts';
import { until } from '../wait.ts';

export interface GoBgp {
  /** `gobgp` with the words given, e.g. `global rib add 203.0.113.30/32 -a ipv4`. */
  command(words: string): Promise<string>;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  log(): string;
}

/** Starts gobgpd with `toml` as configuration and its API on 127.0.0.1:`apiPort`. */
export async function startGoBgp(toml: string, apiPort = 50051): Promise<GoBgp> {
  const directory = mkdtempSync(join(tmpdir(), 'gobgpd-'));
  const file = join(directory, 'gobgpd.toml');
  let child: Child;
  const gobgp = (words: string): Promise<string> =>
    run(['gobgp', '-u', '127.0.0.1', '-p', String(apiPort), ...words.split(' ')]);

  async function launch(): Promise<void> {
    child = start(['gobgpd', '-f', file, '-t', 'toml', '--api-hosts', `127.0.0.1:${apiPort}`, '--pprof-disable']);
    await until('gobgpd answers', () => gobgp('global'), { context: () => child.log() });
  }

  writeFileSync(file, toml);
  await launch();
  return {
    command: gobgp,
    kill: async () => void (await child.stop('SIGKILL')),
    start: launch,
    async stop() {
      await child.stop();
      rmSync(directory, { recursive: true, force: true });
    },
    log: () => child.log(),
  };
}

/** A real FRR bgpd in the place of a MetalLB speaker: started, reloaded and bounced as MetalLB's own containers are. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, run, start } from '../processes.ts';
import { until } from '../wait.ts';
import { frrConfig, type SpeakerOptions } from './frr-config.ts';

export interface Frr {
  /** What it was last told to be. */
  readonly options: SpeakerOptions;
  /** A new configuration by frr-reload.py, the difference only: the way MetalLB's reloader container does it. */
  reload(change: Partial<SpeakerOptions>): Promise<void>;
  /** Commands of configuration mode by vtysh, for faults that MetalLB would not make. */
  configure(...lines: string[]): Promise<void>;
  /** `clear bgp`: Cease / Administrative Reset to one neighbor. */
  clear(neighbor: string): Promise<void>;
  /** Answer of a show command. */
  show(command: string): Promise<string>;
  /** The session as FRR sees it. */
  session(
    neighbor: string,
  ): Promise<{ established: boolean /** Times that it was lost in this life of bgpd. */; drops: number }>;
  /** kill -9: nothing is said to the neighbors but FIN. */
  kill(): Promise<void>;
  /** Starts bgpd again with its present configuration, after `kill` or `stop`. */
  start(): Promise<void>;
  /** SIGTERM, then the files are removed. */
  stop(): Promise<void>;
  log(): string;
}

interface Shown {
  bgpState: string;
  connectionsDropped: number;
}

/**
 * Starts bgpd. `-Z`: without zebra, for routes are announced, never installed; `-p 0`: MetalLB's FRR does not listen.
 * FRR's bgpd is not the one on PATH: Debian's /usr/sbin/bgpd is OpenBGPD.
 */
export async function startFrr(initial: SpeakerOptions): Promise<Frr> {
  const directory = mkdtempSync(join(tmpdir(), `frr-${initial.hostname}-`));
  const file = join(directory, 'bgpd.conf');
  let options = initial;
  let child: Child;

  const vtysh = (...commands: string[]): Promise<string> =>
    run(['vtysh', '--vty_socket', directory, '-d', 'bgpd', ...commands.flatMap((command) => ['-c', command])]);

  async function launch(): Promise<void> {
    writeFileSync(file, frrConfig(options));
    child = start([
      '/usr/lib/frr/bgpd',
      '-Z',
      '-S',
      '-f',
      file,
      '-i',
      join(directory, 'bgpd.pid'),
      '--vty_socket',
      directory,
      '-P',
      '0',
      '-p',
      '0',
    ]);
    await until(`bgpd of ${options.hostname} answers`, () => vtysh('show version'), { context: () => child.log() });
  }

  mkdirSync(join(directory, 'run'));
  await launch();
  return {
    get options() {
      return options;
    },
    async reload(change) {
      options = { ...options, ...change };
      writeFileSync(file, frrConfig(options));
      const rundir = join(directory, 'run');
      await run([
        '/usr/lib/frr/frr-reload.py',
        '--reload',
        '--stdout',
        '--daemon',
        'bgpd',
        '--bindir',
        '/usr/bin',
        '--confdir',
        directory,
        '--rundir',
        rundir,
        '--vty_socket',
        directory,
        file,
      ]);
    },
    configure: async (...lines) => void (await vtysh('configure terminal', ...lines)),
    clear: async (neighbor) => void (await vtysh(`clear bgp ${neighbor}`)),
    show: (command) => vtysh(command),
    async session(neighbor) {
      const answer = JSON.parse(await vtysh(`show bgp neighbors ${neighbor} json`)) as Record<string, Shown>;
      const { bgpState, connectionsDropped } = answer[neighbor]!;
      return { established: bgpState === 'Established', drops: connectionsDropped };
    },
    kill: async () => void (await child.stop('SIGKILL')),
    start: launch,
    async stop() {
      await child.stop();
      rmSync(directory, { recursive: true, force: true });
    },
    log: () => child.log(),
  };
}

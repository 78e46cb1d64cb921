/**
 * The daemons, each tuned as one would for the job: passive, neighbors by range, no policy, nothing exported, no
 * kernel routes, no log of every route.
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths, peerAsn } from './scenarios.ts';
import { type Progress, type Run, type Subject, visible } from './subject.ts';

/** Milliseconds that a daemon gets after its start, before peers connect. */
const settle = 2000;
/** A daemon that is busy reading UPDATEs answers its query late. */
const answerWithin = 60_000;

const common = {
  points: [visible],
  pollFactor: 1,
  ready: () => sleep(settle),
};

export const bird: Subject = {
  ...common,
  name: 'bird',
  label: 'BIRD',
  package: 'bird2',
  command(run) {
    const config = write(
      run,
      'bird.conf',
      `
log "${run.folder}/bird.log" all;
router id 127.0.0.1;
protocol device { }
protocol bgp peers {
  local 127.0.0.1 port ${run.bgpPort} as 64512;
  neighbor range 127.0.0.0/8 as ${peerAsn(run.scenario)};
  multihop;
  passive;
  ipv4 { import all; export none; };
}
`,
    );
    return ['bird', '-f', '-c', config, '-s', birdSocket(run), '-P', join(run.folder, 'bird.pid')];
  },
  async poll(run) {
    // `show route count` would walk the table: polls were a third of BIRD's time. The protocols know how many they have.
    const answer = await ask('birdc', ['-s', birdSocket(run), 'show', 'protocols', 'all']);
    return progress(run, sum([...answer.matchAll(/Routes:\s+(\d+) imported/g)].map(([, count]) => Number(count))));
  },
};

export const frr: Subject = {
  ...common,
  name: 'frr',
  label: 'FRR',
  package: 'frr',
  needsRoot: true,
  command(run) {
    const multihop = run.scenario.mode === 'internet' ? ' neighbor pg ebgp-multihop 64\n' : '';
    const config = write(
      run,
      'frr.conf',
      `
router bgp 64512
 bgp router-id 127.0.0.1
 no bgp ebgp-requires-policy
 neighbor pg peer-group
 neighbor pg remote-as ${peerAsn(run.scenario)}
 neighbor pg passive
 neighbor pg disable-connected-check
${multihop} bgp listen limit 5000
 bgp listen range 127.0.0.0/8 peer-group pg
 address-family ipv4 unicast
  neighbor pg route-map NONE out
 exit-address-family
!
route-map NONE deny 10
!
`,
    );
    // Debian's /usr/sbin/bgpd is OpenBGPD. -Z: no zebra. Its log says one line per route for want of zebra: off.
    const program = ['/usr/lib/frr/bgpd', '-Z', '-S', '-n', '-f', config];
    const listen = ['-p', String(run.bgpPort), '-l', '127.0.0.1', '-A', '127.0.0.1', '-P', String(run.apiPort)];
    const files = ['--vty_socket', run.folder, '-i', join(run.folder, 'bgpd.pid')];
    return [...program, ...listen, ...files, '--log', `file:${run.folder}/bgpd.log`, '--log-level', 'emergencies'];
  },
  async poll(run) {
    const question = 'show bgp ipv4 unicast summary json';
    const answer = await ask('vtysh', ['--vty_socket', run.folder, '-d', 'bgpd', '-c', question]);
    const { peers = {} } = (json(answer) ?? {}) as { peers?: Record<string, { pfxRcd?: number }> };
    return progress(run, sum(Object.values(peers).map((peer) => peer.pfxRcd ?? 0)));
  },
};

export const openbgpd: Subject = {
  ...common,
  name: 'openbgpd',
  label: 'OpenBGPD',
  package: 'openbgpd',
  needsRoot: true,
  command(run) {
    mkdirSync('/run/openbgpd', { recursive: true }); // it changes its root there; only its service makes the folder
    const multihop = run.scenario.mode === 'internet' ? '    multihop 64\n' : '';
    const config = write(
      run,
      'bgpd.conf',
      `
AS 64512
router-id 127.0.0.1
listen on 127.0.0.1 port ${run.bgpPort}
socket "${openbgpdSocket(run)}"
fib-update no
group "g" {
  remote-as ${peerAsn(run.scenario)}
  neighbor 127.0.0.0/8 {
    passive
${multihop}  }
}
allow from any
deny to any
`,
    );
    chmodSync(config, 0o600); // refuses one that others may read
    return ['/usr/sbin/bgpd', '-d', '-f', config];
  },
  async poll(run) {
    const answer = await ask('bgpctl', ['-s', openbgpdSocket(run), 'show', 'summary']);
    const rows = answer.split('\n').slice(1);
    return progress(run, sum(rows.map((row) => Number(/\s(\d+)\s*$/.exec(row)?.[1] ?? 0))));
  },
};

export const gobgp: Subject = {
  ...common,
  name: 'gobgp',
  label: 'GoBGP',
  package: 'gobgpd',
  pollFactor: 8, // it copies its table to answer
  command(run) {
    const config = write(
      run,
      'gobgp.toml',
      `
[global.config]
  as = 64512
  router-id = "127.0.0.1"
  port = ${run.bgpPort}
  local-address-list = ["127.0.0.1"]
[global.apply-policy.config]
  default-export-policy = "reject-route"
[[peer-groups]]
  [peer-groups.config]
    peer-group-name = "pg"
    peer-as = ${peerAsn(run.scenario)}
  [peer-groups.transport.config]
    passive-mode = true
  [peer-groups.ebgp-multihop.config]
    enabled = true
    multihop-ttl = 64
  [[peer-groups.afi-safis]]
    [peer-groups.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
[[dynamic-neighbors]]
  [dynamic-neighbors.config]
    prefix = "127.0.0.0/8"
    peer-group = "pg"
`,
    );
    return ['gobgpd', '-f', config, '--api-hosts', `127.0.0.1:${run.apiPort}`, '--pprof-disable', '-l', 'warn'];
  },
  async poll(run) {
    const answer = json(
      await ask('gobgp', ['-u', '127.0.0.1', '-p', String(run.apiPort), 'global', 'rib', 'summary', '-j']),
    );
    const { num_path, numPath, NumPath } = ((answer as { Table?: object })?.Table ?? answer ?? {}) as Record<
      string,
      unknown
    >;
    return progress(run, Number(num_path ?? numPath ?? NumPath ?? 0));
  },
};

export const daemons: readonly Subject[] = [bird, frr, openbgpd, gobgp];

const birdSocket = (run: Run): string => join(run.folder, 'bird.ctl');
const openbgpdSocket = (run: Run): string => join(run.folder, 'bgpd.sock');

function progress(run: Run, routes: number): Progress {
  return { routes, reached: routes >= paths(run.scenario) ? [visible] : [] };
}

function write(run: Run, name: string, text: string): string {
  const file = join(run.folder, name);
  writeFileSync(file, text.trimStart());
  return file;
}

/** What a command prints; an error means that the daemon has no answer yet. */
function ask(command: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: answerWithin, maxBuffer: 64 << 20 }, (_error, stdout) => resolve(stdout));
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no answer yet
  }
}

const sum = (numbers: number[]): number => numbers.reduce((total, n) => total + n, 0);

/**
 * Brings what the system tests need from Debian: routing daemons as peers, Chromium as a reader of the page.
 * Quick when everything is there. The packages' services are kept from starting: the tests start their own.
 *
 *     node test/support/install.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

interface Tool {
  package: string;
  /** There when the package is installed. */
  file: string;
  /** systemd units that the package would start. */
  services: string[];
}

const tools: Tool[] = [
  { package: 'frr', file: '/usr/lib/frr/bgpd', services: ['frr'] },
  // frr-reload.py, which MetalLB's reloader runs
  { package: 'frr-pythontools', file: '/usr/lib/frr/frr-reload.py', services: [] },
  { package: 'bird2', file: '/usr/sbin/bird', services: ['bird'] },
  { package: 'gobgpd', file: '/usr/bin/gobgpd', services: ['gobgpd'] },
  { package: 'chromium', file: '/usr/bin/chromium', services: [] },
  { package: 'fonts-liberation', file: '/usr/share/fonts/truetype/liberation', services: [] },
  { package: 'iproute2', file: '/usr/sbin/ip', services: [] },
  { package: 'libcap2-bin', file: '/usr/sbin/setcap', services: [] },
  { package: 'util-linux', file: '/usr/bin/unshare', services: [] },
];

/** What is asked by invoke-rc.d before a package starts its service; exit 101 forbids it. */
const policy = '/usr/sbin/policy-rc.d';

function main(): number {
  const missing = tools.filter(({ file }) => !existsSync(file));
  if (missing.length === 0) return 0;
  const names = missing.map((tool) => tool.package);
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`The system tests need Debian packages that are not installed: ${names.join(' ')}`);
    console.error(`Install them (apt-get install ${names.join(' ')}) or run the tests as root on Debian.`);
    console.error('Without them, `npm run check` runs everything that needs no other program.');
    return 1;
  }
  console.log(`installing ${names.join(' ')}`);
  const guard = !existsSync(policy);
  if (guard) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update', '-q');
    apt('install', '-q', '-y', '--no-install-recommends', ...names);
  } finally {
    if (guard) rmSync(policy);
  }
  for (const service of missing.flatMap((tool) => tool.services))
    if (existsSync('/run/systemd/system')) spawnSync('systemctl', ['disable', '--now', service], { stdio: 'ignore' });
  const absent = missing.filter(({ file }) => !existsSync(file));
  for (const tool of absent) console.error(`${tool.package} is installed, but ${tool.file} is not there`);
  return absent.length === 0 ? 0 : 1;
}

/** @throws when apt-get fails: a test without its peer would prove nothing. */
function apt(...words: string[]): void {
  const { status } = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 15 * 60_000,
  });
  if (status !== 0) throw new Error(`apt-get ${words.join(' ')} failed (${status})`);
}

process.exitCode = main();

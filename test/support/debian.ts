/** Debian packages that tests and benchmarks need. Nothing that comes with them may start, now or at the next boot. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const services: Record<string, string> = { bird2: 'bird', frr: 'frr', openbgpd: 'openbgpd', gobgpd: 'gobgpd' };
const policy = '/usr/sbin/policy-rc.d';

/** The version of an installed Debian package, or null. */
export function packageVersion(name: string): string | null {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Version}', name], { encoding: 'utf8' });
  const [status, version] = (asked.stdout ?? '').split(' ');
  return status === 'installed' && version ? version : null;
}

/** Installs what is missing; throws with the command to run when not root. */
export function installPackages(names: readonly string[]): void {
  const missing = names.filter((name) => packageVersion(name) === null);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new Error(`missing; run as root: apt-get install ${missing.join(' ')}`);
  console.log(`installing ${missing.join(' ')}`);
  // invoke-rc.d asks this file whether a package may start its service; 101 = no.
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update', '-q');
    apt('install', '-y', '-q', '--no-install-recommends', ...missing);
  } finally {
    if (ours) rmSync(policy);
  }
  for (const name of missing) {
    const service = services[name];
    // No systemctl, or no systemd: then nothing starts it either.
    if (service) spawnSync('systemctl', ['disable', service], { stdio: 'ignore', timeout: 30_000 });
  }
}

function apt(...command: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...command], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 900_000,
  });
}

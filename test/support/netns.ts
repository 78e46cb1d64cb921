/**
 * A network of one's own: the test file's process leaves the host's network namespace, and everything it starts
 * afterwards lives in the new one. All ports are free, BGP may have 179, and the addresses of the manifests
 * (documentation prefixes) exist literally. The namespace ends with its last process: nothing to clean up.
 */
import { execFileSync } from 'node:child_process';
import koffi from 'koffi';

const CLONE_NEWNET = 0x40000000;
let entered = false;

/**
 * Enters the namespace (once per process) and gives its loopback interface `addresses`.
 * Sockets of this thread and child processes started from now on belong to it.
 * @throws when not root.
 */
export function ownNetwork(addresses: string[] = []): void {
  if (!entered) {
    if (process.getuid?.() !== 0) throw new Error('the system tests make network namespaces: run them as root');
    const libc = koffi.load(null);
    if (libc.func('int unshare(int flags)')(CLONE_NEWNET) !== 0)
      throw new Error(`unshare(CLONE_NEWNET): errno ${koffi.errno()}`);
    entered = true;
    ip('link', 'set', 'lo', 'up');
  }
  for (const address of addresses) {
    // nodad: a tentative IPv6 address cannot be bound to for a second
    if (address.includes(':')) ip('-6', 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
    else ip('address', 'add', `${address}/32`, 'dev', 'lo');
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 10_000 });
}

import { libc } from '../libc.ts';
import { disk } from '../metallb/objects/disk.ts';

/** Ends the process at once if a file system call hangs: a normal exit would wait for it. */
export function endIfHanging(code: number): void {
  if (disk.isHanging) libc?.exit(code);
}

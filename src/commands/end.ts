import { libc } from '../libc.ts';
import { disk } from '../metallb/objects/disk.ts';

/** Ends the process where its usual end would wait for a file system that does not answer. */
export function endIfHanging(code: number): void {
  if (disk.isHanging) libc?.exit(code);
}

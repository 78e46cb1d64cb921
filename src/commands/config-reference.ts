import { configReference } from '../config/reference.ts';

/** `peerglass config reference`. */
export function printReference(): void {
  process.stdout.write(configReference());
}
